import { describe, expect, test } from 'vitest'
import { evidenceOf } from '../../../../renderer/src/diagnosis/evidence.ts'
import { type HearingCause, hearingRemedies, whyNotHeard } from '../../../../renderer/src/diagnosis/hearing.ts'
import { type MediaReading, mediaReading, type Reading } from '../../../../renderer/src/diagnosis/reading.ts'
import { type SpeakingCause, speakingRemedies, whyNotHeardThere } from '../../../../renderer/src/diagnosis/speaking.ts'
import en from '../../../../renderer/src/locales/en.json' with { type: 'json' }
import { type CallView, type HopView, type LegCounters, noCounters } from '../../../../shared/model/call.ts'
import type { HopQuality } from '../../../../shared/model/quality.ts'
import { callView } from '../calls.ts'

const nowMs = 1_000_000

interface Situation {
  readonly trunk?: Partial<LegCounters>
  readonly local?: Partial<LegCounters>
  readonly media?: Partial<MediaReading>
  /** Of the trunk's hop. */
  readonly quality?: HopQuality
  readonly call?: Partial<CallView>
  readonly reading?: Partial<Reading>
  /** Totals from before the two readings. */
  readonly before?: Partial<LegCounters>
}

const healthyFlow: Partial<LegCounters> = { received: 150, sent: 150, rtcpReceived: 1, rtcpSent: 1 }
const hearsUs = { lossPercent: 0, jitterMs: 1, at: nowMs - 4_000, moving: true }
const before = { received: 1_000, sent: 1_000 }

function hop(leg: 'local' | 'trunk', counters: Partial<LegCounters>, quality: HopQuality = {}): HopView {
  return {
    leg,
    mode: leg === 'local' ? 'webrtc' : 'srtp',
    profile: 'RTP/SAVP',
    keyExchange: leg === 'local' ? 'dtls' : 'sdes',
    signalling: { transport: leg === 'local' ? 'local' : 'tls' },
    counters: { ...noCounters, ...counters },
    quality,
  }
}

/** A call in which all is well, three seconds apart, except for what the situation says. */
function evidence(situation: Situation) {
  const { trunk = healthyFlow, local = healthyFlow, quality = { there: hearsUs }, before: base = before } = situation
  const grown = (change: Partial<LegCounters>): Partial<LegCounters> => {
    const all = { ...noCounters, ...base }
    return Object.fromEntries(Object.entries(all).map(([name, count]) => [name, count + (change[name as never] ?? 0)]))
  }
  const call = (hops: HopView[]) => callView({ state: 'connected', hops, ...situation.call })
  const media: MediaReading = {
    connection: 'connected',
    received: { packets: 150, samples: 144_000, invented: 0, energy: 0.05, seconds: 3 },
    sentPackets: 150,
    microphone: { energy: 0.05, seconds: 3 },
    ...situation.media,
  }
  const nothing: MediaReading = {
    connection: 'connected',
    received: { packets: 0, samples: 0, invented: 0, energy: 0, seconds: 0 },
    sentPackets: 0,
    microphone: { energy: 0, seconds: 0 },
  }
  const reading: Reading = {
    linked: true,
    call: call([hop('local', base), hop('trunk', base)]),
    muted: false,
    held: false,
    media: nothing,
    microphoneTrack: { live: true, systemMuted: false },
    output: { hasSound: true, paused: false, silenced: false, sinkId: '' },
    speaker: { chosen: undefined, missing: undefined },
  }
  const later: Reading = {
    ...reading,
    call: call([hop('local', grown(local)), hop('trunk', grown(trunk), quality)]),
    media,
    ...situation.reading,
  }
  return evidenceOf(reading, later)
}

const received = (over: Partial<MediaReading['received']>): Partial<MediaReading> => ({
  received: { packets: 150, samples: 144_000, invented: 0, energy: 0.05, seconds: 3, ...over },
})
const headset = { id: 'h', label: 'Headset' }
const output = { hasSound: true, paused: false, silenced: false, sinkId: '' }

const hearing: readonly (readonly [HearingCause, Situation])[] = [
  ['link-lost', { reading: { linked: false } }],
  ['not-answered', { call: { state: 'ringing' } }],
  ['held-here', { reading: { held: true } }],
  ['held-there', { call: { heldByRemote: true } }],
  ['never-arrived', { trunk: {}, before: {} }],
  ['stopped', { trunk: {} }],
  ['no-sound-sent', { trunk: { rtcpReceived: 2 }, before: {} }],
  ['no-sound-sent', { trunk: {}, before: { rtcpReceived: 2 } }],
  ['no-sound-sent', { trunk: { rtcpReceived: 1 } }],
  ['wrong-source', { trunk: { foreign: 150 } }],
  ['not-sound', { trunk: { malformed: 150 } }],
  ['wrong-key', { trunk: { authFailed: 150 } }],
  ['wrong-key', { trunk: { authFailed: 100, received: 50, sent: 100 } }],
  ['too-many-streams', { trunk: { tooManyStreams: 150 } }],
  ['too-many-streams', { trunk: { tooManyStreams: 100, received: 50, sent: 100 } }],
  ['replayed', { trunk: { replayed: 150 } }],
  ['unknown-format', { trunk: { received: 150, unmapped: 150 } }],
  ['no-connection', { media: { connection: 'disconnected' } }],
  ['not-passed-on', { local: { received: 150 }, media: received({ packets: 0 }) }],
  ['not-received', { media: received({ packets: 0 }) }],
  ['not-decoded', { media: received({ samples: 0 }) }],
  ['not-decoded', { media: received({ invented: 140_000 }) }],
  ['silence', { media: received({ energy: 0 }) }],
  ['silence', { media: received({ energy: 3e-7 }) }],
  ['no-output', { reading: { output: { ...output, hasSound: false } } }],
  ['turned-off', { reading: { output: { ...output, silenced: true } } }],
  ['turned-off', { reading: { output: { ...output, paused: true } } }],
  ['wrong-device', { reading: { speaker: { chosen: headset, missing: undefined } } }],
  ['wrong-device', { reading: { output: { ...output, sinkId: 'tv' } } }],
  ['device-gone', { reading: { speaker: { chosen: undefined, missing: headset } } }],
  ['lossy', { quality: { here: { lossPercent: 40, jitterMs: 2 }, there: hearsUs } }],
  ['fine', {}],
  ['fine', { reading: { output: { ...output, sinkId: 'h' }, speaker: { chosen: headset, missing: undefined } } }],
]

const speaking: readonly (readonly [SpeakingCause, Situation])[] = [
  ['link-lost', { reading: { linked: false } }],
  ['not-answered', { call: { state: 'ringing' } }],
  ['held-here', { reading: { held: true } }],
  ['held-there', { call: { heldByRemote: true } }],
  ['no-microphone', { reading: { microphoneTrack: { live: false, systemMuted: false } } }],
  ['muted', { reading: { muted: true }, media: { microphone: { energy: 0, seconds: 3 } } }],
  ['system-muted', { reading: { microphoneTrack: { live: true, systemMuted: true } } }],
  ['silent-microphone', { media: { microphone: { energy: 0, seconds: 3 } } }],
  ['no-connection', { media: { connection: 'failed' } }],
  ['not-leaving', { media: { sentPackets: 0 } }],
  ['not-taken', { local: { sent: 150 } }],
  ['not-passed-on', { trunk: { received: 150 } }],
  ['no-reports', { quality: {} }],
  ['not-arriving', { quality: { there: { ...hearsUs, moving: false } } }],
  ['reports-ended', { quality: { there: { ...hearsUs, at: nowMs - 60_000 } } }],
  ['lossy', { quality: { there: { ...hearsUs, lossPercent: 33 } } }],
  ['fine', {}],
]

describe('why can I not hear', () => {
  test.each(hearing)('%s (row %#)', (cause, situation) => {
    expect(whyNotHeard(evidence(situation)).cause).toBe(cause)
  })

  test('a call that is not in this window cannot be looked into', () => {
    const seen = evidence({})
    const { media: _gone, ...now } = seen.now
    expect(whyNotHeard({ ...seen, now }).cause).toBe('other-window')
    expect(whyNotHeardThere({ ...seen, now }, nowMs).cause).toBe('other-window')
  })

  test('links before the broken one hold, those behind it are not known', () => {
    const { checks } = whyNotHeard(evidence({ media: received({ packets: 0 }) }))
    expect(checks.map(({ state }) => state)).toEqual(['ok', 'ok', 'bad', 'unknown', 'unknown', 'unknown'])
    expect(new Set(whyNotHeard(evidence({})).checks.map(({ state }) => state))).toEqual(new Set(['ok']))
    const held = whyNotHeard(evidence({ reading: { held: true } })).checks
    expect(new Set(held.map(({ state }) => state))).toEqual(new Set(['unknown']))
  })

  test('a voice as quiet as a whisper is no silence', () => {
    // -50 dB of full scale.
    expect(whyNotHeard(evidence({ media: received({ energy: 3e-5 }) })).cause).toBe('fine')
  })
})

describe('why can they not hear me', () => {
  test.each(speaking)('%s (row %#)', (cause, situation) => {
    expect(whyNotHeardThere(evidence(situation), nowMs).cause).toBe(cause)
  })
})

test('every cause has a row, a sentence and something to press', () => {
  const rows = {
    hearing: new Set(hearing.map(([cause]) => cause)),
    speaking: new Set(speaking.map(([cause]) => cause)),
  }
  for (const [question, remedies] of Object.entries({ hearing: hearingRemedies, speaking: speakingRemedies })) {
    const causes = Object.keys(remedies)
    expect(causes.filter((cause) => cause !== 'other-window').toSorted()).toEqual(
      [...rows[question as keyof typeof rows]].toSorted(),
    )
    const sentences = en.why[question as 'hearing'] as Record<string, string>
    expect(causes.filter((cause) => !sentences[cause]?.endsWith('.') && !sentences[cause]?.endsWith('}}.'))).toEqual([])
    expect(Object.values(remedies).filter((remedy) => !(remedy in en.why.remedy))).toEqual([])
  }
})

test('the browser’s statistics are added up over the audio streams of a call', () => {
  const stats = [
    { type: 'inbound-rtp', kind: 'audio', packetsReceived: 10, totalSamplesReceived: 9_600, concealedSamples: 480 },
    { type: 'inbound-rtp', kind: 'audio', packetsReceived: 5, totalAudioEnergy: 0.5, totalSamplesDuration: 2 },
    { type: 'inbound-rtp', kind: 'video', packetsReceived: 99 },
    { type: 'outbound-rtp', kind: 'audio', packetsSent: 7 },
    { type: 'media-source', kind: 'audio', totalAudioEnergy: 0.25, totalSamplesDuration: 1 },
    { type: 'transport' },
  ]
  expect(mediaReading(stats, 'connected')).toEqual({
    connection: 'connected',
    received: { packets: 15, samples: 9_600, invented: 480, energy: 0.5, seconds: 2 },
    sentPackets: 7,
    microphone: { energy: 0.25, seconds: 1 },
  })
})
