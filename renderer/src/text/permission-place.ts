/** Where the microphone is allowed or denied: at the address bar of a browser, or in the settings of the system. */
export type PermissionPlace = 'browser' | 'mac' | 'windows' | 'linux'

/** Pure. @param platform - as `navigator.platform` says */
export function permissionPlace(shell: 'electron' | 'browser' | undefined, platform: string): PermissionPlace {
  if (shell !== 'electron') return 'browser'
  if (/^mac/iu.test(platform)) return 'mac'
  return /^win/iu.test(platform) ? 'windows' : 'linux'
}
