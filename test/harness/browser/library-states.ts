import type { Page } from 'playwright'
import type { Contact } from '../../../shared/model/contact.ts'
import type { HistoryEntry } from '../../../shared/model/history.ts'
import type { Recording } from '../../../shared/model/recording.ts'
import { defaultSettings } from '../../../shared/model/settings.ts'
import { goodQuality, measured, securityEvents } from './insight-states.ts'
import {
  appWith,
  call,
  clearHop,
  incomingCall,
  localHop,
  type NamedState,
  trunkHop,
  workAccount,
} from './window-fixtures.ts'

const hourMs = 3_600_000

/** A call that was over `hoursAgo`. */
export function pastCall(id: string, hoursAgo: number, over: Partial<HistoryEntry> = {}): HistoryEntry {
  const { localCallId: _callId, state: _state, ...known } = call({ hops: [localHop(), trunkHop()] })
  const startedAt = Date.now() - hoursAgo * hourMs
  return {
    ...known,
    security: 'proven',
    id,
    startedAt,
    answeredAt: startedAt + 4_000,
    endedAt: startedAt + 95_000,
    accountLabel: 'Work',
    end: { by: 'remote', code: 'call/hung-up' },
    ...over,
  }
}

const { answeredAt: _answeredAt, ...unanswered } = pastCall('unanswered', 1, { hops: [], security: 'establishing' })
const missed = (id: string, hoursAgo: number, remote: HistoryEntry['remote']): HistoryEntry => ({
  ...unanswered,
  id,
  startedAt: Date.now() - hoursAgo * hourMs,
  endedAt: Date.now() - hoursAgo * hourMs + 20_000,
  direction: 'incoming',
  remote,
  end: { by: 'remote', code: 'call/cancelled' },
})

const desk = { user: '+442079460020', domain: 'sip.example.com' }

const pastCalls: readonly HistoryEntry[] = [
  pastCall('p1', 0.2, { hops: measured(goodQuality).hops, quality: goodQuality, securityEvents }),
  pastCall('p2', 3, { direction: 'incoming', remote: { user: '+15550100', domain: 'sip.example.com' } }),
  missed('p3', 26, desk),
  pastCall('p4', 50, { hops: [localHop(), clearHop], security: 'clear', policy: 'preferred' }),
  {
    ...unanswered,
    id: 'p5',
    startedAt: Date.now() - 80 * hourMs,
    end: { by: 'kedge', code: 'security/answer-not-encrypted', sipStatus: 488, details: 'Not Acceptable Here' },
  },
  missed('p6', 400, { user: 'anonymous', domain: 'anonymous.invalid' }),
]

export const contact = (id: string, name: string, value: string, over: Partial<Contact> = {}): Contact => ({
  id,
  name,
  numbers: [{ kind: 'work', value }],
  favourite: false,
  ...over,
})

const people: readonly Contact[] = [
  contact('c1', 'Front desk', '020 7946 0020', { organisation: 'Analytical Engines', favourite: true }),
  contact('c2', 'Ada Lovelace', '+44 20 7946 0018', {
    organisation: 'Analytical Engines',
    numbers: [
      { kind: 'work', value: '+44 20 7946 0018' },
      { kind: 'mobile', value: '07700 900123' },
      { kind: 'other', value: 'ada@sip.example.com' },
    ],
  }),
  contact('c3', 'Grace Hopper', '+1 555 0100'),
  contact('c4', 'עדה לאבלייס', '+972 2 555 0100'),
]

const library = { history: pastCalls, contacts: people }
const many = Array.from({ length: 1_000 }, (_item, index) => pastCall(`m${index}`, index / 2))

function recording(id: string, hoursAgo: number, minutes?: number): Recording {
  const startedAt = Date.now() - hoursAgo * hourMs
  const ended = minutes === undefined ? {} : { endedAt: startedAt + minutes * 60_000 }
  const remote = { user: '+442079460018', domain: 'sip.example.com' }
  return { id, callId: id, remote, accountLabel: 'Work', startedAt, bytes: 100_000, ...ended }
}

const go =
  (...testIds: readonly string[]) =>
  async (page: Page) => {
    for (const testId of testIds) await page.getByTestId(testId).first().click()
  }

/** States of history, contacts, settings and of what is recognised by them. */
export const libraryStates: readonly NamedState[] = [
  { name: 'ready with recent calls', app: appWith({ accounts: [workAccount] }), library },
  { name: 'recents', app: appWith(), library, lead: go('tab-recents') },
  { name: 'recents, empty', app: appWith(), lead: go('tab-recents') },
  { name: 'recents, a thousand', app: appWith(), library: { history: many }, lead: go('tab-recents') },
  {
    name: 'recents, nothing found',
    app: appWith(),
    library,
    async lead(page) {
      await page.getByTestId('tab-recents').click()
      await page.getByTestId('history-search').fill('nobody')
      await page.getByText('No call matches').waitFor()
    },
  },
  { name: 'call receipt', app: appWith(), library, lead: go('tab-recents', 'recent-open') },
  {
    name: 'call receipt, hops',
    app: appWith(),
    library,
    async lead(page) {
      await go('tab-recents', 'recent-open')(page)
      await page.getByTestId('receipt-delete').scrollIntoViewIfNeeded()
    },
  },
  { name: 'people', app: appWith(), library, lead: go('tab-people') },
  { name: 'people, empty', app: appWith(), lead: go('tab-people') },
  {
    name: 'a contact',
    app: appWith(),
    library,
    async lead(page) {
      await page.getByTestId('tab-people').click()
      await page.getByText('Ada Lovelace').click()
    },
  },
  {
    name: 'edit contact',
    app: appWith(),
    library,
    async lead(page) {
      await page.getByTestId('tab-people').click()
      await page.getByText('Ada Lovelace').click()
      await page.getByTestId('contact-edit').click()
    },
  },
  {
    name: 'add contact, mistakes',
    app: appWith(),
    async lead(page) {
      await go('tab-people', 'contact-add')(page)
      await page.getByTestId('contact-number').fill('two words')
      await page.getByTestId('contact-save').click()
    },
  },
  {
    name: 'ready, a name typed',
    app: appWith(),
    library,
    lead: (page) => page.getByTestId('number-field').fill('ada'),
  },
  {
    name: 'ready, emergency number',
    app: appWith({ accounts: [workAccount] }),
    library,
    lead: (page) => page.getByTestId('number-field').fill('112'),
  },
  {
    name: 'incoming, a contact',
    app: appWith({ calls: [{ ...incomingCall, remote: { ...desk, displayName: 'PBX 20' } }] }),
    library,
  },
  {
    name: 'incoming, someone who claims to be a contact',
    app: appWith({
      calls: [
        { ...incomingCall, remote: { ...incomingCall.remote, user: '+442079460099', displayName: 'Аda Lovelace' } },
      ],
    }),
    library,
  },
  { name: 'settings', app: appWith(), lead: go('tab-settings') },
  {
    name: 'recordings',
    app: appWith(),
    library: { contacts: people, recordings: [recording('r1', 1, 8), recording('r2', 30)] },
    lead: go('tab-settings', 'settings-recordings', 'recording-remove'),
  },
  { name: 'recordings, none', app: appWith(), lead: go('tab-settings', 'settings-recordings') },
  {
    name: 'sound',
    app: appWith({
      settings: {
        ...defaultSettings,
        devices: { ...defaultSettings.devices, speaker: [{ id: 'gone', label: 'Headset' }] },
      },
    }),
    lead: go('tab-settings', 'settings-sound'),
  },
]
