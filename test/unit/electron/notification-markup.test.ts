import { beforeEach, describe, expect, it, vi } from 'vitest'
import type { AppState } from '../../../shared/ipc/contract.ts'
import type { CallView } from '../../../shared/model/call.ts'

const { shown } = vi.hoisted(() => ({ shown: [] as string[] }))
vi.mock('electron', () => ({
  Notification: class {
    static isSupported = () => true
    readonly #body: string
    constructor({ body }: { body: string }) {
      this.#body = body
    }
    on() {}
    show() {
      shown.push(this.#body)
    }
  },
}))
const { Notifications } = await import('../../../electron/host/electron/notifications.ts')

const call = {
  id: 'call-1',
  accountId: 'Sales & <i>more</i>',
  remote: { user: '100', displayName: '<a href="https://example.com">R&amp;D</a>' },
} as CallView

beforeEach(() => {
  shown.length = 0
})

describe('the body of a notification', () => {
  const bodies = (platform: NodeJS.Platform) => {
    const change = { rings: [call], silenced: [], missed: [call] }
    new Notifications(platform, () => undefined).show(change, { accounts: [] } as unknown as AppState, false)
    return shown
  }

  it('holds no markup of a caller on Linux, whose servers read it (Desktop Notifications Specification, Markup)', () => {
    expect(bodies('linux')).toHaveLength(2)
    for (const body of shown) {
      expect(body).toContain('&lt;a href="https://example.com"&gt;R&amp;amp;D&lt;/a&gt;')
      expect(body).toContain('Sales &amp; &lt;i&gt;more&lt;/i&gt;')
    }
  })

  it.each(['darwin', 'win32'] as const)('is plain text on %s', (platform) => {
    expect(bodies(platform)).toHaveLength(2)
    for (const body of shown) expect(body).toContain('<a href="https://example.com">R&amp;D</a>')
  })
})
