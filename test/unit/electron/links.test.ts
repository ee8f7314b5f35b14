import { EventEmitter } from 'node:events'
import { beforeEach, describe, expect, it, vi } from 'vitest'

const { app } = vi.hoisted(() => ({ app: { current: undefined as EventEmitter | undefined } }))
vi.mock('electron', () => ({ app: { on: (name: string, heard: () => void) => app.current?.on(name, heard) } }))
const { Links } = await import('../../../electron/host/electron/links.ts')

let shown = 0
let targets: string[] = []
beforeEach(() => {
  app.current = new EventEmitter()
  shown = 0
  targets = []
  new Links({
    onTarget: (target) => targets.push(target),
    onShow: () => {
      shown++
    },
    log: () => undefined,
    now: () => 0,
  })
})

const started = (...args: string[]) => app.current?.emit('second-instance', {}, ['kedge', ...args])
const opened = (url: string) => app.current?.emit('open-url', { preventDefault: () => undefined }, url)

describe('links from the system', () => {
  it.each([
    ['on a command line', () => started('--', 'tel:100')],
    ['from macOS', () => opened('tel:100')],
  ])('raise the window five times a minute and no more, %s', (_name, link) => {
    for (let times = 0; times < 8; times++) link()
    expect([targets.length, shown]).toEqual([5, 5])
  })

  it('leave a second start alone, which the user made', () => {
    for (let times = 0; times < 8; times++) started('--', 'tel:100')
    started()
    expect(shown).toBe(6)
  })
})
