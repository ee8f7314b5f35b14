import { ChevronRight, PhoneIncoming, PhoneOutgoing } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import { type TrunkPresetId, trunkPresets } from '../../../shared/model/trunk-presets.ts'

/** First of all, whose trunk it is: that settles everything but three fields. */
export function ProviderChoice({ onChoose }: { readonly onChoose: (id: TrunkPresetId) => void }) {
  const { t } = useTranslation()
  return (
    <div className="flex min-h-0 flex-1 flex-col gap-3 overflow-y-auto p-4 pt-2">
      <p className="text-quiet">{t('form.providerQuestion')}</p>
      <ul className="shrink-0 divide-y divide-line overflow-hidden rounded-xl border border-line bg-surface">
        {Object.values(trunkPresets).map(({ id, label, register }) => (
          <li key={id}>
            <button
              type="button"
              data-testid={`provider-${id}`}
              onClick={() => onChoose(id)}
              className="flex min-h-16 w-full items-center gap-3 px-3 py-2 text-left -outline-offset-2 transition-colors hover:bg-raised"
            >
              <span className="min-w-0 flex-1">
                <span className="block font-medium">{id === 'generic' ? t('form.otherProvider') : label}</span>
                <span className="flex items-center gap-1.5 text-sm text-quiet">
                  <Direction incoming={register} />
                  {register ? t('form.bothWays') : t('form.outOnly')}
                </span>
              </span>
              <ChevronRight aria-hidden="true" size={20} className="shrink-0 text-quiet" />
            </button>
          </li>
        ))}
      </ul>
    </div>
  )
}

function Direction({ incoming }: { readonly incoming: boolean }) {
  const Icon = incoming ? PhoneIncoming : PhoneOutgoing
  return <Icon aria-hidden="true" size={14} className="shrink-0" />
}
