import { setTimeout as delay } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { startBaresip } from '../harness/baresip.ts'
import { startCapture } from '../harness/capture.ts'
import { createAuthority } from '../harness/certificates.ts'
import { startKamailio } from '../harness/kamailio.ts'
import { judgeStreams } from '../harness/rtp-judge.ts'
import { startSipp } from '../harness/sipp.ts'

const domain = 'pbx.test'

/** The trunk of avp-answer.test.ts, tried with a phone that keeps such a call and with one that talks on it. */
test.for([
  { name: 'an RTP/SAVP offer', mediaEncryption: 'srtp-mand', offer: /m=audio \d+ RTP\/SAVP 0/, plaintext: [] },
  { name: 'an RTP/AVP offer', mediaEncryption: 'none', offer: /m=audio \d+ RTP\/AVP 0/, plaintext: [true] },
] as const)('the trunk behind TLS answers $name with RTP/AVP, and its trace shows what is sent to it', async (row) => {
  await using peers = new AsyncDisposableStack()
  const sipp = peers.use(await startSipp('answer-avp'))
  const authority = await createAuthority()
  const kamailio = peers.use(
    await startKamailio({
      domain,
      users: { alice: 'wonder' },
      credentials: await authority.issue({ names: [domain] }),
      routes: { plain: sipp.uri },
    }),
  )
  const alice = peers.use(
    await startBaresip({
      user: 'alice',
      password: 'wonder',
      domain,
      proxy: { port: kamailio.ports.tls, transport: 'tls' },
      caPem: authority.certPem,
      mediaEncryption: row.mediaEncryption,
      answer: 'manual',
      toneHz: 620,
    }),
  )
  const capture = peers.use(await startCapture([sipp.media]))
  alice.dial(`sip:plain@${domain}`)
  await alice.next('CALL_ESTABLISHED')
  await delay(1_000)
  alice.hangUp()
  await sipp.finished()

  const messages = await sipp.messages()
  expect(messages).toMatch(row.offer)
  expect(messages).toMatch(/SIP\/2.0 200 OK[\s\S]*m=audio \d+ RTP\/AVP 0/)
  expect(judgeStreams(await capture.stop()).map((stream) => stream.plaintext)).toEqual(row.plaintext)
})
