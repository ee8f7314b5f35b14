import type { Page } from 'playwright'

/** How evenly a page draws while something is done to it. */
export interface Smoothness {
  readonly frames: number
  /** Time from one frame to the next, ms. */
  readonly medianMs: number
  readonly p95Ms: number
  readonly worstMs: number
  /** Frames of a 60 Hz screen that were left out: what a person sees as a jerk begins at two in a row. */
  readonly dropped: number
}

const frameMs = 1000 / 60

/** Counts the page's frames while `action` goes on. */
export async function watchFrames(page: Page, action: () => Promise<void>): Promise<Smoothness> {
  await page.evaluate(() => {
    const times: number[] = []
    Object.assign(window, { frameTimes: times, watching: true })
    const note = (now: number) => {
      times.push(now)
      if ((window as unknown as { watching: boolean }).watching) requestAnimationFrame(note)
    }
    requestAnimationFrame(note)
  })
  await action()
  const times = await page.evaluate(() => {
    const watched = window as unknown as { frameTimes: number[]; watching: boolean }
    watched.watching = false
    return watched.frameTimes
  })
  return smoothness(times)
}

/** Pure. @param times - of each frame, ms */
export function smoothness(times: readonly number[]): Smoothness {
  const gaps = times.slice(1).map((time, at) => time - (times[at] ?? time))
  const sorted = gaps.toSorted((a, b) => a - b)
  const at = (part: number) => sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? 0
  return {
    frames: gaps.length,
    medianMs: at(0.5),
    p95Ms: at(0.95),
    worstMs: at(1),
    dropped: gaps.reduce((sum, gap) => sum + Math.max(0, Math.round(gap / frameMs) - 1), 0),
  }
}

/** Turns the wheel over an element, as a hand does: a notch every other frame. */
export async function turnWheel(page: Page, testId: string, notches: number): Promise<void> {
  const box = await page.getByTestId(testId).first().boundingBox()
  if (!box) throw new Error(`nothing to scroll at ${testId}`)
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2)
  for (let notch = 0; notch < notches; notch++) {
    await page.mouse.wheel(0, 240)
    await page.waitForTimeout(32)
  }
}
