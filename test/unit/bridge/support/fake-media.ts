import type { MediaCommandName, SipRemote } from '../../../../electron/media/protocol.ts'

/** Media worker that opens legs on made-up ports and notes what it is told. */
export class FakeMedia {
  readonly calls: { command: MediaCommandName; input: unknown }[] = []
  /** Runs before a command is answered; what it throws is the answer. */
  before: (command: MediaCommandName) => void = () => undefined
  #port = 40_000
  // biome-ignore lint/suspicious/noExplicitAny: one stand-in for every command's output
  async call(command: MediaCommandName, input: unknown): Promise<any> {
    this.calls.push({ command, input })
    this.before(command)
    this.#port += 2
    if (command === 'openSipLeg') return { address: '127.0.0.1', rtpPort: this.#port, rtcpPort: this.#port + 1 }
    if (command === 'openWebRtcLeg') {
      const fingerprint = { algorithm: 'sha-256', value: Array.from({ length: 32 }, () => 'AB').join(':') }
      return { address: '127.0.0.1', port: this.#port, iceUfrag: 'abcd', icePwd: 'x'.repeat(24), fingerprint }
    }
    return null
  }
  sipRemote(): SipRemote | undefined {
    const sent = this.calls.findLast(({ command }) => command === 'connectSipLeg')
    return (sent?.input as { remote: SipRemote } | undefined)?.remote
  }
}
