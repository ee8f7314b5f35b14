import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Credentials } from './certificates.ts'
import { type KamailioPorts, type KamailioRouting, kamailioConfig } from './kamailio-config.ts'
import type { Site } from './network-namespace.ts'
import { freePort } from './ports.ts'
import { type PeerProcess, startProcess } from './process.ts'
import { scratchFolder } from './scratch.ts'

export interface KamailioOptions extends KamailioRouting {
  readonly credentials: Credentials
  /** To come back on the ports of one that was stopped, or to start later on ports already told to a client. */
  readonly ports?: KamailioPorts
  /** On 127.0.0.1 when absent. */
  readonly site?: Site
}

export interface ReceivedRequest {
  readonly method: string
  readonly uri: string
  readonly transport: string
  /** `algorithm` of the credentials; undefined for a request without. */
  readonly digest: string | undefined
}

/** A registrar and proxy, as a hosted PBX or a trunk provider runs one. */
export interface Kamailio extends AsyncDisposable {
  readonly domain: string
  readonly ports: KamailioPorts
  /** What it received, oldest first. */
  requests(): readonly ReceivedRequest[]
  readonly process: PeerProcess
  stop(): Promise<void>
}

export async function kamailioPorts(): Promise<KamailioPorts> {
  return { plain: await freePort(), tls: await freePort() }
}

export async function startKamailio(options: KamailioOptions): Promise<Kamailio> {
  const ports = options.ports ?? (await kamailioPorts())
  const { site } = options
  const scratch = await scratchFolder('kamailio')
  const file = (name: string) => join(scratch.path, name)
  await writeFile(file('certificate.pem'), options.credentials.certPem)
  await writeFile(file('key.pem'), options.credentials.keyPem, { mode: 0o600 })
  await writeFile(
    file('kamailio.cfg'),
    kamailioConfig({
      ...options,
      ports,
      host: site?.host ?? '127.0.0.1',
      certificateFile: file('certificate.pem'),
      keyFile: file('key.pem'),
    }),
  )
  const process = await startProcess({
    name: 'Kamailio',
    command: '/usr/sbin/kamailio',
    ...(site?.namespace && { namespace: site.namespace }),
    args: ['-DD', '-E', '-f', file('kamailio.cfg'), '-Y', scratch.path, '-P', file('pid'), '-m', '64', '-M', '8'],
  })
  const stop = async () => {
    await process.stop()
    await scratch[Symbol.asyncDispose]()
  }
  try {
    await process.waitForOutput(/harness: ready/)
  } catch (error) {
    await stop()
    throw error
  }
  return {
    domain: options.domain,
    ports,
    requests: () => [...process.output.matchAll(/harness: request (.*)/g)].map(([, line = '']) => readRequest(line)),
    process,
    stop,
    [Symbol.asyncDispose]: stop,
  }
}

function readRequest(line: string): ReceivedRequest {
  const [method = '', uri = '', transport = '', digest] = line.split(' ')
  return { method, uri, transport, digest: digest === '<null>' ? undefined : digest }
}
