import { useRef } from 'react'
import { useTranslation } from 'react-i18next'

/** Digits with the letters of ITU-T E.161. */
const keys = [
  { key: '1', letters: '', id: '1' },
  { key: '2', letters: 'ABC', id: '2' },
  { key: '3', letters: 'DEF', id: '3' },
  { key: '4', letters: 'GHI', id: '4' },
  { key: '5', letters: 'JKL', id: '5' },
  { key: '6', letters: 'MNO', id: '6' },
  { key: '7', letters: 'PQRS', id: '7' },
  { key: '8', letters: 'TUV', id: '8' },
  { key: '9', letters: 'WXYZ', id: '9' },
  { key: '*', letters: '', id: 'star' },
  { key: '0', letters: '+', id: '0' },
  { key: '#', letters: '', id: 'hash' },
] as const

const names: Readonly<Record<string, string>> = { '*': 'dial.star', '#': 'dial.hash' }

const longPressMs = 500

interface KeypadProps {
  readonly onKey: (key: string) => void
  /** Whether holding 0 gives a plus, as in dialling; a call carries no such tone. */
  readonly plus?: boolean
}

export function Keypad({ onKey, plus = false }: KeypadProps) {
  const { t } = useTranslation()
  const holding = useRef<ReturnType<typeof setTimeout>>(undefined)
  const held = useRef(false)

  const hold = (key: string) => {
    held.current = false
    if (!plus || key !== '0') return
    holding.current = setTimeout(() => {
      held.current = true
      onKey('+')
    }, longPressMs)
  }
  const release = () => clearTimeout(holding.current)
  const press = (key: string) => {
    if (!held.current) onKey(key)
    held.current = false
  }

  return (
    <fieldset aria-label={t('dial.keypad')} className="grid grid-cols-3 gap-2">
      {keys.map(({ key, letters, id }) => (
        <button
          key={key}
          type="button"
          data-testid={`key-${id}`}
          aria-label={names[key] && t(names[key])}
          onPointerDown={() => hold(key)}
          onPointerUp={release}
          onPointerLeave={release}
          onClick={() => press(key)}
          className="flex h-12 flex-col items-center justify-center rounded-lg bg-surface leading-none transition-colors hover:bg-raised active:bg-pressed"
        >
          <span className="text-xl font-medium">{key}</span>
          {letters && (plus || key !== '0') ? (
            <span aria-hidden="true" className="mt-1 text-[0.625rem] tracking-widest text-quiet">
              {letters}
            </span>
          ) : null}
        </button>
      ))}
    </fieldset>
  )
}
