import { Delete, Phone, PhoneForwarded } from 'lucide-react'
import { type FormEvent, useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { contactOfNumber } from '../people/contact-index.ts'
import {
  canCall,
  canPlaceCalls,
  currentAccount,
  incomingKeyGuardMs,
  passedOn,
  runningCalls,
} from '../state/selectors.ts'
import { nameOf } from '../text/call-words.ts'
import { dialTarget, parseDialString } from '../text/dial-string.ts'
import { isEmergencyNumber } from '../text/emergency.ts'
import { formatTyped } from '../text/phone-number.ts'
import { AccountNotice } from './account-status.tsx'
import { Button, IconButton } from './controls.tsx'
import { DialSuggestions } from './dial-suggestions.tsx'
import { EchoCard } from './echo-card.tsx'
import { ForwardedCalls } from './forwarded-calls.tsx'
import { Keypad } from './keypad.tsx'
import { NoAccount } from './no-account.tsx'
import { LatestCalls } from './recents.tsx'
import { useController, useHistory, useWindow } from './use-controller.ts'
import { isFocusFree } from './use-focus.ts'

const typedKey = /^[0-9*#+]$/

/**
 * The ready screen: whom to call. What can change by itself stands below the keypad, so that no key ever moves; why an
 * account does not work takes the place of the button that would be of no use.
 */
export function Dialer() {
  const { t } = useTranslation()
  const controller = useController()
  const field = useRef<HTMLInputElement>(null)
  const [text, setText] = useState('')
  const askedAt = useRef(Number.NEGATIVE_INFINITY)
  const { account, busy, inCall, adding, passed, connected, contacts, asked } = useWindow((state) => ({
    asked: state.asked,
    contacts: state.contacts,
    account: currentAccount(state),
    busy: state.connected && !canCall(state),
    inCall: runningCalls(state).length > 0,
    adding: state.adding,
    passed: passedOn(state),
    connected: state.connected,
  }))
  const lastDialled = useHistory(
    ({ entries }) => entries.find(({ direction }) => direction === 'outgoing')?.remote.user,
  )
  const dialled = parseDialString(text)
  const target = account ? dialTarget(dialled, account.settings.domain) : undefined
  const known = target === undefined ? undefined : contactOfNumber(contacts, target)

  /** In a call, keys are tones of that call unless the user has gone looking for another. */
  const listens = !busy && (!inCall || adding !== undefined)

  useEffect(() => {
    if (listens && (adding !== undefined || isFocusFree())) field.current?.focus()
  }, [listens, adding])

  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (!listens || event.ctrlKey || event.metaKey || event.altKey || isTextField(event.target)) return
      if (typedKey.test(event.key)) field.current?.focus()
    }
    window.addEventListener('keydown', onKeyDown)
    return () => window.removeEventListener('keydown', onKeyDown)
  }, [listens])

  useEffect(() => {
    if (!asked) return
    askedAt.current = performance.now()
    setText(asked.target)
  }, [asked])

  if (!account) return <NoAccount />
  const { label } = account.settings
  const ready = canPlaceCalls(account) && connected && !busy

  const redials = text === '' && !passed && lastDialled !== undefined
  const onSubmit = (event: FormEvent) => {
    event.preventDefault()
    if (redials) {
      setText(lastDialled)
      field.current?.focus()
      return
    }
    // A key that was on its way to something else when a link came in must not call.
    if (!ready || target === undefined || performance.now() - askedAt.current < incomingKeyGuardMs) return
    if (passed) void controller.transfers.passOn(passed, target)
    else controller.placeCall(account.settings.id, target)
    setText('')
    controller.dismissAsked()
  }
  const askFirst = () => {
    if (!ready || target === undefined) return
    controller.placeCall(account.settings.id, target)
    setText('')
  }
  const choose = (number: string) => {
    setText(number)
    field.current?.focus()
  }
  const append = (key: string) => {
    setText((before) => before + key)
  }

  const hint = () => {
    if (busy) return t('dial.inCall')
    if (account.state.kind !== 'failed' && !canPlaceCalls(account)) return t('dial.notReady', { label })
    if (dialled.kind === 'invalid') return t('dial.invalid')
    if (redials) return t('dial.redial', { target: formatTyped(lastDialled, contacts.country) })
    if (target === undefined) return ''
    if (asked && text === asked.target) return t('dial.asked')
    const shown = known?.name ?? formatTyped(target, contacts.country)
    if (passed) return t('transfer.will', { who: nameOf(passed.remote, contacts) || t('call.unknown'), to: shown })
    if (known && !inCall) return t('dial.will', { target: shown })
    if (inCall) return t('dial.willHold', { target: shown })
    return shown === text.trim() ? '' : t('dial.will', { target: shown })
  }

  return (
    <section aria-label={t('dial.region')} className="flex min-h-0 flex-1 flex-col gap-3 overflow-y-auto p-4">
      <h1 className="sr-only">{t('dial.region')}</h1>
      <form onSubmit={onSubmit} className="flex flex-col gap-3">
        <div>
          <div className="relative flex h-14 items-center rounded-lg border border-edge bg-surface pr-1 focus-within:outline-2 focus-within:outline-accent">
            <input
              ref={field}
              data-testid="number-field"
              value={text}
              onChange={(event) => setText(event.target.value)}
              aria-label={t('dial.field')}
              aria-describedby="dial-hint"
              aria-invalid={dialled.kind === 'invalid'}
              placeholder={t('dial.field')}
              autoComplete="off"
              autoCapitalize="off"
              spellCheck={false}
              className="min-w-0 flex-1 bg-transparent px-4 text-lg outline-none placeholder:text-base placeholder:text-quiet"
            />
            {text ? (
              <IconButton
                icon={Delete}
                label={t('dial.erase')}
                onClick={() => setText((before) => before.slice(0, -1))}
              />
            ) : null}
            {known ? null : <DialSuggestions typed={text} onChoose={choose} />}
          </div>
          <p id="dial-hint" aria-live="polite" className="mt-1 h-5 truncate px-1 text-sm leading-5 text-quiet">
            {hint()}
          </p>
        </div>
        <Keypad plus onKey={append} />
        {account.state.kind === 'failed' ? null : (
          <div className="flex gap-2">
            {passed ? (
              <Button
                data-testid="ask-first-button"
                disabled={!ready || target === undefined}
                className="min-h-12 flex-1"
                onClick={askFirst}
              >
                {t('transfer.askFirst')}
              </Button>
            ) : null}
            <Button
              kind="call"
              type="submit"
              icon={passed ? PhoneForwarded : Phone}
              data-testid={passed ? 'transfer-now-button' : 'call-button'}
              disabled={!ready || (target === undefined && !redials)}
              className="min-h-12 flex-1 text-base"
            >
              {passed ? t('transfer.now') : t('dial.call')}
            </Button>
          </div>
        )}
      </form>
      {target !== undefined && isEmergencyNumber(target, contacts.country) ? (
        <p
          role="alert"
          data-testid="emergency-warning"
          className="rounded-xl border border-unproven-line bg-unproven-tint p-3 text-sm"
        >
          <span className="block font-semibold text-unproven">{t('dial.emergency')}</span>
          {t('dial.emergencyAdvice')}
        </p>
      ) : null}
      <AccountNotice account={account} />
      <ForwardedCalls />
      <LatestCalls />
      <EchoCard ready={connected && !busy} />
    </section>
  )
}

const isTextField = (target: EventTarget | null) =>
  target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement
