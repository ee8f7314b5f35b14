import { useEffect } from 'react'
import { useTranslation } from 'react-i18next'
import type { ContactIndex } from '../people/contact-index.ts'
import { accountOf, type CallScreen, callScreen } from '../state/selectors.ts'
import { nameOf } from '../text/call-words.ts'
import { SpokenSecurityEvent } from './security-events.tsx'
import { useWindow } from './use-controller.ts'
import { useEndWords } from './use-end-words.ts'

/** Says each change of the call to a screen reader, and writes it into the window's title. */
export function Announcer() {
  const { t } = useTranslation()
  const { screen, label, muted, held, recorded } = useWindow((state) => {
    const shown = callScreen(state)
    return {
      // Compared by value below; a fresh object each time would render without end.
      screen: keyOf(shown, state.contacts),
      label: 'call' in shown ? (accountOf(state, shown.call.accountId)?.settings.label ?? '') : '',
      held: 'call' in shown && shown.call.heldByRemote === true,
      recorded: 'call' in shown && state.recorded.has(shown.call.localCallId),
      muted: 'call' in shown && state.muted.has(shown.call.localCallId),
    }
  })
  const ended = useWindow((state) => (callScreen(state).kind === 'ended' ? state.ended : undefined))
  const call = useWindow((state) => {
    const shown = callScreen(state)
    return shown.kind === 'running' ? shown.call : undefined
  })
  const endWords = useEndWords(ended)
  const [kind = 'none', name = ''] = screen.split('\n')
  const who = name || t('call.unknown')
  const calling = kind === 'incoming' ? t('app.title.incoming', { who }) : t('app.title.call', { who })
  const title = kind === 'none' || kind === 'ended' ? t('app.title.idle') : calling

  useEffect(() => {
    document.title = title
  }, [title])

  const spoken = () => {
    if (kind === 'none') return ''
    if (kind === 'ended') return endWords?.what ?? ''
    return t(`announce.${kind}`, { who, label })
  }
  return (
    <div className="sr-only">
      <p aria-live="assertive">{spoken()}</p>
      <p aria-live="polite">{kind === 'connected' && held ? t('call.heldExplain', { who }) : ''}</p>
      <p aria-live="polite" data-testid="announced-security">
        {call ? <SpokenSecurityEvent call={call} /> : null}
      </p>
      <p aria-live="polite">{kind === 'connected' && muted ? t('announce.muted') : ''}</p>
      <p aria-live="polite">{kind === 'connected' && recorded ? t('recording.began') : ''}</p>
    </div>
  )
}

function keyOf(screen: CallScreen, contacts: ContactIndex): string {
  switch (screen.kind) {
    case 'none':
      return 'none'
    case 'placing':
      return `calling\n${nameOf({ user: screen.pending.user, domain: '' }, contacts)}`
    default:
      return `${screen.call.state}\n${nameOf(screen.call.remote, contacts)}`
  }
}
