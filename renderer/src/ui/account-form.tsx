import type { TFunction } from 'i18next'
import { ArrowLeft } from 'lucide-react'
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { ErrorCode } from '../../../shared/errors.ts'
import type { AccountSettings, AccountTransport, DtmfMode } from '../../../shared/model/account.ts'
import type { EncryptionPolicy } from '../../../shared/model/media.ts'
import { type TrunkPresetId, trunkPresets } from '../../../shared/model/trunk-presets.ts'
import {
  type AccountDraft,
  canExposeKeys,
  type DraftField,
  defaultPort,
  draftFromPreset,
  draftFromSettings,
  type MediaKeys,
  readDraft,
  type TextDraftField,
  trustFields,
} from '../state/account-draft.ts'
import { accountOf } from '../state/selectors.ts'
import { errorWords } from '../text/error-words.ts'
import { Button, IconButton } from './controls.tsx'
import { Disclosure } from './disclosure.tsx'
import { Choice, SelectField, TextField } from './form-fields.tsx'
import { ForwardingFields } from './forwarding-fields.tsx'
import { PasswordStorage } from './password-storage.tsx'
import { QuirkChoices } from './quirk-choices.tsx'
import { RemoveAccount } from './remove-account.tsx'
import { TrustFields } from './trust-fields.tsx'
import { useController, useWindow } from './use-controller.ts'

const policies: readonly EncryptionPolicy[] = ['required', 'preferred', 'off']
const transports: readonly AccountTransport[] = ['tls', 'tcp', 'udp']
const mediaKeys: readonly MediaKeys[] = ['sdes', 'dtls']
const dtmfModes: readonly DtmfMode[] = ['rfc4733', 'info']
const advancedFields: readonly DraftField[] = ['server', 'port', 'stunServer', ...trustFields]

/** Adds an account, or edits the one named. Provider first; what most people never touch is under Advanced. */
export function AccountForm({ accountId }: { readonly accountId?: string }) {
  const stored = useWindow((state) => (accountId ? accountOf(state, accountId)?.settings : undefined))
  const { t } = useTranslation()
  const controller = useController()
  const form = useAccountDraft(stored)
  const { draft, change, error } = form
  const preset = trunkPresets[draft.preset]
  const text = (field: TextDraftField) => ({
    'data-testid': `account-${field}`,
    value: draft[field],
    error: form.invalid.has(field) ? t(`form.invalid.${field}`) : undefined,
    onChange: (event: { target: { value: string } }) => change({ [field]: event.target.value }),
  })
  return (
    <form
      aria-labelledby="account-form-title"
      noValidate
      className="flex min-h-0 flex-1 flex-col"
      onSubmit={(event) => void form.submit(event)}
    >
      <div className="flex items-center gap-1 p-2 pb-0">
        <IconButton
          icon={ArrowLeft}
          label={t('account.backToList')}
          onClick={() => controller.goTo({ name: 'accounts' })}
        />
        <h1 id="account-form-title" className="text-lg font-semibold">
          {stored ? t('form.editTitle') : t('form.addTitle')}
        </h1>
      </div>
      <div className="flex min-h-0 flex-1 flex-col gap-4 overflow-y-auto p-4">
        {stored ? null : (
          <SelectField
            label={t('form.provider')}
            data-testid="account-preset"
            value={draft.preset}
            onChange={(event) => form.choosePreset(event.target.value as TrunkPresetId)}
            options={Object.values(trunkPresets).map(({ id, label }) => ({
              value: id,
              label: id === 'generic' ? t('form.otherProvider') : label,
            }))}
          />
        )}
        <TextField label={t('form.domain')} placeholder={preset.domainPlaceholder} {...text('domain')} />
        <TextField label={t('form.username')} {...text('username')} />
        <TextField
          label={t('form.password')}
          type="password"
          placeholder={stored ? t('form.passwordKept') : undefined}
          {...text('password')}
          autoComplete="new-password"
        />
        <TextField label={t('form.label')} placeholder={draft.domain || undefined} {...text('label')} />
        <Choice
          type="checkbox"
          data-testid="account-register"
          label={t('form.register')}
          explain={draft.register ? t('form.registerOn') : t('form.registerOff')}
          checked={draft.register}
          onChange={(event) => change({ register: event.target.checked })}
        />
        <fieldset data-testid="account-encryption" className="flex flex-col gap-2">
          <legend className="mb-1 text-sm font-medium">{t('form.encryption')}</legend>
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
        </fieldset>
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
        <ForwardingFields
          draft={draft.forwarding}
          invalid={form.invalid}
          onChange={(forwarding) => change({ forwarding })}
        />
        <Disclosure
          title={t('form.advanced')}
          data-testid="account-advanced"
          open={form.advancedOpen}
          onToggle={(event) => form.setAdvancedOpen(event.currentTarget.open)}
        >
          <div className="flex flex-col gap-4 pt-2">
            <TextField label={t('form.server')} {...text('server')} />
            <SelectField
              label={t('form.transport')}
              data-testid="account-transport"
              value={draft.transport}
              onChange={(event) => change({ transport: event.target.value as AccountTransport })}
              options={transports.map((value) => ({ value, label: t(`form.transportName.${value}`) }))}
              hint={exposedHint(draft, t)}
            />
            <SelectField
              label={t('form.mediaKeys')}
              data-testid="account-media-keys"
              value={draft.mediaKeys}
              onChange={(event) => change({ mediaKeys: event.target.value as MediaKeys })}
              options={mediaKeys.map((value) => ({ value, label: t(`form.mediaKeysName.${value}`) }))}
            />
            {canExposeKeys(draft) ? (
              <Choice
                type="checkbox"
                data-testid="account-allow-exposed"
                label={t('form.allowExposed')}
                explain={t('form.allowExposedExplain')}
                checked={draft.allowExposedKeys}
                onChange={(event) => change({ allowExposedKeys: event.target.checked })}
              />
            ) : null}
            <TextField
              label={t('form.port')}
              inputMode="numeric"
              placeholder={String(defaultPort(draft.transport))}
              {...text('port')}
            />
            {draft.transport === 'tls' ? (
              <TrustFields draft={draft} stored={stored} invalid={form.invalid} onChange={change} />
            ) : null}
            <TextField label={t('form.stun')} hint={t('form.stunHint')} {...text('stunServer')} />
            {draft.encryption === 'required' ? null : (
              <Choice
                type="checkbox"
                data-testid="account-first-source"
                label={t('form.firstSource')}
                explain={t('form.firstSourceExplain')}
                checked={draft.takesFirstSource}
                onChange={(event) => change({ takesFirstSource: event.target.checked })}
              />
            )}
            <SelectField
              label={t('form.dtmf')}
              data-testid="account-dtmf"
              value={draft.dtmf}
              onChange={(event) => change({ dtmf: event.target.value as DtmfMode })}
              options={dtmfModes.map((value) => ({ value, label: t(`form.dtmfMode.${value}`) }))}
              hint={t('form.dtmfHint')}
            />
            <QuirkChoices chosen={draft.quirks} onChange={(quirks) => change({ quirks })} />
          </div>
        </Disclosure>
        {stored ? <RemoveAccount settings={stored} /> : null}
      </div>
      {error ? (
        <p role="alert" data-testid="form-error" data-code={error} className="px-4 pt-2 text-sm text-unproven">
          {t(`${errorWords[error]}.what`, { server: draft.domain, domain: draft.domain, trunk: draft.label })}
        </p>
      ) : null}
      {error === 'account/password-storage' ? <PasswordStorage /> : null}
      <div className="p-4 pt-2">
        <Button kind="call" type="submit" data-testid="account-save" disabled={form.saving} className="w-full">
          {form.saving ? t('form.saving') : t('form.save')}
        </Button>
      </div>
    </form>
  )
}

/** What becomes of calls on this account without TLS. */
function exposedHint(draft: AccountDraft, t: TFunction): string | undefined {
  if (!canExposeKeys(draft) || draft.allowExposedKeys) return undefined
  return draft.encryption === 'required' ? t('form.exposed') : t('form.exposedPreferred')
}

function useAccountDraft(stored: AccountSettings | undefined) {
  const controller = useController()
  const [draft, setDraft] = useState<AccountDraft>(() =>
    stored ? draftFromSettings(stored) : draftFromPreset(trunkPresets.generic),
  )
  const [invalid, setInvalid] = useState<ReadonlySet<string>>(new Set())
  const [error, setError] = useState<ErrorCode>()
  const [saving, setSaving] = useState(false)
  const [advancedOpen, setAdvancedOpen] = useState(false)

  return {
    draft,
    invalid,
    error,
    saving,
    advancedOpen,
    setAdvancedOpen,
    change: (changed: Partial<AccountDraft>) => setDraft((before) => ({ ...before, ...changed })),
    /** What was typed stays; only what the provider decides is set anew. */
    choosePreset(id: TrunkPresetId) {
      const { preset, port, transport, register, encryption } = draftFromPreset(trunkPresets[id])
      setDraft((before) => ({ ...before, preset, port, transport, register, encryption }))
    },
    async submit(event: FormEvent) {
      event.preventDefault()
      const id = stored?.id ?? crypto.randomUUID()
      const read = readDraft(draft, id, stored)
      setInvalid(read.ok ? new Set() : read.invalid)
      if (!read.ok) {
        if (advancedFields.some((field) => read.invalid.has(field))) setAdvancedOpen(true)
        return
      }
      setSaving(true)
      const result = await controller.saveAccount(read.settings, read.secrets)
      setSaving(false)
      setError(result.ok ? undefined : result.error.code)
      if (!result.ok) return
      controller.chooseAccount(id)
      controller.goTo({ name: 'phone' })
    },
  }
}
