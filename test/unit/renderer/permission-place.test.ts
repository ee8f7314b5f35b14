import { expect, test } from 'vitest'
import en from '../../../renderer/src/locales/en.json' with { type: 'json' }
import { permissionPlace } from '../../../renderer/src/text/permission-place.ts'

test.each([
  ['browser', 'Win32', 'browser'],
  [undefined, 'Linux x86_64', 'browser'],
  ['electron', 'MacIntel', 'mac'],
  ['electron', 'Win32', 'windows'],
  ['electron', 'Linux x86_64', 'linux'],
] as const)('a denied microphone of %s on %s is allowed again in: %s', (shell, platform, place) => {
  expect(permissionPlace(shell, platform)).toBe(place)
  expect(en.problem.microphoneAdvice[`denied_${place}`]).toMatch(/microphone/iu)
})
