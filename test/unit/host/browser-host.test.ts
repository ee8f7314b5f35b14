import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { type BrowserHost, startBrowserHost } from '../../../electron/host/browser-host.ts'
import type { WindowConnection } from '../../../electron/host/host.ts'

let folder: string
let host: BrowserHost
let windows: WindowConnection[]

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'kedge-host-'))
  mkdirSync(join(folder, 'window', 'assets'), { recursive: true })
  writeFileSync(join(folder, 'window', 'index.html'), '<!doctype html><title>Kedge</title>')
  writeFileSync(join(folder, 'window', 'assets', 'app.js'), '1')
  writeFileSync(join(folder, 'secret.html'), 'not for the window')
  host = await startBrowserHost({ dataDir: folder, windowDir: join(folder, 'window'), port: 0 })
  windows = []
  host.onWindow = (window) => windows.push(window)
})

afterEach(async () => {
  await host.close()
  rmSync(folder, { recursive: true })
})

interface Answer {
  status: number
  headers: Record<string, string | string[] | undefined>
  body: string
}

/** Node's own client, because it lets a test lie in Host. */
function get(path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Answer> {
  const { port } = new URL(host.windowUrl())
  return new Promise((resolve, reject) => {
    request(
      { host: '127.0.0.1', port, path, method, headers: { host: `127.0.0.1:${port}`, ...headers } },
      (response) => {
        let body = ''
        response.setEncoding('utf8')
        response.on('data', (chunk) => {
          body += chunk
        })
        response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }))
      },
    )
      .on('error', reject)
      .end()
  })
}

async function admit(): Promise<string> {
  const url = new URL(host.windowUrl())
  const { headers } = await get(url.pathname + url.search)
  return String(headers['set-cookie']).split(';')[0] ?? ''
}

/** @returns the status of the upgrade: 101 when the socket opened */
function upgrade(headers: Record<string, string>, path = '/door'): Promise<number> {
  const { port } = new URL(host.windowUrl())
  return new Promise((resolve) => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, ['kedge'], { headers })
    socket.on('open', () => {
      resolve(101)
      socket.terminate()
    })
    socket.on('unexpected-response', (_request, response) => resolve(response.statusCode ?? 0))
    socket.on('error', () => undefined)
  })
}

describe('the browser shell', () => {
  it('admits one browser per ticket, once, with a cookie that scripts cannot read', async () => {
    const url = new URL(host.windowUrl())
    const first = await get(url.pathname + url.search)
    expect(first.status).toBe(303)
    expect(String(first.headers['set-cookie'])).toMatch(/HttpOnly; SameSite=Strict/)
    expect((await get(url.pathname + url.search)).status).toBe(403)
  })

  it('serves the window with a strict policy, and nothing outside its folder', async () => {
    const cookie = await admit()
    const page = await get('/', { cookie })
    expect(page.status).toBe(200)
    expect(page.headers['content-security-policy']).toContain("default-src 'none'")
    expect(page.headers['content-security-policy']).not.toContain('unsafe')
    expect((await get('/assets/app.js', { cookie })).body).toBe('1')
    for (const path of ['/../secret.html', '/%2e%2e/secret.html', '/assets/..%2f..%2fsecret.html', '//secret.html']) {
      expect((await get(path, { cookie })).body).not.toContain('not for the window')
    }
  })

  it('answers nobody without the cookie, under another name, or with another method', async () => {
    const cookie = await admit()
    expect((await get('/')).status).toBe(403)
    expect((await get('/', { cookie: 'kedge=guess' })).status).toBe(403)
    expect((await get('/', { cookie, host: 'kedge.attacker.example' })).status).toBe(421)
    expect((await get('/', { cookie, host: `localhost:${new URL(host.windowUrl()).port}` })).status).toBe(421)
    expect((await get('/', { cookie }, 'POST')).status).toBe(405)
  })

  it('opens its socket for exactly one combination of Host, Origin and cookie', async () => {
    const cookie = await admit()
    const { origin, host: authority, port } = new URL(host.windowUrl())
    const origins = [
      origin,
      undefined,
      'null',
      'file://',
      'https://attacker.example',
      `http://localhost:${port}`,
      `https://127.0.0.1:${port}`,
      'http://127.0.0.1',
      `${origin}.attacker.example`,
      `http://[::1]:${port}`,
    ]
    const hosts = [authority, `localhost:${port}`, 'attacker.example', `0.0.0.0:${port}`, `[::1]:${port}`]
    const cookies = [cookie, undefined, 'kedge=', `${cookie}x`]
    const admitted: string[] = []
    let tried = 0
    for (const o of origins) {
      for (const h of hosts) {
        for (const c of cookies) {
          tried++
          const status = await upgrade({ host: h, ...(o && { origin: o }), ...(c && { cookie: c }) })
          if (status === 101) admitted.push(`${h} ${o} ${c}`)
          else expect(status).toBe(403)
        }
      }
    }
    expect(tried).toBe(200)
    expect(admitted).toEqual([`${authority} ${origin} ${cookie}`])
    // Canary: with any one of the three checks left out, more than one of the two hundred would come in.
    const combinations = origins.flatMap((o) =>
      hosts.flatMap((h) => cookies.map((c) => [o === origin, h === authority, c === cookie])),
    )
    for (const left of [0, 1, 2]) {
      expect(
        combinations.filter((right) => right.every((fits, check) => fits || check === left)).length,
      ).toBeGreaterThan(1)
    }
    expect(windows).toHaveLength(1)
    expect(await upgrade({ host: authority, origin, cookie }, '/other')).toBe(403)
  })

  it('ends the connection of a window that breaks the contract, and keeps running', async () => {
    const cookie = await admit()
    const { origin, host: authority } = new URL(host.windowUrl())
    for (const frame of ['', 'x', '{"t":"sip"}', '{"t":"call","id":-1,"channel":"state","input":{}}', '[]']) {
      const socket = new WebSocket(`ws://${authority}/door`, ['kedge'], { headers: { origin, cookie } })
      const code = await new Promise<number>((resolve) => {
        socket.on('open', () => socket.send(frame))
        socket.on('close', resolve)
      })
      expect(code).toBe(1008)
    }
  })

  it('answers calls by their id and carries SIP both ways', async () => {
    const cookie = await admit()
    const { origin, host: authority } = new URL(host.windowUrl())
    const socket = new WebSocket(`ws://${authority}/door`, ['kedge'], { headers: { origin, cookie } })
    const heard: unknown[] = []
    const received = new Promise<void>((resolve) => {
      socket.on('message', (data) => {
        heard.push(JSON.parse(String(data)))
        if (heard.length === 2) resolve()
      })
    })
    await new Promise((resolve) => socket.on('open', resolve))
    const [window] = windows
    if (!window) throw new Error('no window')
    const sip = new Promise<string>((resolve) => {
      window.onSip = resolve
    })
    window.onCall = async (channel) => ({ ok: false, error: { code: 'internal', message: channel } })
    socket.send(JSON.stringify({ t: 'call', id: 7, channel: 'state', input: {} }))
    socket.send(JSON.stringify({ t: 'sip', message: 'INVITE' }))
    expect(await sip).toBe('INVITE')
    window.sendSip('SIP/2.0 100 Trying')
    await received
    expect(heard).toContainEqual({
      t: 'result',
      id: 7,
      result: { ok: false, error: { code: 'internal', message: 'state' } },
    })
    expect(heard).toContainEqual({ t: 'sip', message: 'SIP/2.0 100 Trying' })
    socket.terminate()
  })
})
