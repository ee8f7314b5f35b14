import { describe, expect, test } from 'vitest'
import { devicesOf, pickDevice, preferring } from '../../../renderer/src/devices/device-choice.ts'
import { Devices } from '../../../renderer/src/devices/devices.ts'
import { floorDb, levelDb, speechDetector } from '../../../renderer/src/devices/sound-level.ts'
import { type DeviceRef, defaultSettings, type WindowSettings } from '../../../shared/model/settings.ts'

const headset: DeviceRef = { id: 'h', label: 'Headset' }
const desk: DeviceRef = { id: 'd', label: 'Desk speaker' }
const built: DeviceRef = { id: 'b', label: 'Built-in' }

describe('which device is taken', () => {
  test('the first of the preferences that is there', () => {
    expect(pickDevice([headset, desk], [built, desk, headset])).toBe(headset)
    expect(pickDevice([headset, desk], [built, desk])).toBe(desk)
    expect(pickDevice([headset, desk], [built])).toBeUndefined()
  })

  test('is known again by its label when its id is new, and never by an empty label', () => {
    const again = { ...headset, id: 'new' }
    expect(pickDevice([headset], [built, again])).toBe(again)
    expect(pickDevice([{ id: 'x', label: '' }], [{ id: 'y', label: '' }])).toBeUndefined()
  })

  test('a choice becomes the first preference, the system’s own forgets them', () => {
    expect(preferring([headset, desk], desk)).toEqual([desk, headset])
    expect(preferring([headset], { ...headset, id: 'new' })).toEqual([{ ...headset, id: 'new' }])
    expect(preferring([headset, desk], undefined)).toEqual([])
  })

  test('the system’s own choice is not listed twice', () => {
    const listed = ['default', 'communications', 'h', ''].map((deviceId) => ({
      kind: 'audioinput',
      deviceId,
      label: 'x',
    }))
    expect(devicesOf(listed as MediaDeviceInfo[], 'audioinput')).toEqual([{ id: 'h', label: 'x' }])
  })
})

async function rig() {
  const heard: string[] = []
  const told: string[][] = []
  const saved: Pick<WindowSettings, 'devices'>[] = []
  let present: { kind: MediaDeviceKind; deviceId: string; label: string }[] = []
  let changed: () => void = () => undefined
  let silently = false
  const devices = new Devices({
    enumerate: () => Promise.resolve(present as unknown as MediaDeviceInfo[]),
    onDeviceChange: (listener) => {
      changed = listener
    },
    setSink: (role, id) => {
      heard.push(`${role} ${id}`)
      return Promise.resolve(silently ? '' : id)
    },
    onMicrophone: (other) => heard.push(other ? 'microphone changed' : 'look'),
    save: (settings) => saved.push(settings),
    onPresent: (listed) => told.push(listed.map(({ kind, label }) => `${kind} ${label}`)),
  })
  devices.start()
  const settle = () => new Promise((resolve) => setTimeout(resolve))
  await settle()
  return {
    devices,
    heard,
    saved,
    told,
    ignoreSinks: () => {
      silently = true
    },
    async plug(...refs: readonly DeviceRef[]) {
      present = refs.flatMap(({ id, label }) =>
        (['audioinput', 'audiooutput'] as const).map((kind) => ({ kind, deviceId: id, label })),
      )
      heard.length = 0
      changed()
      await settle()
    },
    settle,
  }
}

describe('devices that come and go', () => {
  const preferring = { devices: { ...defaultSettings.devices, microphone: [headset, desk], speaker: [headset, desk] } }

  test('falls down the list of preferences and climbs back', async () => {
    const { devices, heard, plug } = await rig()
    devices.adopt(preferring)
    const chosen = () => devices.store.getState().chosen.microphone?.id
    await plug(built, desk, headset)
    expect([chosen(), heard]).toEqual(['h', ['speaker h', 'microphone changed']])
    await plug(built, desk)
    expect([chosen(), heard]).toEqual(['d', ['speaker d', 'microphone changed']])
    expect(devices.store.getState().missing.speaker).toEqual(headset)
    await plug(built)
    expect([chosen(), heard]).toEqual([undefined, ['speaker ', 'microphone changed']])
    await plug(built, headset)
    expect([chosen(), heard]).toEqual(['h', ['speaker h', 'microphone changed']])
    expect(devices.store.getState().missing.speaker).toBeUndefined()
  })

  test('leaves what is in use alone when another device comes', async () => {
    const { devices, heard, plug } = await rig()
    devices.adopt(preferring)
    await plug(headset)
    await plug(headset, built)
    expect(heard).toEqual(['look'])
  })

  test('says when a browser ignores the chosen output', async () => {
    const { devices, plug, settle, ignoreSinks } = await rig()
    await plug(headset)
    ignoreSinks()
    devices.choose('ringer', headset)
    await settle()
    expect(devices.store.getState().refused).toEqual({ microphone: false, speaker: false, ringer: true })
  })

  test('what comes and goes is told by kind and name, once for each change', async () => {
    const { told, plug } = await rig()
    await plug(headset)
    await plug(headset)
    await plug()
    const [label] = [headset.label]
    expect(told).toEqual([[], [`input ${label}`, `output ${label}`], []])
  })

  test('a choice is kept, per role', async () => {
    const { devices, saved, plug } = await rig()
    await plug(headset, desk)
    devices.choose('ringer', desk)
    devices.choose('microphone', headset)
    expect(saved.at(-1)).toEqual({ devices: { microphone: [headset], speaker: [], ringer: [desk] } })
  })
})

describe('the level of a microphone', () => {
  test('is 0 dB at full scale and the floor at silence', () => {
    expect(levelDb(new Float32Array(100).fill(1))).toBeCloseTo(0)
    expect(levelDb(new Float32Array(100).fill(0.1))).toBeCloseTo(-20)
    expect(levelDb(new Float32Array(100))).toBe(floorDb)
    expect(levelDb(new Float32Array(0))).toBe(floorDb)
  })

  test('speech is what stays loud; a click is none', () => {
    const steps = (...levels: readonly number[]) => levels.map(speechDetector())
    expect(steps(-20, -60, -20, -20, -60)).toEqual([false, false, false, false, false])
    expect(steps(-20, -20, -20, -20)).toEqual([false, false, true, true])
  })
})
