import { freePort, freePortRange, type PortRange, udpBound } from './ports.ts'
import { type PeerProcess, startProcess } from './process.ts'

/** The media relay that many trunks and PBXs are built on: SRTP on one side, RTP on the other. */
export interface Rtpengine extends AsyncDisposable {
  /** Where the proxy sends its commands (ng protocol over UDP). */
  readonly controlPort: number
  readonly rtpPorts: PortRange
  readonly process: PeerProcess
}

const rtpPortCount = 40

export async function startRtpengine(): Promise<Rtpengine> {
  const controlPort = await freePort()
  const rtpPorts = await freePortRange(rtpPortCount)
  const running = await startProcess({
    name: 'rtpengine',
    command: 'rtpengine',
    args: [
      // No kernel module: everything stays in this process.
      '--table=-1',
      '--interface=127.0.0.1',
      `--listen-ng=127.0.0.1:${controlPort}`,
      `--port-min=${rtpPorts.first}`,
      `--port-max=${rtpPorts.last}`,
      '--foreground',
      '--log-stderr',
      '--log-level=5',
    ],
  })
  try {
    await udpBound(controlPort)
  } catch (error) {
    await running.stop()
    throw error
  }
  return { controlPort, rtpPorts, process: running, [Symbol.asyncDispose]: () => running[Symbol.asyncDispose]() }
}
