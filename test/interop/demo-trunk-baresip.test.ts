import { afterAll, beforeAll, expect, test } from 'vitest'
import { type DemoTrunk, startDemoTrunk, type TrunkEvent } from '../../electron/demo-trunk/demo-trunk.ts'
import { type Baresip, startBaresip } from '../harness/baresip.ts'
import { type Scratch, scratchFolder } from '../harness/scratch.ts'

let scratch: Scratch
let trunk: DemoTrunk
const events: TrunkEvent[] = []

beforeAll(async () => {
  scratch = await scratchFolder('demo-trunk')
  trunk = await startDemoTrunk({
    dataDir: scratch.path,
    // baresip 1.0.0 gives up at the first challenge that is not MD5, whatever else is offered.
    digestAlgorithms: ['MD5'],
    onEvent: (event) => events.push(event),
  })
})
afterAll(async () => {
  await trunk?.close()
  await scratch?.[Symbol.asyncDispose]()
})

function phone(toneHz: number, codecs: readonly ('PCMU' | 'PCMA')[] = ['PCMU']): Promise<Baresip> {
  const { username: user, password, domain, port, caPem } = trunk
  const proxy = { port, transport: 'tls' as const }
  return startBaresip({
    user,
    password,
    domain,
    proxy,
    caPem,
    toneHz,
    codecs,
    mediaEncryption: 'srtp-mand',
    answer: 'auto',
  })
}

const at = (target: string) => `sip:${target}@${trunk.domain}`

test('baresip registers with digest over TLS and hears the tone of 440 Hz', async () => {
  await using baresip = await phone(700)
  expect(events.some(({ type }) => type === 'registered')).toBe(true)
  baresip.dial(at('tone'))
  await baresip.next('CALL_ESTABLISHED')
  expect((await baresip.hearsTone())?.hz).toBeCloseTo(440, -1)
  baresip.hangUp()
  await baresip.next('CALL_CLOSED')
})
