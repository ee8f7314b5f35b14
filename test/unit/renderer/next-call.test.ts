import { expect, test } from 'vitest'
import { initialState } from '../../../renderer/src/state/window-state.ts'
import { IdlePane } from '../../../renderer/src/ui/idle-pane.tsx'
import type { AccountSettings } from '../../../shared/model/account.ts'
import { accountView, appState } from './calls.ts'
import { wordsOf } from './render.ts'

/** What is promised of the next call is what the bridge does with it (`bridge/sides.ts`). */
test.each<[name: string, over: Partial<AccountSettings>, hop: string, sentence: string]>([
  ['keys in the signalling', {}, 'SDES-SRTP, signalled over TLS', 'Encrypted on both hops, or not at all.'],
  ['keys agreed by the two ends', { mediaKeys: 'dtls' }, 'DTLS-SRTP, signalled over TLS', 'Encrypted on both hops'],
  ['when the trunk can', { encryption: 'preferred' }, 'SDES-SRTP, signalled over TLS', 'Encrypted when the trunk can.'],
  [
    'when the trunk can, without TLS: the keys stay unsent, and the call is in clear',
    { encryption: 'preferred', transport: 'udp' },
    'Plain RTP, signalled over UDP',
    'Not encrypted beyond this computer.',
  ],
  [
    'without TLS, its keys may be read',
    { encryption: 'preferred', transport: 'udp', allowExposedKeys: true },
    'SDES-SRTP, signalled over UDP',
    'Encrypted when the trunk can.',
  ],
  [
    'without TLS, keys that are in no message',
    { encryption: 'preferred', transport: 'udp', mediaKeys: 'dtls' },
    'DTLS-SRTP, signalled over UDP',
    'Encrypted when the trunk can.',
  ],
  ['off', { encryption: 'off' }, 'Plain RTP, signalled over TLS', 'Not encrypted beyond this computer.'],
])('the next call of an account: %s', (_name, over, hop, sentence) => {
  const account = accountView('work', { kind: 'ready' })
  const app = appState([], [{ ...account, settings: { ...account.settings, ...over } }])
  const words = wordsOf(IdlePane, {}, { ...initialState, app })
  expect(words).toContain(`|${hop}|`)
  expect(words).toContain(`|${sentence}`)
})
