/**
 * What the Electron shell allows, as plain data and pure functions: the shell itself only hands them to Electron, and
 * the tests read them without an Electron binary.
 */
export const windowOrigin = 'app://kedge'

export const webPreferences = {
  sandbox: true,
  contextIsolation: true,
  nodeIntegration: false,
  nodeIntegrationInWorker: false,
  nodeIntegrationInSubFrames: false,
  webSecurity: true,
  allowRunningInsecureContent: false,
  experimentalFeatures: false,
  webviewTag: false,
  navigateOnDragDrop: false,
  spellcheck: false,
  disableBlinkFeatures: 'Auxclick',
  autoplayPolicy: 'no-user-gesture-required',
} as const

/** What a phone's window needs beside the microphone: a choice of loudspeakers, headset buttons, and this machine itself. */
const grantedPermissions: readonly string[] = [
  'speaker-selection',
  'hid',
  // The local leg's packets go to 127.0.0.1; newer Chromium asks before a page may reach it.
  'loopback-network',
  'local-network-access',
]

/** Microphone and headset for the window alone; everything else that a page can ask for is refused. */
export function permissionAllowed(permission: string, origin: string, mediaTypes: readonly string[] = []): boolean {
  if (!isWindowOrigin(origin)) return false
  // No type at all is a capture of the screen that a page asks for by its old name (`chromeMediaSource`).
  if (permission === 'media') return mediaTypes.length > 0 && mediaTypes.every((type) => type === 'audio')
  return grantedPermissions.includes(permission)
}

/** HID usage page of telephony devices (HID Usage Tables §11). */
const telephonyPage = 0x0b

/** A device that has the buttons of a telephone. */
export function isTelephonyDevice(device: object): boolean {
  const { collections } = device as { collections?: readonly { usagePage?: number }[] }
  return collections?.some(({ usagePage }) => usagePage === telephonyPage) === true
}

export const devicePermitted = (deviceType: string, origin: string, device: object): boolean =>
  deviceType === 'hid' && isWindowOrigin(origin) && isTelephonyDevice(device)

/** An origin as Electron hands it over, with or without the final slash. */
export function isWindowOrigin(origin: string | undefined): boolean {
  return origin === windowOrigin || origin === `${windowOrigin}/`
}

/** `scheme://host` of a URL; Node calls the origin of every scheme of our own "null". Empty for what is no URL. */
export function originOf(url: string): string {
  const parsed = URL.parse(url)
  return parsed === null ? '' : `${parsed.protocol}//${parsed.host}`
}

/** URL path of a file of the window; undefined for any other scheme, host or method. */
export function windowPath(method: string, url: string): string | undefined {
  if (method !== 'GET' || originOf(url) !== windowOrigin) return undefined
  return URL.parse(url)?.pathname || '/'
}
