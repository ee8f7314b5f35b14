import { Phone, Star } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import type { ContactNumber } from '../../../shared/model/contact.ts'
import { accountForRedial, currentAccount } from '../state/selectors.ts'
import { dialTarget, parseDialString } from '../text/dial-string.ts'
import { formatNumber } from '../text/phone-number.ts'
import { Button, IconButton } from './controls.tsx'
import { PageFrame } from './page-frame.tsx'
import { useController, useWindow } from './use-controller.ts'

/** A contact with all its numbers, each one press away. */
export function ContactPage({ contactId }: { readonly contactId: string }) {
  const { t } = useTranslation()
  const controller = useController()
  const contact = useWindow((state) => state.contacts.sorted.find(({ id }) => id === contactId))
  if (!contact) return null
  const { favourite } = contact
  return (
    <PageFrame
      title={contact.name}
      onBack={() => controller.goTo({ name: 'people' })}
      actions={
        <IconButton
          icon={Star}
          label={t('contacts.favourite')}
          aria-pressed={favourite}
          data-testid="contact-favourite"
          className={favourite ? '[&>svg]:fill-current' : ''}
          onClick={() => void controller.contacts.save([{ ...contact, favourite: !favourite }])}
        />
      }
    >
      <div className="flex min-h-0 flex-1 flex-col gap-3 overflow-y-auto p-4">
        {contact.organisation ? <p className="text-quiet">{contact.organisation}</p> : null}
        {contact.numbers.map((number) => (
          <CallNumber key={`${number.kind} ${number.value}`} number={number} />
        ))}
        <Button
          data-testid="contact-edit"
          onClick={() => controller.goTo({ name: 'edit-contact', contactId: contact.id })}
        >
          {t('contacts.edit')}
        </Button>
      </div>
    </PageFrame>
  )
}

function CallNumber({ number }: { readonly number: ContactNumber }) {
  const { t } = useTranslation()
  const controller = useController()
  const { accountId, domain, country } = useWindow((state) => {
    const account = currentAccount(state)
    return {
      accountId: account && accountForRedial(state, account.settings.id),
      domain: account?.settings.domain ?? '',
      country: state.contacts.country,
    }
  })
  const target = dialTarget(parseDialString(number.value), domain)
  return (
    <button
      type="button"
      data-testid="contact-call"
      disabled={accountId === undefined || target === undefined}
      onClick={() => accountId !== undefined && target !== undefined && controller.placeCall(accountId, target)}
      className="flex min-h-14 items-center gap-3 rounded-xl border border-line bg-surface px-4 py-2 text-left transition-colors hover:bg-raised"
    >
      <Phone aria-hidden="true" size={18} className="shrink-0 text-accent" />
      <span className="min-w-0">
        <span dir="ltr" className="block break-words">
          {formatNumber(number.value, country)}
        </span>
        <span className="block text-sm text-quiet">{t(`contacts.kind.${number.kind}`)}</span>
      </span>
    </button>
  )
}
