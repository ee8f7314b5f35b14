import { Plus, Trash2, X } from 'lucide-react'
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { type Contact, type NumberKind, numberKinds } from '../../../shared/model/contact.ts'
import { parseDialString } from '../text/dial-string.ts'
import { Button, IconButton } from './controls.tsx'
import { SelectField, TextField } from './form-fields.tsx'
import { PageFrame } from './page-frame.tsx'
import { useController, useWindow } from './use-controller.ts'
import { useFirstMistake } from './use-focus.ts'

interface ContactFormProps {
  readonly contactId?: string
  readonly number?: string
  readonly suggested?: string
}

interface NumberDraft {
  /** Stays with the row while others come and go. */
  readonly key: number
  readonly kind: NumberKind
  readonly value: string
}

/** Adds a contact or changes one. Rows without a number are left out when it is saved. */
export function ContactForm({ contactId, number = '', suggested = '' }: ContactFormProps) {
  const { t } = useTranslation()
  const controller = useController()
  const stored = useWindow((state) => state.contacts.sorted.find(({ id }) => id === contactId))
  const [name, setName] = useState(stored?.name ?? suggested)
  const [organisation, setOrganisation] = useState(stored?.organisation ?? '')
  const [numbers, setNumbers] = useState<readonly NumberDraft[]>(() =>
    (stored?.numbers ?? [{ kind: 'mobile' as const, value: number }]).map((known, key) => ({ ...known, key })),
  )
  const [tries, setTries] = useState(0)
  const tried = tries > 0
  const mistakes = useFirstMistake(tries)
  const [refused, setRefused] = useState(false)
  const back = () => controller.goTo(stored ? { name: 'contact', contactId: stored.id } : { name: 'people' })
  const change = (key: number, changed: Partial<NumberDraft>) =>
    setNumbers((rows) => rows.map((row) => (row.key === key ? { ...row, ...changed } : row)))

  const submit = async (event: FormEvent) => {
    event.preventDefault()
    setTries(tries + 1)
    const filled = numbers.filter(({ value }) => value.trim() !== '')
    if (name.trim() === '' || filled.some(({ value }) => isWrong(value))) return
    const contact: Contact = {
      id: stored?.id ?? crypto.randomUUID(),
      name: name.trim(),
      ...(organisation.trim() ? { organisation: organisation.trim() } : {}),
      numbers: filled.map(({ kind, value }) => ({ kind, value: value.trim() })),
      favourite: stored?.favourite ?? false,
    }
    if ((await controller.contacts.save([contact])) === 1) controller.goTo({ name: 'people' })
    else setRefused(true)
  }
  const remove = async () => {
    if (stored && (await controller.contacts.remove(stored.id))) controller.goTo({ name: 'people' })
  }

  return (
    <PageFrame title={stored ? t('contacts.editTitle') : t('contacts.addTitle')} onBack={back}>
      <form ref={mistakes} noValidate onSubmit={(event) => void submit(event)} className="flex min-h-0 flex-1 flex-col">
        <div className="flex min-h-0 flex-1 flex-col gap-4 overflow-y-auto p-4">
          <TextField
            label={t('contacts.name')}
            data-testid="contact-name"
            maxLength={128}
            value={name}
            error={tried && name.trim() === '' ? t('contacts.nameMissing') : undefined}
            onChange={(event) => setName(event.target.value)}
          />
          <TextField
            label={t('contacts.organisation')}
            maxLength={128}
            value={organisation}
            onChange={(event) => setOrganisation(event.target.value)}
          />
          {numbers.map((row) => (
            <fieldset key={row.key} className="grid grid-cols-[7rem_1fr_auto] items-start gap-2">
              <legend className="sr-only">{t('contacts.number')}</legend>
              <SelectField
                label={t('contacts.kindLabel')}
                value={row.kind}
                onChange={(event) => change(row.key, { kind: event.target.value as NumberKind })}
                options={numberKinds.map((kind) => ({ value: kind, label: t(`contacts.kind.${kind}`) }))}
              />
              <TextField
                label={t('contacts.number')}
                data-testid="contact-number"
                maxLength={256}
                value={row.value}
                error={tried && isWrong(row.value) ? t('form.invalid.forward') : undefined}
                onChange={(event) => change(row.key, { value: event.target.value })}
              />
              <IconButton
                icon={X}
                label={t('contacts.removeNumber')}
                className="mt-6"
                onClick={() => setNumbers((rows) => rows.filter(({ key }) => key !== row.key))}
              />
            </fieldset>
          ))}
          <Button
            icon={Plus}
            onClick={() =>
              setNumbers((rows) => [
                ...rows,
                { key: Math.max(0, ...rows.map(({ key }) => key)) + 1, kind: 'work', value: '' },
              ])
            }
          >
            {t('contacts.addNumber')}
          </Button>
          {stored ? (
            <Button icon={Trash2} data-testid="contact-delete" onClick={() => void remove()}>
              {t('contacts.delete')}
            </Button>
          ) : null}
        </div>
        {refused ? (
          <p role="alert" className="px-4 pt-2 text-sm text-unproven">
            {t('contacts.notSaved')}
          </p>
        ) : null}
        <div className="p-4 pt-2">
          <Button kind="call" type="submit" data-testid="contact-save" className="w-full">
            {t('contacts.save')}
          </Button>
        </div>
      </form>
    </PageFrame>
  )
}

const isWrong = (value: string) => parseDialString(value).kind === 'invalid'
