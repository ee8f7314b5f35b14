import { Stethoscope } from 'lucide-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { trunkPresets } from '../../../shared/model/trunk-presets.ts'
import { accountOf } from '../state/selectors.ts'
import { errorWords } from '../text/error-words.ts'
import { AdvancedFields } from './advanced-fields.tsx'
import { Button } from './controls.tsx'
import { Disclosure } from './disclosure.tsx'
import { EncryptionChoice } from './encryption-choice.tsx'
import { Choice, SelectField, TextField } from './form-fields.tsx'
import { ForwardingFields } from './forwarding-fields.tsx'
import { PageFrame } from './page-frame.tsx'
import { PasswordStorage } from './password-storage.tsx'
import { ProviderChoice } from './provider-choice.tsx'
import { RemoveAccount } from './remove-account.tsx'
import { type AccountFormState, useAccountDraft } from './use-account-draft.ts'
import { useController, useWindow } from './use-controller.ts'
import { useFirstMistake } from './use-focus.ts'

/** Adds an account, or edits the one named: provider first, then three fields, then the doctor. */
export function AccountForm({ accountId }: { readonly accountId?: string }) {
  const stored = useWindow((state) => (accountId ? accountOf(state, accountId)?.settings : undefined))
  const { t } = useTranslation()
  const controller = useController()
  const form = useAccountDraft(stored)
  const mistakes = useFirstMistake(form.invalid)
  const [chosen, setChosen] = useState(accountId !== undefined)
  const title = stored ? t('form.editTitle') : t('form.addTitle')
  const { error, draft } = form
  if (!chosen) {
    return (
      <PageFrame title={title} onBack={() => controller.goTo({ name: 'accounts' })}>
        <ProviderChoice
          onChoose={(id) => {
            form.choosePreset(id)
            setChosen(true)
          }}
        />
      </PageFrame>
    )
  }
  return (
    <PageFrame
      key="form"
      title={title}
      onBack={() => (stored ? controller.goTo({ name: 'accounts' }) : setChosen(false))}
    >
      <form
        ref={mistakes}
        aria-label={title}
        noValidate
        className="flex min-h-0 flex-1 flex-col"
        onSubmit={(event) => void form.submit(event, stored ? 'phone' : 'doctor')}
      >
        <div className="flex min-h-0 flex-1 flex-col gap-4 overflow-y-auto p-4 pt-2">
          <Basics form={form} />
          <div className="flex flex-col">
            <EncryptionChoice form={form} />
            <MoreFields form={form} />
            <AdvancedFields form={form} />
          </div>
          {stored ? <RemoveAccount settings={stored} /> : null}
        </div>
        {error ? (
          <p role="alert" data-testid="form-error" data-code={error} className="px-4 pt-2 text-sm text-unproven">
            {t(`${errorWords[error]}.what`, { server: draft.domain, domain: draft.domain, trunk: draft.label })}
          </p>
        ) : null}
        {error === 'account/password-storage' ? <PasswordStorage /> : null}
        <SaveButtons form={form} />
      </form>
    </PageFrame>
  )
}

/** The three fields that everybody has to fill in, and what this kind of trunk can do. */
function Basics({ form }: { readonly form: AccountFormState }) {
  const { t } = useTranslation()
  const { draft, stored, text } = form
  const { label, domainPlaceholder } = trunkPresets[draft.preset]
  return (
    <>
      <p className="text-sm text-quiet">
        {stored || draft.preset === 'generic' ? null : (
          <strong className="font-medium text-text">{`${label}. `}</strong>
        )}
        {t(`form.where.${draft.preset}`)}
      </p>
      <TextField label={t('form.domain')} placeholder={domainPlaceholder} {...text('domain')} />
      <TextField label={t('form.username')} {...text('username')} />
      <TextField
        label={t('form.password')}
        type="password"
        placeholder={stored ? t('form.passwordKept') : undefined}
        {...text('password')}
        autoComplete="new-password"
      />
    </>
  )
}

function MoreFields({ form }: { readonly form: AccountFormState }) {
  const { t } = useTranslation()
  const { draft, change, text } = form
  return (
    <Disclosure title={t('form.more')} {...form.part('more')}>
      <div className="flex flex-col gap-4 pt-2">
        <TextField label={t('form.label')} placeholder={draft.domain || undefined} {...text('label')} />
        <TextField label={t('form.displayName')} hint={t('form.displayNameHint')} {...text('displayName')} />
        <Choice
          type="checkbox"
          data-testid="account-register"
          label={t('form.register')}
          explain={draft.register ? t('form.registerOn') : t('form.registerOff')}
          checked={draft.register}
          onChange={(event) => change({ register: event.target.checked })}
        />
        <ForwardingFields
          draft={draft.forwarding}
          invalid={form.invalid}
          onChange={(forwarding) => change({ forwarding })}
        />
        <AutoAnswerField form={form} />
      </div>
    </Disclosure>
  )
}

/** The usual times, and the one that is stored. */
const autoAnswerChoices = (stored: string): readonly string[] => [...new Set(['', '0', '3', '10', stored])]

function AutoAnswerField({ form: { draft, change } }: { readonly form: AccountFormState }) {
  const { t } = useTranslation()
  return (
    <SelectField
      label={t('form.autoAnswer')}
      data-testid="account-auto-answer"
      value={draft.autoAnswer}
      onChange={(event) => change({ autoAnswer: event.target.value })}
      options={autoAnswerChoices(draft.autoAnswer).map((value) => ({
        value,
        label: value === '' ? t('form.autoAnswerOff') : t('form.autoAnswerAfter', { seconds: value }),
      }))}
      hint={draft.autoAnswer === '' ? undefined : t('form.autoAnswerExplain')}
    />
  )
}

/** A new account is checked at once; one that has worked needs that only when something is wrong with it. */
function SaveButtons({ form }: { readonly form: AccountFormState }) {
  const { t } = useTranslation()
  const { saving, stored } = form
  const save = (
    <Button
      kind={stored ? 'call' : 'plain'}
      type={stored ? 'submit' : 'button'}
      data-testid="account-save"
      disabled={saving}
      onClick={stored ? undefined : () => void form.submit(undefined, 'phone')}
    >
      {saving ? t('form.saving') : t('form.saveOnly')}
    </Button>
  )
  const check = (
    <Button
      kind={stored ? 'plain' : 'call'}
      type={stored ? 'button' : 'submit'}
      icon={Stethoscope}
      data-testid="account-check"
      disabled={saving}
      className="flex-1"
      onClick={stored ? () => void form.submit(undefined, 'doctor') : undefined}
    >
      {t('form.saveAndCheck')}
    </Button>
  )
  return (
    <div className="flex gap-3 p-4 pt-2">
      {save}
      {check}
    </div>
  )
}
