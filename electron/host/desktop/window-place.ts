import { parseObject } from '../../../shared/text/parse-json.ts'

/** Where the window was when it was last closed, and where it can open now. Pure; sizes in device-independent pixels. */
export interface Area {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

export interface WindowPlace {
  readonly bounds: Area
  readonly maximized: boolean
}

export const firstSize = { width: 360, height: 640 } as const
export const smallestSize = { width: 320, height: 480 } as const

/** At least this much of the window must be on a screen, so that it can be taken hold of. */
const graspPx = 64

/**
 * @param remembered - from the last time; undefined at the first
 * @param screens - work areas of the screens there are now
 * @returns size and position; without position the system chooses, because the screen it was on is gone
 */
export function openingPlace(
  remembered: WindowPlace | undefined,
  screens: readonly Area[],
): { readonly size: Pick<Area, 'width' | 'height'>; readonly at?: Pick<Area, 'x' | 'y'>; readonly maximized: boolean } {
  if (remembered === undefined) return { size: firstSize, maximized: false }
  const { bounds, maximized } = remembered
  const screen = screens.find((area) => overlapsEnough(bounds, area))
  const largest = screen ?? screens[0]
  const size = {
    width: clamp(bounds.width, smallestSize.width, largest?.width ?? bounds.width),
    height: clamp(bounds.height, smallestSize.height, largest?.height ?? bounds.height),
  }
  return screen === undefined ? { size, maximized } : { size, at: { x: bounds.x, y: bounds.y }, maximized }
}

/** Reads what was written; anything else counts as never written. */
export function parsePlace(text: string): WindowPlace | undefined {
  const { bounds, maximized } = parseObject(text) as { bounds?: Partial<Area>; maximized?: unknown }
  const numbers = [bounds?.x, bounds?.y, bounds?.width, bounds?.height]
  if (!numbers.every((entry) => Number.isSafeInteger(entry)) || typeof maximized !== 'boolean') return undefined
  const { x, y, width, height } = bounds as Area
  return { bounds: { x, y, width, height }, maximized }
}

/** The title bar is what one grasps: its top edge must be on the screen, and enough of its width. */
function overlapsEnough(bounds: Area, area: Area): boolean {
  const wide = Math.min(bounds.x + bounds.width, area.x + area.width) - Math.max(bounds.x, area.x)
  return wide >= graspPx && bounds.y >= area.y && bounds.y <= area.y + area.height - graspPx
}

const clamp = (value: number, low: number, high: number): number => Math.max(low, Math.min(value, Math.max(low, high)))
