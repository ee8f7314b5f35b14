import type { CallId } from './call.ts'

/** A recording as the list shows it; its sound lies encrypted on disk. */
export interface Recording {
  readonly id: string
  readonly callId: CallId
  readonly remote: { readonly user: string; readonly domain: string; readonly displayName?: string }
  readonly accountLabel: string
  /** Epoch ms. */
  readonly startedAt: number
  /** Absent of one that was cut off by a crash or a full disk: what was written until then can be played. */
  readonly endedAt?: number
  /** Of sound, before encryption. */
  readonly bytes: number
}

/** Recordings are Opus in WebM, as the browser's own recorder writes it. */
export const recordingMimeType = 'audio/webm;codecs=opus'
