/** Containers of PNG images, one for each system. Each takes its images by their edge length in pixels. */

/** Windows: ICONDIR, ICONDIRENTRY and PNG data, as since Windows Vista. */
export function ico(images: ReadonlyMap<number, Buffer>): Buffer {
  const header = Buffer.alloc(6 + 16 * images.size)
  header.writeUInt16LE(1, 2)
  header.writeUInt16LE(images.size, 4)
  let offset = header.length
  let entry = 6
  for (const [size, png] of images) {
    // 256 is written as 0.
    header.writeUInt8(size % 256, entry)
    header.writeUInt8(size % 256, entry + 1)
    header.writeUInt16LE(1, entry + 4)
    header.writeUInt16LE(32, entry + 6)
    header.writeUInt32LE(png.length, entry + 8)
    header.writeUInt32LE(offset, entry + 12)
    offset += png.length
    entry += 16
  }
  return Buffer.concat([header, ...images.values()])
}

/** Types of PNG entries by pixel size; the doubled ones are for screens of two pixels a point. */
const icnsTypes: readonly (readonly [type: string, size: number])[] = [
  ['icp4', 16],
  ['ic11', 32],
  ['icp5', 32],
  ['ic12', 64],
  ['icp6', 64],
  ['ic07', 128],
  ['ic13', 256],
  ['ic08', 256],
  ['ic14', 512],
  ['ic09', 512],
  ['ic10', 1024],
]

/** macOS: "icns", the length of all, and per image its type, its length and the PNG. */
export function icns(images: ReadonlyMap<number, Buffer>): Buffer {
  const entries = icnsTypes.flatMap(([type, size]) => {
    const png = images.get(size)
    return png === undefined ? [] : [tagged(type, png)]
  })
  return tagged('icns', Buffer.concat(entries))
}

function tagged(type: string, data: Buffer): Buffer {
  const header = Buffer.alloc(8)
  header.write(type, 0, 'latin1')
  header.writeUInt32BE(data.length + 8, 4)
  return Buffer.concat([header, data])
}
