import type { DeviceRef } from '../../../shared/model/settings.ts'

/** As many devices as are remembered per role. */
const remembered = 10

/** Ids under which Chromium lists the system's own choice a second time. */
const pseudoDevices: readonly string[] = ['', 'default', 'communications']

/** Pure. Real devices of a kind, in the order of the system. */
export const devicesOf = (devices: readonly MediaDeviceInfo[], kind: MediaDeviceKind): readonly DeviceRef[] =>
  devices
    .filter((device) => device.kind === kind && !pseudoDevices.includes(device.deviceId))
    .map(({ deviceId, label }) => ({ id: deviceId, label }))

/**
 * Pure. The first device of the preference list that is there; undefined stands for the system's own choice. A device is
 * known again by its id, or by its label where ids are new in each session.
 */
export function pickDevice(preferred: readonly DeviceRef[], present: readonly DeviceRef[]): DeviceRef | undefined {
  for (const { id, label } of preferred) {
    const found =
      present.find((device) => device.id === id) ?? present.find((device) => label !== '' && device.label === label)
    if (found) return found
  }
  return undefined
}

/** Pure. The preference list after a device was chosen: it is the first, and the others stay in their order behind it. */
export function preferring(preferred: readonly DeviceRef[], chosen: DeviceRef | undefined): readonly DeviceRef[] {
  // Whoever chooses the system's own device wants no other to come back by itself.
  if (!chosen) return []
  const others = preferred.filter(({ id, label }) => id !== chosen.id && label !== chosen.label)
  return [chosen, ...others].slice(0, remembered)
}
