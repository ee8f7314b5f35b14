import type { MadeFile } from '../../../shared/model/trace.ts'

export interface TextFile {
  readonly name: string
  readonly type: string
  readonly text: string
}

/** Hands a file that was made in the window to the user. */
export const download = ({ name, type, text }: TextFile): void => save(name, new Blob([text], { type }))

/** Hands a file that the main process made to the user. */
export const downloadMade = ({ name, type, base64 }: MadeFile): void =>
  save(name, new Blob([Uint8Array.from(atob(base64), (byte) => byte.charCodeAt(0))], { type }))

export function save(name: string, content: Blob): void {
  const url = URL.createObjectURL(content)
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  URL.revokeObjectURL(url)
}
