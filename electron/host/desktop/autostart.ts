/**
 * The file that makes a Linux desktop start Kedge at login (freedesktop.org Desktop Application Autostart
 * Specification 0.5); Electron knows macOS and Windows only. Pure.
 */
export function autostartEntry(program: string): string {
  return [
    '[Desktop Entry]',
    'Type=Application',
    'Name=Kedge',
    `Exec=${quoted(program)} ${hiddenSwitch}`,
    'Icon=kedge',
    'Terminal=false',
    'X-GNOME-Autostart-enabled=true',
    '',
  ].join('\n')
}

/** Started by the system at login: no window until one is wanted. */
export const hiddenSwitch = '--hidden'

/** Desktop Entry Specification 1.5, "The Exec key": quotes, and a percent sign is written twice. */
const quoted = (path: string): string =>
  `"${path
    .replace(/(["`$\\])/g, '\\$1')
    .replace(/\\/g, '\\\\')
    .replace(/%/g, '%%')}"`
