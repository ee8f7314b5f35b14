import { readFile } from 'node:fs/promises'
import type { Page } from 'playwright'
import { beforeEach, describe, expect, test } from 'vitest'
import { askedOf, installFakeDoor, sentSip } from '../harness/browser/fake-door.ts'
import { contact, pastCall } from '../harness/browser/library-states.ts'
import { startOwnPhone } from '../harness/browser/own-phone.ts'
import { appWith } from '../harness/browser/window-fixtures.ts'
import { windowPages } from '../harness/browser/window-pages.ts'
import { windowFolder } from '../harness/window-build.ts'

describe('a call of the real phone', () => {
  test('is in the list when it is over, with its padlock, and its receipt names both hops', async () => {
    await windowFolder()
    await using phone = await startOwnPhone(1_000)
    const { page } = phone
    await page.getByTestId('echo-button').click()
    await phone.call('proven', ({ security }) => security === 'proven')
    await page.getByTestId('hangup-button').click()
    await page.getByTestId('done-button').click()
    const row = page.getByTestId('recent')
    await row.waitFor()
    expect(await row.getAttribute('data-course')).toBe('outgoing')
    expect(await page.getByTestId('recent-security').getAttribute('data-security')).toBe('proven')
    await page.getByTestId('recent-open').click()
    const downloaded = page.waitForEvent('download')
    await page.getByTestId('receipt-export').click()
    const receipt = JSON.parse(await readFile(await (await downloaded).path(), 'utf8'))
    expect(receipt).toMatchObject({
      kind: 'kedge-call-receipt',
      remote: { user: 'echo' },
      policy: 'required',
      security: 'proven',
      end: { by: 'user', code: 'call/hung-up' },
      hops: [
        { leg: 'local', mode: 'webrtc', keyExchange: 'dtls' },
        { leg: 'trunk', mode: 'srtp', keyExchange: 'sdes', signalling: { transport: 'tls', tlsVersion: 'TLSv1.3' } },
      ],
    })
    for (const { counters } of receipt.hops) expect(counters.received).toBeGreaterThan(0)
    expect(JSON.stringify(receipt)).not.toMatch(/inline:|password/iu)

    await page.getByTestId('receipt-delete').click()
    await page.getByText('Calls that you make and get are listed here.').waitFor()
  })
})

describe('the list of calls', () => {
  const pages = windowPages()
  let page: Page

  beforeEach(async () => {
    page = await pages.open({ locale: 'en-GB' })
  })

  const open = async (count: number, contacts = [contact('c1', 'Front desk', '020 7946 0020')]) => {
    const history = Array.from({ length: count }, (_item, index) =>
      pastCall(`c${index}`, index, { remote: { user: `+4420794${String(index).padStart(5, '0')}`, domain: 'x.test' } }),
    )
    await installFakeDoor(page, appWith(), { history, contacts })
    await page.goto(pages.url)
    await page.getByTestId('tab-recents').click()
    await page.getByTestId('recent').first().waitFor()
  }

  test('a press calls again, through the account of the call', async () => {
    await open(3)
    await page.getByTestId('recent').nth(1).click()
    const invites = async () => (await sentSip(page)).flatMap((message) => /^INVITE (\S+)/u.exec(message)?.[1] ?? [])
    await expect.poll(invites, { timeout: 10_000 }).toEqual(['sip:+442079400001@work.accounts.kedge.invalid'])
  })

  test('a search for the name of a contact asks for its numbers in every form', async () => {
    await open(3)
    await page.getByTestId('history-search').fill('front')
    await expect
      .poll(async () => (await askedOf(page, 'history')).at(-1))
      .toMatchObject({ query: 'front', numbers: ['02079460020', '+442079460020', '442079460020'] })
  })

  test('a thousand calls scroll to the last with few rows in the page, and no frame waits long for them', async () => {
    await open(1_000)
    const frames = await page.evaluate(async () => {
      const list = document.querySelector('ul[aria-label="Recents"]')?.parentElement
      if (!list) throw new Error('there is no list')
      const gaps: number[] = []
      let most = 0
      let last = performance.now()
      let still = 0
      while (still < 30) {
        const before = list.scrollTop
        list.scrollTop += 400
        await new Promise(requestAnimationFrame)
        const now = performance.now()
        gaps.push(now - last)
        last = now
        most = Math.max(most, list.querySelectorAll('li').length)
        still = list.scrollTop === before ? still + 1 : 0
      }
      gaps.sort((a, b) => a - b)
      return { most, median: gaps[gaps.length >> 1] ?? 0, p95: gaps[Math.floor(gaps.length * 0.95)] ?? 0 }
    })
    console.log(`scrolling: median frame ${frames.median.toFixed(1)} ms, p95 ${frames.p95.toFixed(1)} ms`)
    expect(frames.most).toBeLessThan(40)
    expect(frames.median).toBeLessThan(50)
    expect(await page.getByTestId('recent').last().innerText()).toContain('020 7940 0999')
  })

  test('clearing asks first', async () => {
    await open(3)
    await page.getByRole('button', { name: 'Clear the history' }).click()
    expect(await askedOf(page, 'clearHistory')).toEqual([])
    await page.getByTestId('history-clear').click()
    expect(await askedOf(page, 'clearHistory')).toEqual([{}])
  })
})
