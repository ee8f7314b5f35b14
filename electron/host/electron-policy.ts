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

/** Microphone for the window alone; everything else that a page can ask for is refused. */
export function permissionAllowed(permission: string, origin: string, mediaTypes: readonly string[] = []): boolean {
  return (
    isWindowOrigin(origin) &&
    permission === 'media' &&
    !mediaTypes.includes('video') &&
    mediaTypes.every((type) => type === 'audio')
  )
}

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
