/** One file of an archive. */
export interface ArchivedFile {
  /** With `/` between folders; at most 100 octets. */
  readonly name: string
  readonly content: Uint8Array
}

const blockBytes = 512

/**
 * A tar archive in the form that every system unpacks (POSIX.1-1988, ustar). Pure.
 * @param modifiedAt - epoch ms, for all files
 */
export function tar(files: readonly ArchivedFile[], modifiedAt: number): Uint8Array {
  const blocks = files.flatMap(({ name, content }) => [header(name, content.length, modifiedAt), filled(content)])
  // Two empty blocks end an archive.
  return Buffer.concat([...blocks, Buffer.alloc(2 * blockBytes)])
}

function header(name: string, size: number, modifiedAt: number): Buffer {
  const block = Buffer.alloc(blockBytes)
  const octal = (value: number, digits: number) => `${value.toString(8).padStart(digits, '0')}\0`
  block.write(name, 0, 100)
  block.write(octal(0o644, 7), 100)
  block.write(octal(0, 7), 108)
  block.write(octal(0, 7), 116)
  block.write(octal(size, 11), 124)
  block.write(octal(Math.floor(modifiedAt / 1000), 11), 136)
  // The checksum counts its own field as blanks.
  block.fill(' ', 148, 156)
  block.write('0', 156)
  block.write('ustar\x0000', 257)
  const sum = block.reduce((total, octet) => total + octet, 0)
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  return block
}

function filled(content: Uint8Array): Buffer {
  const whole = Buffer.alloc(Math.ceil(content.length / blockBytes) * blockBytes)
  whole.set(content)
  return whole
}
