import type { CallView } from '../../../shared/model/call.ts'
import type { DeviceRef } from '../../../shared/model/settings.ts'

/** What the browser says of a call's media at one moment; totals since the call began. */
export interface MediaReading {
  readonly connection: RTCPeerConnectionState
  readonly received: {
    readonly packets: number
    /** Played out, in samples; those that were invented for want of packets are among them. */
    readonly samples: number
    readonly invented: number
    /** Energy of what was played and how long that was: together they give a level. */
    readonly energy: number
    readonly seconds: number
  }
  readonly sentPackets: number
  readonly microphone: { readonly energy: number; readonly seconds: number }
}

/** What plays the far end. */
export interface OutputReading {
  /** A live track is there to be played. */
  readonly hasSound: boolean
  readonly paused: boolean
  /** Muted or at volume 0. */
  readonly silenced: boolean
  /** Device that it really plays on; empty for the system's own. */
  readonly sinkId: string
}

/** Everything that can be known of a call at one moment. */
export interface Reading {
  /** The main process can be heard. */
  readonly linked: boolean
  readonly call: CallView
  readonly muted: boolean
  readonly held: boolean
  /** Absent when the call is not in this window. */
  readonly media?: MediaReading
  readonly microphoneTrack?: { readonly live: boolean; readonly systemMuted: boolean }
  readonly output: OutputReading
  readonly speaker: {
    /** Undefined is the system's own choice. */
    readonly chosen: DeviceRef | undefined
    readonly missing: DeviceRef | undefined
  }
}

interface AudioStats {
  readonly type: string
  readonly kind?: string
  readonly packetsReceived?: number
  readonly packetsSent?: number
  readonly totalSamplesReceived?: number
  readonly concealedSamples?: number
  readonly totalAudioEnergy?: number
  readonly totalSamplesDuration?: number
}

/** Pure. What of the browser's statistics (webrtc-stats) a check needs; all audio streams of the call together. */
export function mediaReading(stats: Iterable<AudioStats>, connection: RTCPeerConnectionState): MediaReading {
  const audio = [...stats].filter(({ kind }) => kind === 'audio')
  const sum = (type: string, of: (entry: AudioStats) => number | undefined) =>
    audio.filter((entry) => entry.type === type).reduce((total, entry) => total + (of(entry) ?? 0), 0)
  return {
    connection,
    received: {
      packets: sum('inbound-rtp', ({ packetsReceived }) => packetsReceived),
      samples: sum('inbound-rtp', ({ totalSamplesReceived }) => totalSamplesReceived),
      invented: sum('inbound-rtp', ({ concealedSamples }) => concealedSamples),
      energy: sum('inbound-rtp', ({ totalAudioEnergy }) => totalAudioEnergy),
      seconds: sum('inbound-rtp', ({ totalSamplesDuration }) => totalSamplesDuration),
    },
    sentPackets: sum('outbound-rtp', ({ packetsSent }) => packetsSent),
    microphone: {
      energy: sum('media-source', ({ totalAudioEnergy }) => totalAudioEnergy),
      seconds: sum('media-source', ({ totalSamplesDuration }) => totalSamplesDuration),
    },
  }
}
