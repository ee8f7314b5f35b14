import { useTranslation } from 'react-i18next'
import type { EncryptionPolicy } from '../../../shared/model/media.ts'
import { Disclosure } from './disclosure.tsx'
import { Choice } from './form-fields.tsx'
import type { AccountFormState } from './use-account-draft.ts'

const policies: readonly EncryptionPolicy[] = ['required', 'preferred', 'off']

/** What is to become of a call that the trunk will not encrypt; closed, it says what is chosen. */
export function EncryptionChoice({ form }: { readonly form: AccountFormState }) {
  const { t } = useTranslation()
  const { draft, change, stored } = form
  return (
    <Disclosure
      title={t('form.encryptionIs', { policy: t(`form.policy.${draft.encryption}`) })}
      {...form.part('encryption')}
    >
      <fieldset className="flex flex-col gap-2 pt-2">
        <legend className="sr-only">{t('form.encryption')}</legend>
        {policies.map((policy) => (
          <Choice
            key={policy}
            type="radio"
            name="encryption"
            data-testid={`account-encryption-${policy}`}
            value={policy}
            label={t(`form.policy.${policy}`)}
            explain={t(`form.policyExplain.${policy}`)}
            checked={draft.encryption === policy}
            onChange={() => change({ encryption: policy })}
          />
        ))}
        {stored?.clearAllowed && draft.encryption === 'preferred' ? (
          <Choice
            type="checkbox"
            data-testid="account-clear-allowed"
            label={t('form.clearAllowed')}
            explain={t('form.clearAllowedExplain')}
            checked={draft.clearAllowed}
            onChange={(event) => change({ clearAllowed: event.target.checked })}
          />
        ) : null}
      </fieldset>
    </Disclosure>
  )
}
