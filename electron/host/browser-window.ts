import { existsSync } from 'node:fs'
import { join } from 'node:path'

/** Browsers that speak the WebRTC Kedge is tested with, in the order they are tried. */
const candidates = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
]

/**
 * Chromium leaves loopback out of the addresses it sends from. With no network up that would be all of them, and the
 * window could not reach Kedge on its own machine; with one up the call's packets would not stay on loopback.
 */
export const loopbackSwitch = 'allow-loopback-in-peer-connection'

/** @returns whether a window can be shown at all: X11 or Wayland on Linux, always elsewhere */
export function hasDisplay(env: NodeJS.ProcessEnv, platform: NodeJS.Platform): boolean {
  return platform !== 'linux' || Boolean(env.DISPLAY) || Boolean(env.WAYLAND_DISPLAY)
}

/**
 * The command that opens `url` in a window of its own, with a profile of its own, so that no extension of the user's
 * browser sees the phone. Undefined when there is no such browser.
 */
export function browserCommand(
  env: NodeJS.ProcessEnv,
  platform: NodeJS.Platform,
  dataDir: string,
  url: string,
  exists: (path: string) => boolean = existsSync,
): { readonly program: string; readonly args: readonly string[] } | undefined {
  const program = [env.CHROME_PATH, ...candidates].find((path) => path !== undefined && path !== '' && exists(path))
  if (program === undefined) return undefined
  // Chromium's sandbox refuses to run as root.
  const asRoot = platform === 'linux' && process.getuid?.() === 0
  return {
    program,
    args: [
      `--app=${url}`,
      `--user-data-dir=${join(dataDir, 'browser')}`,
      '--window-size=360,640',
      '--no-first-run',
      '--no-default-browser-check',
      '--autoplay-policy=no-user-gesture-required',
      `--${loopbackSwitch}`,
      ...(asRoot ? ['--no-sandbox'] : []),
    ],
  }
}
