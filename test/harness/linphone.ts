import { mkdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Site } from './network-namespace.ts'
import { freePort, freePortRange, type PortRange, udpBound } from './ports.ts'
import { type PeerProcess, startProcess } from './process.ts'
import { scratchFolder } from './scratch.ts'
import { findTone, type Sound, sineTone, type Tone } from './tone.ts'
import { writeWav } from './wav.ts'

export interface LinphoneOptions {
  readonly toneHz: number
  /** `mandatory` takes and offers RTP/SAVP alone; `off` is plain RTP. */
  readonly srtp: 'mandatory' | 'off'
  /** An account that it calls from, at a proxy on this machine, over UDP. */
  readonly account?: {
    readonly user: string
    readonly password: string
    readonly domain: string
    readonly proxyPort: number
    /** It is reached under its name, and may be sent requests inside a call; absent: at its fixed address alone. */
    readonly register?: true
  }
  /** On 127.0.0.1 when absent. */
  readonly site?: Site
}

/** A second phone that is not ours. It answers on its own, and is reached at a fixed address without registering. */
export interface Linphone extends AsyncDisposable {
  /** Over UDP: the PBX before it speaks TLS to Kedge. */
  readonly uri: string
  readonly rtpPorts: PortRange
  readonly process: PeerProcess
  call(uri: string): void
  /** Waits until it is registered, where its account says so. */
  registered(): Promise<void>
  /**
   * Ends its call. Here it must be the one to do so: on a machine without a network address it writes no Contact, and a
   * BYE does not find it.
   */
  hangUp(): void
  /** How many samples it has recorded so far. */
  recordedSamples(): Promise<number>
  /**
   * The tone that it hears, once it is about this one; the latest other one, or none, when it does not come in time.
   * @param rateHz - of the call's codec: its recording has no other rate; 8000 when absent
   */
  hearsTone(hz: number, timeoutMs?: number, rateHz?: number): Promise<Tone | undefined>
}

const toneSeconds = 60
const toneRateHz = 8_000
const wavHeaderBytes = 44

export async function startLinphone({ toneHz, srtp, account, site }: LinphoneOptions): Promise<Linphone> {
  const host = site?.host ?? '127.0.0.1'
  const scratch = await scratchFolder('linphone')
  const file = (name: string) => join(scratch.path, name)
  const port = await freePort()
  const rtpPorts = await freePortRange(2)
  await mkdir(file('.local/share/linphone'), { recursive: true })
  await writeWav(file('tone.wav'), sineTone(toneHz, toneRateHz, toneSeconds))
  await writeFile(file('linphonerc'), configuration(host, rtpPorts, srtp) + accountConfiguration(host, account))
  const process = await startProcess({
    name: `linphonec (${srtp})`,
    command: 'linphonec',
    args: ['-c', file('linphonerc'), '-a'],
    cwd: scratch.path,
    env: { ...globalThis.process.env, HOME: scratch.path },
    ...(site?.namespace && { namespace: site.namespace }),
  })
  const release = async () => {
    process.write('quit')
    await process.stop()
    await scratch[Symbol.asyncDispose]()
  }
  try {
    await process.waitForOutput(/linphonec>/)
    // It reads its SIP port from nowhere else.
    process.write(`ports sip ${port}`)
    await udpBound(port, 10_000, process.pid)
    process.write('soundcard use files')
    process.write(`play ${file('tone.wav')}`)
    process.write(`record ${file('heard.wav')}`)
  } catch (error) {
    await release()
    throw error
  }
  return {
    uri: `sip:linphone@${host}:${port}`,
    rtpPorts,
    process,
    call: (uri) => process.write(`call ${uri}`),
    async registered() {
      const ask = setInterval(() => process.write('status register'), 200)
      try {
        await process.waitForOutput(/^registered, identity=/m)
      } finally {
        clearInterval(ask)
      }
    },
    hangUp: () => process.write('terminate'),
    async recordedSamples() {
      return (await stat(file('heard.wav'))).size / 2
    },
    async hearsTone(hz, timeoutMs = 8_000, rateHz = toneRateHz) {
      const end = Date.now() + timeoutMs
      for (;;) {
        const tone = findTone(await latestSound(file('heard.wav'), rateHz))
        if ((tone && Math.abs(tone.hz - hz) < 10) || Date.now() > end) return tone
        await new Promise((resolve) => setTimeout(resolve, 200))
      }
    },
    [Symbol.asyncDispose]: release,
  }
}

/**
 * The last two seconds that it has heard. The header of its recording is filled in when it quits, so the samples are
 * read as what they are: 16 bits, mono, at the rate of the codec.
 */
async function latestSound(path: string, rateHz: number): Promise<Sound> {
  const file = await readFile(path).catch(() => Buffer.alloc(0))
  const samples = file.subarray(wavHeaderBytes, file.length - (file.length % 2))
  const latest = samples.subarray(Math.max(0, samples.length - 2 * rateHz * 2))
  return {
    rateHz,
    samples: Int16Array.from({ length: latest.length / 2 }, (_, at) => latest.readInt16LE(2 * at)),
  }
}

function configuration(host: string, rtpPorts: PortRange, srtp: LinphoneOptions['srtp']): string {
  return `[sip]
sip_tcp_port=0
sip_tls_port=0
use_ipv6=0
media_encryption=${srtp === 'mandatory' ? 'srtp' : 'none'}
media_encryption_mandatory=${srtp === 'mandatory' ? 1 : 0}
guess_hostname=0
default_proxy=0
contact=sip:linphone@${host}
register_only_when_network_is_up=0
[rtp]
audio_rtp_port=${rtpPorts.first}
[net]
mtu=1300
[audio_codec_0]
mime=PCMU
rate=8000
channels=1
enabled=1
`
}

function accountConfiguration(host: string, account: LinphoneOptions['account']): string {
  if (account === undefined) return ''
  const { user, password, domain, proxyPort, register } = account
  return `[proxy_0]
reg_proxy=<sip:${host}:${proxyPort}>
reg_route=<sip:${host}:${proxyPort};lr>
reg_identity=sip:${user}@${domain}
reg_sendregister=${register ? 1 : 0}
[auth_info_0]
username=${user}
userid=${user}
passwd=${password}
realm=${domain}
domain=${domain}
`
}
