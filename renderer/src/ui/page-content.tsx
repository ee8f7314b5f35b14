import type { Page } from '../state/window-state.ts'
import { AccountForm } from './account-form.tsx'
import { AccountsPage } from './accounts-page.tsx'
import { CertificatePage } from './certificate-page.tsx'
import { ContactForm } from './contact-form.tsx'
import { ContactPage } from './contact-page.tsx'
import { DesktopPage } from './desktop-page.tsx'
import { Dialer } from './dialer.tsx'
import { DoctorPage } from './doctor-page.tsx'
import { PeoplePage } from './people-page.tsx'
import { PracticePage } from './practice-page.tsx'
import { ReceiptPage } from './receipt-page.tsx'
import { RecentsPage } from './recents.tsx'
import { RecordingsPage } from './recordings-page.tsx'
import { SettingsPage } from './settings-page.tsx'
import { SoundPage } from './sound-page.tsx'
import { SupportPage } from './support-page.tsx'
import { TracePage } from './trace-page.tsx'

/** What the left pane shows. */
export function PageContent({ page }: { readonly page: Page }) {
  switch (page.name) {
    case 'phone':
      return <Dialer />
    case 'recents':
      return <RecentsPage />
    case 'receipt':
      return <ReceiptPage key={page.entry.id} entry={page.entry} />
    case 'people':
      return <PeoplePage />
    case 'contact':
      return <ContactPage key={page.contactId} contactId={page.contactId} />
    case 'edit-contact': {
      const { name: _name, ...known } = page
      return <ContactForm key={page.contactId} {...known} />
    }
    case 'settings':
      return <SettingsPage />
    case 'recordings':
      return <RecordingsPage />
    case 'sound':
      return <SoundPage />
    case 'desktop':
      return <DesktopPage />
    case 'certificate':
      return <CertificatePage accountId={page.accountId} />
    case 'trace': {
      const { name: _name, ...shown } = page
      return <TracePage {...shown} />
    }
    case 'support':
      return <SupportPage />
    case 'accounts':
      return <AccountsPage />
    case 'doctor':
      return <DoctorPage subject={page.subject} />
    case 'practice':
      return <PracticePage />
    case 'account':
      return <AccountForm key={page.accountId} {...(page.accountId ? { accountId: page.accountId } : {})} />
  }
}
