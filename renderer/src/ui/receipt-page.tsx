import { Download, Phone, Trash2, UserRoundPlus } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import type { HistoryEntry } from '../../../shared/model/history.ts'
import { contactOfNumber } from '../people/contact-index.ts'
import { accountForRedial } from '../state/selectors.ts'
import { isWithheld } from '../text/call-words.ts'
import { formatDuration, formatMoment } from '../text/format.ts'
import { receiptFile } from '../text/receipt.ts'
import { Button } from './controls.tsx'
import { download } from './download.ts'
import { FactList } from './fact-list.tsx'
import { PageFrame } from './page-frame.tsx'
import { QualityReceipt } from './quality-bar.tsx'
import { courseOf } from './recent-row.tsx'
import { SecurityEvents } from './security-events.tsx'
import { securityLooks } from './security-level.tsx'
import { HopPair } from './security-panel.tsx'
import { TraceButton } from './trace-button.tsx'
import { useController, useWindow } from './use-controller.ts'
import { useEndWords } from './use-end-words.ts'
import { useName, usePerson } from './use-person.ts'

/** Everything that was kept of a call: how it went, and how each hop was encrypted. It can be saved as a file. */
export function ReceiptPage({ entry }: { readonly entry: HistoryEntry }) {
  const { t } = useTranslation()
  const controller = useController()
  const { number } = usePerson(entry.remote)
  const name = useName(entry.remote)
  const words = useEndWords(entry)
  const { account, known } = useWindow((state) => ({
    account: accountForRedial(state, entry.accountId),
    known: contactOfNumber(state.contacts, entry.remote.user) !== undefined,
  }))
  const { user, displayName } = entry.remote
  const withheld = isWithheld(entry.remote)
  const remove = async () => {
    if (await controller.history.remove(entry.id)) controller.goTo({ name: 'recents' })
  }
  return (
    <PageFrame title={name} onBack={() => controller.goTo({ name: 'recents' })}>
      <div className="flex min-h-0 flex-1 flex-col gap-4 overflow-y-auto p-4">
        <p className="text-quiet">{[t(`history.course.${courseOf(entry)}`), number].filter(Boolean).join(' · ')}</p>
        <div className="grid grid-cols-2 gap-2">
          <Button
            kind="call"
            icon={Phone}
            disabled={!account || withheld}
            onClick={() => account && controller.placeCall(account, user)}
          >
            {t('call.callAgain')}
          </Button>
          {known || withheld ? null : (
            <Button
              icon={UserRoundPlus}
              onClick={() =>
                controller.goTo({
                  name: 'edit-contact',
                  number: user,
                  ...(displayName ? { suggested: displayName } : {}),
                })
              }
            >
              {t('contacts.add')}
            </Button>
          )}
        </div>
        <Facts entry={entry} />
        <div className="rounded-xl border border-line bg-surface p-4">
          <p className="font-medium">{words?.what}</p>
          {words?.advice ? <p className="mt-1 text-sm text-quiet">{words.advice}</p> : null}
        </div>
        {entry.hops.length > 0 ? <Encryption entry={entry} /> : null}
        <div className="flex flex-col gap-2">
          <Button icon={Download} data-testid="receipt-export" onClick={() => download(receiptFile(entry))}>
            {t('history.export')}
          </Button>
          <TraceButton call={entry} of={name} back={{ name: 'receipt', entry }} />
          <Button icon={Trash2} data-testid="receipt-delete" onClick={() => void remove()}>
            {t('history.delete')}
          </Button>
        </div>
      </div>
    </PageFrame>
  )
}

function Facts({ entry }: { readonly entry: HistoryEntry }) {
  const { t } = useTranslation()
  const { startedAt, answeredAt, endedAt, end } = entry
  const rows = [
    { name: t('history.began'), value: formatMoment(startedAt) },
    {
      name: t('call.detail.duration'),
      value: answeredAt === undefined ? undefined : formatDuration(endedAt - answeredAt),
    },
    { name: t('call.detail.account'), value: entry.accountLabel },
    { name: t('history.policy'), value: t(`form.policy.${entry.policy}`) },
    { name: t('call.detail.code'), value: end.code },
    { name: t('call.detail.sip'), value: end.sipStatus?.toString() },
    { name: t('call.detail.said'), value: end.details },
  ].filter((row) => row.value)
  return <FactList facts={rows} />
}

function Encryption({ entry }: { readonly entry: HistoryEntry }) {
  const { t } = useTranslation()
  const { icon: Icon, text, box } = securityLooks[entry.security]
  const ends = useWindow((state) => ({
    trunk: entry.accountLabel,
    target:
      entry.forwardedTo && (labelOf(state.app?.accounts, entry.forwardedTo.accountId) ?? entry.forwardedTo.domain),
  }))
  return (
    <>
      <section aria-label={t('security.region')} className="flex flex-col gap-4">
        <p className={`flex min-h-11 items-center gap-3 rounded-xl border px-4 font-semibold ${box} ${text}`}>
          <Icon aria-hidden="true" size={20} strokeWidth={2.25} className="shrink-0" />
          {t(`security.${entry.security}`)}
        </p>
        <HopPair call={entry} ends={ends} />
        <SecurityEvents call={entry} ends={ends} />
        <p className="text-sm text-quiet">{t('security.beyond')}</p>
      </section>
      <QualityReceipt call={entry} ends={ends} />
    </>
  )
}

const labelOf = (
  accounts: readonly { readonly settings: { readonly id: string; readonly label: string } }[] | undefined,
  id: string,
) => accounts?.find(({ settings }) => settings.id === id)?.settings.label
