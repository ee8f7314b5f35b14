import { useTranslation } from 'react-i18next'
import { languageNames } from '../../../shared/language.ts'
import { type LanguageChoice, languages } from '../../../shared/model/settings.ts'
import { SelectField } from './form-fields.tsx'
import { useController, useWindow } from './use-controller.ts'

export function LanguageField() {
  const { t } = useTranslation()
  const controller = useController()
  const choice = useWindow((state) => state.app?.settings?.language ?? 'system')
  return (
    <div className="px-4 pb-4">
      <SelectField
        label={t('settings.language')}
        data-testid="language"
        value={choice}
        onChange={({ target }) => void controller.saveSettings({ language: target.value as LanguageChoice })}
        options={[
          { value: 'system', label: t('settings.languageSystem') },
          ...languages.map((language) => ({ value: language, label: languageNames[language] })),
        ]}
      />
    </div>
  )
}
