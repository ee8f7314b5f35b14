import type { TFunction } from 'i18next'
import { useTranslation } from 'react-i18next'
import type { AccountTransport, DtmfMode } from '../../../shared/model/account.ts'
import { type TrunkPresetId, trunkPresets } from '../../../shared/model/trunk-presets.ts'
import { type AccountDraft, canExposeKeys, defaultPort, type MediaKeys } from '../state/account-draft.ts'
import { Disclosure } from './disclosure.tsx'
import { Choice, SelectField, TextField } from './form-fields.tsx'
import { QuirkChoices } from './quirk-choices.tsx'
import { SuiteChoices } from './suite-choices.tsx'
import { TrustFields } from './trust-fields.tsx'
import type { AccountFormState } from './use-account-draft.ts'

const transports: readonly AccountTransport[] = ['tls', 'tcp', 'udp']
const mediaKeys: readonly MediaKeys[] = ['sdes', 'dtls']
const dtmfModes: readonly DtmfMode[] = ['rfc4733', 'info']

/** What most people never touch: how the server is reached, and what is peculiar to it. */
export function AdvancedFields({ form }: { readonly form: AccountFormState }) {
  const { t } = useTranslation()
  const { draft, change, text, stored } = form
  return (
    <Disclosure title={t('form.advanced')} {...form.part('advanced')}>
      <div className="flex flex-col gap-4 pt-2">
        {stored ? (
          <SelectField
            label={t('form.provider')}
            data-testid="account-preset"
            value={draft.preset}
            onChange={(event) => form.change({ preset: event.target.value as TrunkPresetId })}
            options={Object.values(trunkPresets).map(({ id, label }) => ({
              value: id,
              label: id === 'generic' ? t('form.otherProvider') : label,
            }))}
          />
        ) : null}
        <TextField label={t('form.server')} hint={t('form.serverHint')} {...text('server')} />
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
        <TextField label={t('form.authUsername')} placeholder={draft.username || undefined} {...text('authUsername')} />
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
        <SuiteChoices form={form} />
        <QuirkChoices chosen={draft.quirks} onChange={(quirks) => change({ quirks })} />
      </div>
    </Disclosure>
  )
}

/** What becomes of calls on this account without TLS. */
function exposedHint(draft: AccountDraft, t: TFunction): string | undefined {
  if (!canExposeKeys(draft) || draft.allowExposedKeys) return undefined
  return draft.encryption === 'required' ? t('form.exposed') : t('form.exposedPreferred')
}
