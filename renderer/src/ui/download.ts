export interface TextFile {
  readonly name: string
  readonly type: string
  readonly text: string
}

/** Hands a file that was made in the window to the user. */
export function download({ name, type, text }: TextFile): void {
  save(name, new Blob([text], { type }))
}

export function save(name: string, content: Blob): void {
  const url = URL.createObjectURL(content)
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  URL.revokeObjectURL(url)
}
