import type { PortRange } from './ports.ts'

/** As baresip names them: with the rate of the sound, where that is not 8,000 Hz. */
const codecNames = { PCMU: 'PCMU', PCMA: 'PCMA', G722: 'G722/16000/1', opus: 'opus/48000/2' } as const

type BaresipCodec = keyof typeof codecNames

export interface BaresipAccount {
  readonly user: string
  readonly password: string
  readonly domain: string
  /** On 127.0.0.1 unless named. */
  readonly proxy: { readonly host?: string; readonly port: number; readonly transport: 'udp' | 'tcp' | 'tls' }
  /** `srtp-mand` offers RTP/SAVP (`srtp-mandf` RTP/SAVPF) and takes nothing else; `srtp` offers RTP/AVP with keys; `none` is plain RTP. */
  readonly mediaEncryption: 'srtp-mandf' | 'srtp-mand' | 'srtp' | 'dtls_srtp' | 'none'
  /** `early` sends sound with a 183 and waits to be answered. */
  readonly answer: 'auto' | 'manual' | 'early'
  /** In order of preference. */
  readonly codecs?: readonly BaresipCodec[]
}

export interface BaresipFiles {
  readonly caFile: string
  readonly toneFile: string
  readonly recordings: string
  /** Its own address. */
  readonly host: string
  readonly controlPort: number
  readonly rtpPorts: PortRange
  /** Plays back what it hears, instead of the tone. */
  readonly echoes?: boolean
}

/**
 * `stdio.so` stays out (it fails where standard input is no terminal) and so does every sound card: a WAV file is the
 * microphone, an `aubridge` device without a partner the speaker, and `sndfile.so` records both directions.
 */
export function baresipConfig({
  caFile,
  toneFile,
  recordings,
  host,
  controlPort,
  rtpPorts,
  echoes,
}: BaresipFiles): string {
  return `poll_method epoll
sip_listen ${host}:0
sip_cafile ${caFile}
net_interface ${host}
call_local_timeout 120
call_max_calls 4
audio_player aubridge,speaker
audio_source ${echoes ? 'aubridge,speaker' : `aufile,${toneFile}`}
audio_alert aubridge,alert
ausrc_srate 8000
auplay_srate 8000
ausrc_channels 1
auplay_channels 1
ausrc_format s16
auplay_format s16
auenc_format s16
audec_format s16
audio_buffer 20-160
jitter_buffer_delay 1-5
rtp_ports ${rtpPorts.first}-${rtpPorts.last}
rtcp_mux no
ctrl_tcp_listen ${host}:${controlPort}
snd_path ${recordings}
module_path /usr/lib/baresip/modules
module g711.so
module g722.so
module opus.so
module sndfile.so
module aufile.so
module aubridge.so
module srtp.so
module dtls_srtp.so
module_tmp uuid.so
module_tmp account.so
module_app menu.so
module_app ctrl_tcp.so
`
}

export function baresipAccount(account: BaresipAccount): string {
  const { user, password, domain, proxy, mediaEncryption, answer, codecs = ['PCMU'] } = account
  const parameters = [
    `auth_user=${user}`,
    `auth_pass=${password}`,
    `outbound="sip:${proxy.host ?? '127.0.0.1'}:${proxy.port};transport=${proxy.transport}"`,
    ...(mediaEncryption === 'none' ? [] : [`mediaenc=${mediaEncryption}`]),
    `answermode=${answer}`,
    `audio_codecs=${codecs.map((codec) => codecNames[codec]).join(',')}`,
    'regint=300',
  ]
  return `<sip:${user}@${domain};transport=${proxy.transport}>;${parameters.join(';')}\n`
}
