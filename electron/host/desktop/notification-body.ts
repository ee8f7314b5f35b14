const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' }

/**
 * A body that is shown as it is written. On Linux what shows it reads markup, links too (Desktop Notifications
 * Specification, "Markup"), and Electron hands the text on as it is: a caller's name could bring some.
 */
export const plainBody = (text: string, platform: NodeJS.Platform): string =>
  platform === 'linux' ? text.replace(/[&<>]/g, (character) => entities[character] ?? character) : text
