import { Download, Star, Upload, UserRoundPlus } from 'lucide-react'
import { type ChangeEvent, useDeferredValue, useMemo, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Contact } from '../../../shared/model/contact.ts'
import { findContacts } from '../people/contact-index.ts'
import { readVcards, writeVcards } from '../people/vcard.ts'
import { Button, IconButton } from './controls.tsx'
import { download } from './download.ts'
import { LongList } from './long-list.tsx'
import { PageFrame } from './page-frame.tsx'
import { SearchField } from './search-field.tsx'
import { useController, useWindow } from './use-controller.ts'

/** The user's contacts, favourites first; they come in and go out as vCards. */
export function PeoplePage() {
  const { t } = useTranslation()
  const controller = useController()
  const contacts = useWindow((state) => state.contacts)
  const [typed, setTyped] = useState('')
  const query = useDeferredValue(typed)
  const found = useMemo(() => findContacts(contacts, query), [contacts, query])
  const [told, setTold] = useState('')
  const none = contacts.sorted.length === 0
  const add = () => controller.goTo({ name: 'edit-contact' })
  return (
    <PageFrame
      title={t('tabs.people')}
      actions={
        none ? null : (
          <>
            <VcardImport onDone={setTold} compact />
            <IconButton
              icon={Download}
              label={t('contacts.export')}
              data-testid="contacts-export"
              onClick={() => download({ name: 'contacts.vcf', type: 'text/vcard', text: writeVcards(contacts.sorted) })}
            />
            <IconButton icon={UserRoundPlus} label={t('contacts.add')} data-testid="contact-add" onClick={add} />
          </>
        )
      }
    >
      {none ? null : (
        <SearchField label={t('contacts.search')} data-testid="contacts-search" value={typed} onSearch={setTyped} />
      )}
      <p role="status" data-testid="contacts-told" className="px-4 pt-2 text-sm text-quiet empty:hidden">
        {told}
      </p>
      {none ? (
        <div className="m-auto flex flex-col gap-3 p-8 text-center">
          <p className="text-quiet">{t('contacts.empty')}</p>
          <Button kind="call" icon={UserRoundPlus} data-testid="contact-add" onClick={add}>
            {t('contacts.add')}
          </Button>
          <VcardImport onDone={setTold} />
        </div>
      ) : null}
      {!none && found.length === 0 ? (
        <p className="m-auto p-8 text-center text-quiet">{t('contacts.notFound', { query })}</p>
      ) : null}
      {found.length > 0 ? (
        <LongList label={t('tabs.people')} items={found} keyOf={({ id }) => id}>
          {(contact) => <ContactRow contact={contact} />}
        </LongList>
      ) : null}
    </PageFrame>
  )
}

function ContactRow({ contact }: { readonly contact: Contact }) {
  const { t } = useTranslation()
  const controller = useController()
  return (
    <button
      type="button"
      data-testid="contact"
      onClick={() => controller.goTo({ name: 'contact', contactId: contact.id })}
      className="flex h-14 w-full items-center gap-3 rounded-lg px-2 text-left -outline-offset-2 transition-colors hover:bg-raised"
    >
      <span
        aria-hidden="true"
        className="flex size-9 shrink-0 items-center justify-center rounded-full bg-raised text-sm font-medium"
      >
        {Array.from(contact.name)[0]?.toLocaleUpperCase()}
      </span>
      <span className="min-w-0 flex-1">
        <span dir="auto" className="block truncate">
          {contact.name}
        </span>
        {contact.organisation ? (
          <span dir="auto" className="block truncate text-xs text-quiet">
            {contact.organisation}
          </span>
        ) : null}
      </span>
      {contact.favourite ? (
        <>
          <Star aria-hidden="true" size={16} className="shrink-0 fill-current text-quiet" />
          <span className="sr-only">{t('contacts.favourite')}</span>
        </>
      ) : null}
    </button>
  )
}

/** Files beyond this are no address book that a person keeps. */
const largestFileBytes = 20_000_000

function VcardImport({ onDone, compact }: { readonly onDone: (told: string) => void; readonly compact?: boolean }) {
  const { t } = useTranslation()
  const controller = useController()
  const input = useRef<HTMLInputElement>(null)
  const read = async (event: ChangeEvent<HTMLInputElement>) => {
    const file = event.target.files?.[0]
    event.target.value = ''
    if (!file) return
    if (file.size > largestFileBytes) return onDone(t('contacts.tooLarge'))
    const { contacts, skipped } = readVcards(await file.text(), () => crypto.randomUUID())
    if (contacts.length === 0) return onDone(t('contacts.nothingRead'))
    const saved = await controller.contacts.save(contacts)
    onDone(saved > 0 ? importWords(saved, skipped) : t('contacts.notSaved'))
  }
  const importWords = (count: number, skipped: number) =>
    skipped > 0 ? t('contacts.importedSome', { count, skipped }) : t('contacts.imported', { count })
  const open = () => input.current?.click()
  return (
    <>
      <input
        ref={input}
        type="file"
        accept=".vcf,text/vcard"
        data-testid="contacts-file"
        aria-label={t('contacts.import')}
        className="hidden"
        onChange={(event) => void read(event)}
      />
      {compact ? (
        <IconButton icon={Upload} label={t('contacts.import')} onClick={open} />
      ) : (
        <Button icon={Upload} onClick={open}>
          {t('contacts.import')}
        </Button>
      )}
    </>
  )
}
