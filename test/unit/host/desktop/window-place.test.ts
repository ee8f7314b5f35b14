import { describe, expect, it } from 'vitest'
import { openingPlace, parsePlace } from '../../../../electron/host/desktop/window-place.ts'

const screen = { x: 0, y: 0, width: 1920, height: 1040 }
const left = { x: -1280, y: 0, width: 1280, height: 984 }
const place = (x: number, y: number, width = 360, height = 640, maximized = false) => ({
  bounds: { x, y, width, height },
  maximized,
})

describe('where the window opens', () => {
  it('is small and where the system likes it at first', () => {
    expect(openingPlace(undefined, [screen])).toEqual({ size: { width: 360, height: 640 }, maximized: false })
  })

  it.each([
    ['where it was', place(1500, 300), { x: 1500, y: 300 }],
    ['where it was on the second screen', place(-400, 20), { x: -400, y: 20 }],
    ['a little off the side, as it was left', place(1800, 300), { x: 1800, y: 300 }],
    ['elsewhere when its screen is gone', place(4000, 300), undefined],
    ['elsewhere when its title bar could not be grasped', place(1900, 300), undefined],
    ['elsewhere when its title bar is above the screen', place(300, -200), undefined],
    ['elsewhere when it is below the screen', place(300, 1030), undefined],
  ])('%s', (_name, remembered, at) => {
    expect(openingPlace(remembered, [screen, left]).at).toEqual(at)
  })

  it('is no larger than the screen and no smaller than it can be used', () => {
    expect(openingPlace(place(0, 0, 5000, 5000), [screen]).size).toEqual({ width: 1920, height: 1040 })
    expect(openingPlace(place(0, 0, 10, 10), [screen]).size).toEqual({ width: 320, height: 480 })
    expect(openingPlace(place(0, 0, 800, 600, true), [screen]).maximized).toBe(true)
  })

  it('reads what was written and nothing else', () => {
    const written = place(1, 2, 400, 700, true)
    expect(parsePlace(JSON.stringify(written))).toEqual(written)
    for (const bad of [
      '',
      'null',
      '[]',
      '{',
      '{"bounds":{"x":"1"}}',
      '{"bounds":{"x":1,"y":2,"width":1e99,"height":3},"maximized":false}',
    ]) {
      expect(parsePlace(bad), bad).toBeUndefined()
    }
  })
})
