import { afterAll, beforeAll, expect, test } from 'vitest'
import { domain, type KedgeCore, startKedgeCore } from './support/kedge-core.ts'

/** Two SIP legs that share no codec: Kedge converts, encrypted on both sides. */
let kedge: KedgeCore
beforeAll(async () => {
  kedge = await startKedgeCore()
})
afterAll(() => kedge?.[Symbol.asyncDispose]())

test.each([
  { name: 'Opus calls G.711', caller: 'opus', callee: 'PCMU' },
  { name: 'G.711 calls Opus', caller: 'PCMA', callee: 'opus' },
  { name: 'G.722 calls Opus', caller: 'G722', callee: 'opus' },
  { name: 'G.711 calls G.722', caller: 'PCMU', callee: 'G722' },
] as const)('$name through Kedge: tones both ways', async ({ caller, callee }) => {
  await kedge.account({ forwarding: { always: { target: 'erin' } } })
  await using erin = await kedge.baresip({ user: 'erin', toneHz: 640, codecs: [callee], mediaEncryption: 'srtp-mand' })
  await using baresip = await kedge.baresip({ toneHz: 1040, codecs: [caller], mediaEncryption: 'srtp-mand' })
  baresip.dial(`sip:kedge@${domain}`)
  await baresip.next('CALL_ESTABLISHED')
  const [heardByCaller, heardByCallee] = await Promise.all([baresip.hearsTone(), erin.hearsTone()])
  expect(heardByCaller?.hz).toBeCloseTo(640, -1)
  expect(heardByCallee?.hz).toBeCloseTo(1040, -1)
  const call = await kedge.sees(({ security }) => security === 'proven', 'proven on both hops')
  expect(call.hops.map(({ mode, codec }) => [mode, codec])).toEqual([
    ['srtp', caller],
    ['srtp', callee],
  ])
  baresip.hangUp()
  await kedge.sees(({ state }) => state === 'ended', 'the end')
})
