import { useTranslation } from 'react-i18next'
import { type TrunkQuirk, trunkQuirks } from '../../../shared/model/trunk-quirks.ts'
import { Choice } from './form-fields.tsx'

interface QuirkChoicesProps {
  readonly chosen: readonly TrunkQuirk[]
  readonly onChange: (chosen: readonly TrunkQuirk[]) => void
}

/** Departures from the standards that this account is to put up with. None of them gives encryption away. */
export function QuirkChoices({ chosen, onChange }: QuirkChoicesProps) {
  const { t } = useTranslation()
  const toggled = (quirk: TrunkQuirk, on: boolean) =>
    trunkQuirks.filter((known) => (known === quirk ? on : chosen.includes(known)))
  return (
    <fieldset className="flex flex-col gap-2">
      <legend className="mb-1 text-sm font-medium">{t('form.quirks')}</legend>
      {trunkQuirks.map((quirk) => (
        <Choice
          key={quirk}
          type="checkbox"
          data-testid={`account-quirk-${quirk}`}
          label={t(`form.quirk.${quirk}.label`)}
          explain={t(`form.quirk.${quirk}.explain`)}
          checked={chosen.includes(quirk)}
          onChange={(event) => onChange(toggled(quirk, event.target.checked))}
        />
      ))}
    </fieldset>
  )
}
