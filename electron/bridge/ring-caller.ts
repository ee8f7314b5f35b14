import type { CallerLeg } from './call.ts'

/**
 * Tells the caller that it rings. The window gets with it what its ICE and DTLS need, so that they are done when the
 * callee answers: the 180 cannot carry the answer itself, for which codec it will be only the callee says, and 183 and 200
 * must not differ (RFC 3261 §13.2.1).
 * @throws KedgeError when the worker refuses
 */
export async function ringCaller({ invite, media }: CallerLeg): Promise<void> {
  const { early } = media
  if (early === undefined || invite.offer === undefined) return invite.progress(180)
  invite.progress(180, early.describe(), 'early-session')
  await early.connect()
}
