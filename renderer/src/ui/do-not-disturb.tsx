import { useTranslation } from 'react-i18next'
import { undisturbedAnswers } from '../../../shared/model/settings.ts'
import { Choice, SelectField } from './form-fields.tsx'
import { useController, useWindow } from './use-controller.ts'

/** Whether it may ring, and what callers hear when it may not. */
export function DoNotDisturb() {
  const { t } = useTranslation()
  const controller = useController()
  const { on, answer } = useWindow((state) => ({
    on: state.app?.settings?.doNotDisturb ?? false,
    answer: state.app?.settings?.undisturbedAnswer ?? 'busy',
  }))
  return (
    <div className="flex flex-col gap-3 px-4 pt-4">
      <Choice
        type="checkbox"
        data-testid="do-not-disturb"
        label={t('undisturbed.title')}
        explain={t('undisturbed.explain')}
        checked={on}
        onChange={(event) => void controller.saveSettings({ doNotDisturb: event.target.checked })}
      />
      {on ? (
        <SelectField
          label={t('undisturbed.callers')}
          data-testid="undisturbed-answer"
          value={answer}
          onChange={({ target }) => {
            const chosen = undisturbedAnswers.find((one) => one === target.value)
            if (chosen) void controller.saveSettings({ undisturbedAnswer: chosen })
          }}
          options={undisturbedAnswers.map((value) => ({ value, label: t(`undisturbed.answer.${value}`) }))}
        />
      ) : null}
    </div>
  )
}
