import { useTranslation } from 'react-i18next'
import { defaultOfferedSuites } from '../../../shared/model/crypto-suites.ts'
import { type CryptoSuite, cryptoSuites } from '../../../shared/model/media.ts'
import { suiteNames } from '../text/security-words.ts'
import { Choice } from './form-fields.tsx'
import type { AccountFormState } from './use-account-draft.ts'

/** The ciphers of an account, for a trunk that stumbles over a longer list than it knows. */
export function SuiteChoices({ form }: { readonly form: AccountFormState }) {
  const { t } = useTranslation()
  const { draft, change, invalid } = form
  const { suites } = draft
  const toggled = (suite: CryptoSuite, on: boolean) =>
    cryptoSuites.filter((known) => (known === suite ? on : suites?.includes(known)))
  return (
    <fieldset className="flex flex-col gap-2">
      <legend className="mb-1 text-sm font-medium">{t('form.suites')}</legend>
      <Choice
        type="checkbox"
        data-testid="account-suites"
        label={t('form.suitesOwn')}
        explain={t('form.suitesExplain')}
        checked={suites !== undefined}
        aria-invalid={invalid.has('suites')}
        onChange={(event) => change({ suites: event.target.checked ? defaultOfferedSuites : undefined })}
      />
      {suites === undefined ? null : (
        <ul className="divide-y divide-line rounded-lg border border-line bg-surface">
          {cryptoSuites.map((suite) => (
            <li key={suite}>
              <label className="flex min-h-11 items-center gap-3 px-3 text-sm">
                <input
                  type="checkbox"
                  data-testid={`account-suite-${suite}`}
                  className="size-5 shrink-0 accent-accent"
                  checked={suites.includes(suite)}
                  onChange={(event) => change({ suites: toggled(suite, event.target.checked) })}
                />
                {suiteNames[suite]}
              </label>
            </li>
          ))}
        </ul>
      )}
      {invalid.has('suites') ? (
        <p role="alert" className="text-sm text-unproven">
          {t('form.invalid.suites')}
        </p>
      ) : null}
    </fieldset>
  )
}
