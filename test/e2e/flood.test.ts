import { expect, test } from 'vitest'
import { farHz, kedgeHz, startScene } from '../harness/browser/scene.ts'
import { flood, residentBytes, udpPortsOf } from '../harness/flood.ts'

const full = process.env.KEDGE_FULL === '1'
const seconds = full ? 60 : 3
const perSecond = 20_000
const mostGrowthBytes = 50 * 1024 * 1024

test(
  `${perSecond} datagrams a second from an unknown address, for ${seconds} s, leave a running call and the window usable (KEDGE_FULL=1 for a minute)`,
  async () => {
    await using scene = await startScene({ story: 'flood', transport: 'udp', encryption: 'off' })
    const { phone, kedge } = scene
    const bob = await scene.farEnd({ mediaEncryption: 'none', toneSeconds: seconds + 60 })
    await phone.call('bob')
    await phone.seesCall('connected')
    const ports = await udpPortsOf(kedge.process.pid)
    // SIP over UDP, and at least one socket of each media leg.
    expect(ports.length).toBeGreaterThanOrEqual(3)
    const before = await residentBytes(kedge.process.pid)

    let over = false
    const flooding = flood({ ports, datagrams: seconds * perSecond, perSecond }).finally(() => {
      over = true
    })
    const mute = phone.element('mute-button')
    const pressed = (wanted: string) => expect.poll(() => mute.getAttribute('aria-pressed')).toBe(wanted)
    const heard: (number | undefined)[] = []
    do {
      const tone = phone.hearsTone()
      await mute.click()
      await pressed('true')
      await mute.click()
      await pressed('false')
      heard.push((await tone)?.hz)
    } while (!over)
    expect(await flooding).toBe(seconds * perSecond)
    // Whatever was recorded during the flood has the tone of the far end in it.
    for (const hz of heard) expect(hz).toBeCloseTo(farHz, -1)
    expect(await phone.element('call-state').getAttribute('data-state')).toBe('connected')
    expect((await phone.hearsTone())?.hz).toBeCloseTo(farHz, -1)
    expect((await bob.hearsTone())?.hz).toBeCloseTo(kedgeHz, -1)
    expect((await residentBytes(kedge.process.pid)) - before).toBeLessThan(mostGrowthBytes)
    await phone.picture('after-the-flood')
    await phone.hangUp()
    await phone.seesCall('ended')
  },
  full ? 300_000 : 120_000,
)
