import { ChevronRight, Save } from 'lucide-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Button } from './controls.tsx'
import { downloadMade } from './download.ts'
import { PageFrame } from './page-frame.tsx'
import { useController, useWindow } from './use-controller.ts'

const inside = ['sip', 'media', 'events', 'settings', 'log'] as const
const outside = ['secrets', 'sound', 'people'] as const

/** A file for whoever helps, what is in it and what is not; and the SIP messages of each account. */
export function SupportPage() {
  const { t } = useTranslation()
  const controller = useController()
  const accounts = useWindow((state) => state.app?.accounts ?? [])
  const [saved, setSaved] = useState<'no' | 'saving' | 'saved' | 'failed'>('no')
  const save = async () => {
    setSaved('saving')
    const file = await controller.support.supportFile()
    if (file) downloadMade(file)
    setSaved(file ? 'saved' : 'failed')
  }
  return (
    <PageFrame title={t('settings.support.title')} onBack={() => controller.goTo({ name: 'settings' })}>
      <div className="flex min-h-0 flex-1 flex-col gap-4 overflow-y-auto p-4">
        <section
          aria-labelledby="support-file"
          className="flex flex-col gap-3 rounded-xl border border-line bg-surface p-4"
        >
          <h2 id="support-file" className="font-semibold">
            {t('support.file')}
          </h2>
          <p className="text-sm">{t('support.explain')}</p>
          <Button icon={Save} data-testid="support-save" disabled={saved === 'saving'} onClick={() => void save()}>
            {t('support.save')}
          </Button>
          <p role="status" data-testid="support-status" className="text-sm text-quiet empty:hidden">
            {saved === 'saved' ? t('support.saved') : saved === 'failed' ? t('support.failed') : ''}
          </p>
          <Points title={t('support.inside')} points={inside.map((part) => t(`support.part.${part}`))} />
          <Points title={t('support.outside')} points={outside.map((part) => t(`support.part.${part}`))} />
          <p className="text-sm text-unproven">{t('support.numbers')}</p>
        </section>
        <section aria-labelledby="support-trace" className="flex flex-col gap-2">
          <h2 id="support-trace" className="font-semibold">
            {t('support.trace')}
          </h2>
          <ul className="flex flex-col gap-2">
            {accounts.map(({ settings: { id, label } }) => (
              <li key={id}>
                <button
                  type="button"
                  data-testid="support-account"
                  onClick={() =>
                    controller.goTo({ name: 'trace', scope: { accountId: id }, of: label, back: { name: 'support' } })
                  }
                  className="flex min-h-11 w-full items-center gap-3 rounded-xl border border-line bg-surface p-3 text-left transition-colors hover:bg-raised"
                >
                  <span className="min-w-0 flex-1 truncate">{label}</span>
                  <ChevronRight aria-hidden="true" size={20} className="shrink-0 text-quiet" />
                </button>
              </li>
            ))}
          </ul>
        </section>
      </div>
    </PageFrame>
  )
}

function Points({ title, points }: { readonly title: string; readonly points: readonly string[] }) {
  return (
    <div className="text-sm">
      <p className="font-medium">{title}</p>
      <ul className="mt-1 list-disc pl-5">
        {points.map((point) => (
          <li key={point}>{point}</li>
        ))}
      </ul>
    </div>
  )
}
