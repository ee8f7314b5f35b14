import { Fragment } from 'react'
import { useTranslation } from 'react-i18next'
import { type ForwardingDraft, type ForwardingField, forwardingCases } from '../state/forwarding-draft.ts'
import { Disclosure } from './disclosure.tsx'
import { TextField } from './form-fields.tsx'

interface ForwardingFieldsProps {
  readonly draft: ForwardingDraft
  readonly invalid: ReadonlySet<string>
  readonly onChange: (draft: ForwardingDraft) => void
}

/** Where calls go on to, one sentence per case; an empty field is a case that is off. */
export function ForwardingFields({ draft, invalid, onChange }: ForwardingFieldsProps) {
  const { t } = useTranslation()
  const field = (name: ForwardingField) => ({
    'data-testid': `account-forward-${name}`,
    label: t(`form.forward.${name}`),
    value: draft[name],
    error: invalid.has(name) ? t(name === 'afterS' ? 'form.invalid.afterS' : 'form.invalid.forward') : undefined,
    onChange: (event: { target: { value: string } }) => onChange({ ...draft, [name]: event.target.value }),
  })
  const used = forwardingCases.some((name) => draft[name] !== '')
  return (
    <Disclosure title={t('form.forward.title')} data-testid="account-forwarding" open={used || undefined}>
      <div className="flex flex-col gap-4 pt-2">
        <p className="text-sm text-quiet">{t('form.forward.explain')}</p>
        {forwardingCases.map((name) => (
          <Fragment key={name}>
            <TextField placeholder={t('form.forward.off')} {...field(name)} />
            {name === 'noAnswer' && draft.noAnswer !== '' ? (
              <TextField inputMode="numeric" {...field('afterS')} />
            ) : null}
          </Fragment>
        ))}
      </div>
    </Disclosure>
  )
}
