import { useTranslation } from 'react-i18next'
import type { AccountSettings } from '../../../shared/model/account.ts'
import { pinFor } from '../../../shared/model/certificate.ts'
import type { AccountDraft } from '../state/account-draft.ts'
import { formatMoment } from '../text/format.ts'
import { Fingerprint } from './certificate-page.tsx'
import { Button } from './controls.tsx'
import { Choice, TextAreaField, TextField } from './form-fields.tsx'
import { useController } from './use-controller.ts'

interface TrustFieldsProps {
  readonly draft: AccountDraft
  readonly stored: AccountSettings | undefined
  readonly invalid: ReadonlySet<string>
  readonly onChange: (changed: Partial<AccountDraft>) => void
}

/** Whose certificates count for an account's server, and what this phone proves itself with. */
export function TrustFields({ draft, stored, invalid, onChange }: TrustFieldsProps) {
  const { t } = useTranslation()
  const error = (field: 'caPem' | 'clientCertPem' | 'clientKeyPem') =>
    invalid.has(field) ? t(`form.invalid.${field}`) : undefined
  return (
    <>
      <TextAreaField
        label={t('form.ca')}
        hint={t('form.caHint')}
        data-testid="account-ca"
        value={draft.caPem}
        error={error('caPem')}
        onChange={(event) => onChange({ caPem: event.target.value })}
      />
      <Choice
        type="checkbox"
        data-testid="account-wildcards"
        label={t('form.wildcards')}
        explain={t('form.wildcardsExplain', { name: draft.domain.trim() || t('form.wildcardsExample') })}
        checked={draft.acceptsWildcards}
        onChange={(event) => onChange({ acceptsWildcards: event.target.checked })}
      />
      <Pinned stored={stored} />
      <TextAreaField
        label={t('form.clientCert')}
        hint={t('form.clientCertHint')}
        data-testid="account-client-cert"
        value={draft.clientCertPem}
        error={error('clientCertPem')}
        onChange={(event) => onChange({ clientCertPem: event.target.value })}
      />
      {draft.clientCertPem.trim() === '' ? null : (
        <>
          <TextAreaField
            label={t('form.clientKey')}
            hint={t('form.clientKeyHint')}
            placeholder={stored?.clientCertPem ? t('form.passwordKept') : undefined}
            data-testid="account-client-key"
            value={draft.clientKeyPem}
            error={error('clientKeyPem')}
            onChange={(event) => onChange({ clientKeyPem: event.target.value })}
          />
          <TextField
            label={t('form.clientKeyPassphrase')}
            type="password"
            autoComplete="off"
            data-testid="account-client-key-passphrase"
            value={draft.clientKeyPassphrase}
            onChange={(event) => onChange({ clientKeyPassphrase: event.target.value })}
          />
        </>
      )}
    </>
  )
}

/** The certificate that the user has trusted by hand, and the way to take that back. */
function Pinned({ stored }: { readonly stored: AccountSettings | undefined }) {
  const { t } = useTranslation()
  const controller = useController()
  const pin = stored && pinFor(stored)
  if (!pin) return null
  return (
    <fieldset data-testid="account-pin" className="flex flex-col gap-2 rounded-lg border border-line bg-surface p-3">
      <legend className="text-sm font-medium">{t('form.pinned')}</legend>
      <Fingerprint label={t('certificate.trustedOn', { when: formatMoment(pin.trustedAt) })} sha256={pin.sha256} />
      <p className="text-sm text-quiet">{t('form.pinnedExplain')}</p>
      <Button data-testid="account-unpin" onClick={() => void controller.accounts.forgetCertificate(stored.id)}>
        {t('form.unpin')}
      </Button>
    </fieldset>
  )
}
