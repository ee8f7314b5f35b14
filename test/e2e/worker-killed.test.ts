import { describe, expect, it } from 'vitest'
import { recordHeard } from '../harness/browser/heard.ts'
import { startOwnPhone } from '../harness/browser/own-phone.ts'
import { findTone } from '../harness/tone.ts'

describe('the media worker dies in a call', () => {
  it('ends that call with the true reason, and the next call works', async () => {
    await using phone = await startOwnPhone(800)
    const { page, softphone } = phone
    await page.getByTestId('echo-button').click()
    const first = await phone.call('the first call is proven', ({ security }) => security === 'proven')

    await softphone.media.terminateForTest()
    const ended = await phone.call('it ends', ({ id, state }) => id === first.id && state === 'ended', 2000)
    expect(ended.end).toMatchObject({ by: 'kedge', code: 'call/worker-lost' })
    await page.locator('[data-testid=end-reason][data-code="call/worker-lost"]').waitFor()
    await page.screenshot({ path: 'test-output/worker-lost.png' })

    await page.getByTestId('again-button').click()
    await phone.call('the next call is proven', ({ id, security }) => id !== first.id && security === 'proven')
    expect(findTone(await recordHeard(page, 2))?.hz).toBeCloseTo(800, -1)
  })
})
