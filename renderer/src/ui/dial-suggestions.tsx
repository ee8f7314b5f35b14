import { useTranslation } from 'react-i18next'
import { findContacts } from '../people/contact-index.ts'
import { formatNumber } from '../text/phone-number.ts'
import { useWindow } from './use-controller.ts'

const mostShown = 4

interface DialSuggestionsProps {
  readonly typed: string
  readonly onChoose: (number: string) => void
}

/** Numbers of contacts that what was typed may mean; they lie over the keypad and move nothing. */
export function DialSuggestions({ typed, onChoose }: DialSuggestionsProps) {
  const { t } = useTranslation()
  const contacts = useWindow((state) => state.contacts)
  const found = typed.trim().length < 2 ? [] : findContacts(contacts, typed.trim())
  const shown = found
    .flatMap(({ id, name, numbers }) => numbers.map((number) => ({ id, name, number })))
    .slice(0, mostShown)
  if (shown.length === 0) return null
  return (
    <ul
      aria-label={t('dial.suggestions')}
      className="absolute inset-x-0 top-full z-10 mt-1 rounded-lg border border-line bg-surface p-1 shadow-lg"
    >
      {shown.map(({ id, name, number }) => (
        <li key={`${id} ${number.value}`}>
          <button
            type="button"
            data-testid="dial-suggestion"
            onClick={() => onChoose(number.value)}
            className="flex min-h-11 w-full flex-col justify-center rounded-md px-3 text-left transition-colors hover:bg-raised"
          >
            <span dir="auto" className="max-w-full truncate">
              {name}
            </span>
            <span className="max-w-full truncate text-xs text-quiet">
              {t(`contacts.kind.${number.kind}`)} · {formatNumber(number.value, contacts.country)}
            </span>
          </button>
        </li>
      ))}
    </ul>
  )
}
