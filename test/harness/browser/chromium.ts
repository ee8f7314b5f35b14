import { type Browser, chromium } from 'playwright'

/** Microphone and loudspeaker that Chromium makes up, allowed without a question. */
export const fakeDevices: readonly string[] = ['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream']

/** The Chromium of the system, which playwright starts headless. */
export function launchChromium(args: readonly string[] = []): Promise<Browser> {
  return chromium.launch({ executablePath: process.env.CHROME_PATH ?? '/usr/bin/chromium', args: [...args] })
}
