import { describe, expect, it } from 'vitest'
import { permissionAllowed, webPreferences, windowPath } from '../../../electron/host/electron-policy.ts'

describe('what the Electron shell allows', () => {
  it('is a sandboxed window without Node', () => {
    expect(webPreferences).toMatchObject({
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      webSecurity: true,
      webviewTag: false,
    })
  })

  it.each([
    ['media', 'app://kedge', ['audio'], true],
    ['media', 'app://kedge/', ['audio'], true],
    ['media', 'app://kedge', [], false],
    ['media', 'app://kedge', ['video'], false],
    ['media', 'app://kedge', ['audio', 'video'], false],
    ['media', 'https://attacker.example', ['audio'], false],
    ['media', '', ['audio'], false],
    ['geolocation', 'app://kedge', [], false],
    ['openExternal', 'app://kedge', [], false],
    ['display-capture', 'app://kedge', [], false],
  ])('permission %s for %s %j is %s', (permission, origin, types, allowed) => {
    expect(permissionAllowed(permission, origin, types)).toBe(allowed)
  })

  it.each([
    ['GET', 'app://kedge/', '/'],
    ['GET', 'app://kedge/assets/a.js?x#y', '/assets/a.js'],
    ['POST', 'app://kedge/', undefined],
    ['GET', 'app://other/', undefined],
    ['GET', 'file:///etc/passwd', undefined],
    ['GET', 'nonsense', undefined],
  ])('%s %s is the file %s', (method, url, path) => {
    expect(windowPath(method, url)).toBe(path)
  })
})
