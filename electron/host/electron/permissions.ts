import { session } from 'electron'
import { devicePermitted, isTelephonyDevice, isWindowOrigin, originOf, permissionAllowed } from '../electron-policy.ts'

/** Electron grants everything that no handler refuses. */
export function denyByDefault(): void {
  const { defaultSession } = session
  defaultSession.setPermissionRequestHandler((_webContents, permission, callback, details) => {
    const types = 'mediaTypes' in details ? details.mediaTypes : undefined
    callback(permissionAllowed(permission, originOf(details.requestingUrl), types))
  })
  // A check opens no device: asked without a type it says whether there is anything to ask for.
  defaultSession.setPermissionCheckHandler((_webContents, permission, origin, { mediaType = 'audio' }) =>
    permissionAllowed(permission, origin, [mediaType]),
  )
  defaultSession.setDevicePermissionHandler(({ deviceType, origin, device }) =>
    devicePermitted(deviceType, origin, device),
  )
  // The window asks for headsets on a press of its own; the first that is a telephone's is the one that is plugged in.
  defaultSession.on('select-hid-device', (event, { deviceList, frame }, callback) => {
    event.preventDefault()
    const chosen = isWindowOrigin(frame?.origin) ? deviceList.find(isTelephonyDevice) : undefined
    callback(chosen?.deviceId ?? null)
  })
  // Screens are never shared; without a handler Chromium would ask, with this one there is nothing to ask.
  defaultSession.setDisplayMediaRequestHandler((_request, callback) => callback(null))
}
