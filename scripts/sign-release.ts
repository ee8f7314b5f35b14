import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign } from 'node:crypto'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { parseArgs } from 'node:util'
import { readSignedList } from '../electron/host/update/update-policy.ts'
import { signedListName } from '../electron/host/update/update-source.ts'
import { isPackage } from './update-feed.ts'

/**
 * Signs what `npm run dist` has made, on the machine that has the key and nowhere else: writes `dist/kedge-release.json`,
 * without which no installed Kedge takes the update.
 *
 *   node scripts/sign-release.ts --key ed25519-private.pem [--staging 10] [--dist dist]
 */
export function signRelease(
  paths: readonly string[],
  version: string,
  stagingPercentage: number,
  key: KeyObject,
): string {
  const files = paths.map((path) => {
    const bytes = readFileSync(path)
    return {
      name: basename(path),
      sha512: createHash('sha512').update(bytes).digest('base64'),
      sizeBytes: bytes.length,
    }
  })
  const list = JSON.stringify({ version, stagingPercentage, files })
  const signed = JSON.stringify({ list, signature: sign(null, Buffer.from(list, 'utf8'), key).toString('base64') })
  const read = readSignedList(signed, createPublicKey(key))
  if (typeof read === 'string') throw new Error(`the list cannot be read back: ${read}`)
  return signed
}

function main(): void {
  const { values } = parseArgs({
    options: {
      key: { type: 'string' },
      staging: { type: 'string', default: '100' },
      dist: { type: 'string', default: 'dist' },
    },
  })
  if (values.key === undefined) throw new Error('--key names the PEM file of the private Ed25519 key')
  const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string }
  const paths = readdirSync(values.dist)
    .filter(isPackage)
    .map((name) => join(values.dist, name))
  if (paths.length === 0) throw new Error(`there is no package in ${values.dist}`)
  const signed = signRelease(paths, version, Number(values.staging), createPrivateKey(readFileSync(values.key)))
  writeFileSync(join(values.dist, signedListName), signed)
  console.log(
    `${signedListName}: ${paths.length} files of version ${version}, for ${values.staging} of 100 installations`,
  )
}

if (process.argv[1] === import.meta.filename) main()
