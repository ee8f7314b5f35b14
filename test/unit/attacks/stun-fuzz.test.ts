import { describe, expect, it } from 'vitest'
import { IceLite } from '../../../electron/media/worker/ice-lite.ts'
import { printStun, stunAttribute, stunMethod } from '../../../electron/media/worker/stun.ts'
import { type Random, seededRandom } from '../media/srtp/random.ts'
import { buildWithout } from './build-without.ts'

/** CVE-2022-31031, CVE-2022-23537: STUN that is trusted before its length and its integrity are. */
const seed = 20_261_125
const inputs = 20_000

/** A connectivity check that would be right, and the same after somebody changed it who does not know the password. */
function changed(ice: IceLite, random: Random): Buffer {
  const attributes = [
    { type: stunAttribute.username, value: Buffer.from(`${ice.credentials.ufrag}:peer`) },
    { type: stunAttribute.useCandidate, value: Buffer.alloc(0) },
  ]
  const good = printStun(
    { type: stunMethod.bindingRequest, transactionId: Buffer.from(random.bytes(12)), attributes },
    ice.credentials.pwd,
  )
  const at = random.integer(good.length)
  switch (random.integer(5)) {
    case 0:
      return good.subarray(0, at)
    case 1:
      return Buffer.concat([good.subarray(0, at), random.bytes(4 * (1 + random.integer(40))), good.subarray(at)])
    case 2:
      return Buffer.from(random.bytes(random.integer(600)))
    case 3: {
      // The right frame around a wrong proof.
      const forged = printStun(
        { type: stunMethod.bindingRequest, transactionId: Buffer.from(random.bytes(12)), attributes },
        Buffer.from(random.bytes(16)).toString('hex'),
      )
      return forged
    }
    default: {
      const turned = Buffer.from(good)
      turned[at] = (turned[at] ?? 0) ^ (1 << random.integer(8))
      return turned
    }
  }
}

/** How many changed checks have validated their source. */
function validated(build: typeof IceLite): number {
  const random = seededRandom(seed)
  const ice = new build(() => true)
  ice.setRemoteUfrag('peer')
  let count = 0
  for (let at = 0; at < inputs; at += 1) {
    const outcome = ice.receive(changed(ice, random), '127.0.0.1', 1024 + (at % 60_000), 0)
    if (outcome.kind === 'checked') count += 1
  }
  return count
}

describe(`${inputs} changed connectivity checks, seed ${seed}`, () => {
  it('none throws, and none validates a source', () => expect(validated(IceLite)).toBe(0))

  it('canary: without the check of integrity thousands would', async () => {
    const { IceLite: build } = await buildWithout<{ IceLite: typeof IceLite }>(
      'media/worker/stun.ts',
      () => ({ verifyIntegrity: () => true }),
      'media/worker/ice-lite.ts',
    )
    expect(validated(build)).toBeGreaterThan(1_000)
  })
})
