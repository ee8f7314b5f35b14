import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Scene, startScene } from '../harness/browser/scene.ts'
import { type ImpairedMedia, startImpairedMedia } from '../harness/impaired-media.ts'

/** Figures in the window against a bad network of which every packet was counted. */
/** The longer half runs with KEDGE_FULL=1. */
const full = process.env.KEDGE_FULL === '1'
const peers = new AsyncDisposableStack()
let network: ImpairedMedia
let scene: Scene
beforeAll(async () => {
  network = peers.use(await startImpairedMedia())
  scene = peers.use(await startScene({ story: 'quality', mediaRelayPort: network.controlPort }))
})
afterAll(() => peers.disposeAsync())

/** "9.8% lost, 14 ms jitter" in numbers. */
async function shown(row: string): Promise<{ loss: number; jitterMs: number }> {
  const words = await scene.phone
    .element('quality-trunk')
    .locator('dt', { hasText: row })
    .locator('xpath=following-sibling::dd[1]')
    .innerText({ timeout: 1_000 })
    .catch(() => '')
  const [, loss = 'NaN', jitterMs = 'NaN'] = /([\d.]+)% lost, ([\d.]+) ms jitter/u.exec(words) ?? []
  return { loss: Number(loss), jitterMs: Number(jitterMs) }
}

/** Seconds begin and end between packets, so that a percent or two are in the nature of the thing. */
const isShown = async (row: string, lossPercent: number) => Math.abs((await shown(row)).loss - lossPercent) < 2

test('loss and jitter of a bad network are shown as they were made, each on its way, and kept with the call', async () => {
  const { phone } = scene
  await scene.farEnd()
  await phone.call('bob')
  await phone.seesCall('connected')
  await phone.seesSecurity('proven')
  network.toOfferer.impairment = { lossPercent: 10, jitterMs: 15 }
  network.toAnswerer.impairment = { lossPercent: 4, jitterMs: 0 }
  await phone.page.locator('[data-testid=quality][data-quality]').click()
  // The window shows the last six seconds, and the far end reports every few seconds.
  await expect.poll(() => isShown('Arriving at Kedge', 10), { timeout: 20_000 }).toBe(true)
  await expect.poll(() => isShown('Arriving there', 4), { timeout: 20_000 }).toBe(true)
  // Packets that are alternately on time and 15 ms late differ by 15 ms, plus what a busy machine adds.
  const { jitterMs } = await shown('Arriving at Kedge')
  expect(jitterMs).toBeGreaterThan(7)
  expect(jitterMs).toBeLessThan(60)
  await phone.picture('figures')
  await phone.page.keyboard.press('Escape')
  await expect.poll(() => phone.element('quality').getAttribute('data-quality')).not.toBe('good')
  await phone.picture('bar')

  await phone.hangUp()
  await phone.seesEnd()
  await phone.element('done-button').click()
  await phone.element('tab-recents').click()
  await phone.element('recent-open').first().click()
  await phone.element('quality-trunk').scrollIntoViewIfNeeded()
  const { seen, dropped } = network.toOfferer
  expect(await isShown('Arriving at Kedge', (100 * dropped) / seen)).toBe(true)
  await phone.picture('receipt')
})

if (full) {
  test('a far end whose microphone is silent is told from one that does not arrive', async () => {
    const { phone } = scene
    await scene.farEnd({ user: 'erin', toneHz: 0 })
    await phone.element('tab-phone').click()
    await phone.call('erin')
    await phone.seesCall('connected')
    await phone.seesSecurity('proven')
    network.toOfferer.impairment = { lossPercent: 0, jitterMs: 0 }
    await phone.element('why-button').click()
    await phone.page.locator('[data-testid=why-verdict][data-cause=silence]').waitFor({ timeout: 15_000 })
    await phone.picture('silence')
  })
}

if (full) {
  test('a network that lets nothing through is told by both sides of the call', async () => {
    const { phone } = scene
    await phone.page.locator('[data-testid=why-verdict]').waitFor()
    network.toOfferer.impairment = { lossPercent: 100, jitterMs: 0 }
    network.toAnswerer.impairment = { lossPercent: 100, jitterMs: 0 }
    // The far end says every few seconds how far it has heard us.
    await expect
      .poll(
        async () => {
          await phone.page.keyboard.press('Escape')
          await phone.element('why-button').click()
          await phone.element('why-speaking').click()
          const verdict = phone.element('why-verdict')
          await verdict.waitFor({ timeout: 15_000 })
          return verdict.getAttribute('data-cause')
        },
        { timeout: 60_000 },
      )
      .toBe('not-arriving')
    await phone.element('why-hearing').click()
    expect(await phone.element('why-verdict').getAttribute('data-cause')).toMatch(/^(stopped|no-sound-sent)$/u)
  })
}
