export interface TextFile {
  readonly name: string
  readonly type: string
  readonly text: string
}

/** Hands a file that was made in the window to the user. */
export function download({ name, type, text }: TextFile): void {
  const url = URL.createObjectURL(new Blob([text], { type }))
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  URL.revokeObjectURL(url)
}
