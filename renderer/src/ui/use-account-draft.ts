import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { ErrorCode } from '../../../shared/errors.ts'
import type { AccountSettings } from '../../../shared/model/account.ts'
import { type TrunkPresetId, trunkPresets } from '../../../shared/model/trunk-presets.ts'
import {
  type AccountDraft,
  draftFromPreset,
  draftFromSettings,
  readDraft,
  type TextDraftField,
} from '../state/account-draft.ts'
import { useController } from './use-controller.ts'

/** Parts of the form that are closed at first, and open by themselves when something in them is wrong. */
export type FormPart = 'more' | 'encryption' | 'advanced'

const partOf: Readonly<Record<string, FormPart>> = {
  label: 'more',
  displayName: 'more',
  always: 'more',
  busy: 'more',
  noAnswer: 'more',
  unreachable: 'more',
  afterS: 'more',
  server: 'advanced',
  port: 'advanced',
  authUsername: 'advanced',
  stunServer: 'advanced',
  caPem: 'advanced',
  clientCertPem: 'advanced',
  clientKeyPem: 'advanced',
  suites: 'advanced',
}

/** An account as it is being entered: the draft, what is wrong with it, and how it is saved. */
export type AccountFormState = ReturnType<typeof useAccountDraft>

export function useAccountDraft(stored: AccountSettings | undefined) {
  const { t } = useTranslation()
  const controller = useController()
  const [draft, setDraft] = useState<AccountDraft>(() =>
    stored ? draftFromSettings(stored) : draftFromPreset(trunkPresets.generic),
  )
  const [invalid, setInvalid] = useState<ReadonlySet<string>>(new Set())
  const [error, setError] = useState<ErrorCode>()
  const [saving, setSaving] = useState(false)
  const [open, setOpen] = useState<ReadonlySet<FormPart>>(new Set())
  const change = (changed: Partial<AccountDraft>) => setDraft((before) => ({ ...before, ...changed }))

  function toggle(part: FormPart, isOpen: boolean): void {
    setOpen((before) => new Set([...before].filter((other) => other !== part).concat(isOpen ? [part] : [])))
  }

  async function save(): Promise<string | undefined> {
    const id = stored?.id ?? crypto.randomUUID()
    const read = readDraft(draft, id, stored)
    setInvalid(read.ok ? new Set() : read.invalid)
    if (!read.ok) {
      // What is wrong in none of the fields is said all the same.
      setError(read.invalid.size === 0 ? 'account/invalid' : undefined)
      for (const field of read.invalid) if (partOf[field]) toggle(partOf[field], true)
      return undefined
    }
    setSaving(true)
    const result = await controller.accounts.save(read.settings, read.secrets)
    setSaving(false)
    setError(result.ok ? undefined : result.error.code)
    return result.ok ? id : undefined
  }

  return {
    draft,
    stored,
    invalid,
    error,
    saving,
    change,
    /** What was typed stays; only what the provider decides is set anew. */
    choosePreset(id: TrunkPresetId) {
      const { preset, port, transport, register, encryption } = draftFromPreset(trunkPresets[id])
      change({ preset, port, transport, register, encryption })
    },
    part: (part: FormPart) => ({
      'data-testid': `account-${part}`,
      open: open.has(part),
      onToggle: (event: { currentTarget: { open: boolean } }) => toggle(part, event.currentTarget.open),
    }),
    text: (field: TextDraftField) => ({
      'data-testid': `account-${field}`,
      value: draft[field],
      error: invalid.has(field) ? t(`form.invalid.${field}`) : undefined,
      onChange: (event: { target: { value: string } }) => change({ [field]: event.target.value }),
    }),
    /** Saves, and goes back to the phone; or on to the doctor, who looks whether the trunk works. */
    async submit(event: FormEvent | undefined, then: 'phone' | 'doctor') {
      event?.preventDefault()
      const id = await save()
      if (id === undefined) return
      controller.accounts.choose(id)
      controller.goTo(
        then === 'phone' ? { name: 'phone' } : { name: 'doctor', subject: { kind: 'account', accountId: id } },
      )
    },
  }
}
