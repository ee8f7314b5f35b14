import { join } from 'node:path'
import { expect, it } from 'vitest'
import type { NoNetworkReport } from '../harness/browser/no-network-call.ts'
import { runTool } from '../harness/process.ts'
import { windowFolder } from '../harness/window-build.ts'

const root = join(import.meta.dirname, '../..')

/** As root, or as a user who may be root in a namespace of his own. */
const namespace = process.getuid?.() === 0 ? ['--net'] : ['--map-root-user', '--net']

/**
 * The microphone counts as allowed from the start, as Electron's permission handler says for the window. A browser that
 * still has to ask finds no path without a network; there the window opens the microphone before it calls.
 */
it('the window reaches Kedge with no network up, before and after a microphone was opened', async () => {
  await windowFolder()
  const script = join(root, 'test/harness/browser/no-network-call.ts')
  const inside = `ip link set lo up && exec "${process.execPath}" "${script}"`
  const output = await runTool('unshare', [...namespace, 'sh', '-c', inside], root)
  const report = JSON.parse(/^NO_NETWORK (.*)$/m.exec(output)?.[1] ?? '{}') as NoNetworkReport
  expect(report.interfaces).toEqual(['lo'])
  expect(report.candidatesWithoutSwitch).toBe(0)
  expect(report.calls).toEqual([
    { permission: 'granted', security: 'proven', heardHz: expect.closeTo(700, -1) },
    { permission: 'granted', security: 'proven', heardHz: expect.closeTo(1_000, -1) },
  ])
})
