import type { TFunction } from 'i18next'
import { useTranslation } from 'react-i18next'
import type { CallView, HopName, HopView, SignallingView } from '../../../shared/model/call.ts'
import type { EncryptionPolicy } from '../../../shared/model/media.ts'
import { formatCount, formatMoment } from '../text/format.ts'
import { convertedFrom, hopOf, hopSecurity, suiteNames, tlsName } from '../text/security-words.ts'
import { FactList } from './fact-list.tsx'
import { securityLooks } from './security-level.tsx'
import { useWindow } from './use-controller.ts'

interface HopDetailsProps {
  readonly call: Pick<CallView, 'hops' | 'policy'>
  readonly leg: HopName
  readonly trunk: string
}

/** One hop, for who wants to know exactly: keys, cipher, signalling, certificate, and the packets that prove it. */
export function HopDetails({ call, leg, trunk }: HopDetailsProps) {
  const { t } = useTranslation()
  const hop = hopOf(call, leg)
  const connected = useWindow((state) => state.connected)
  const level = hopSecurity(hop, connected)
  const { icon: Icon, text } = securityLooks[level]
  return (
    <section data-testid={`hop-${leg}-details`}>
      <h2 className="flex items-center gap-2 text-sm font-semibold">
        <Icon aria-hidden="true" size={16} className={`shrink-0 ${text}`} />
        <span className="min-w-0 flex-1 break-words">{t(`security.hop.${leg}`, { trunk })}</span>
        <span className={`shrink-0 text-xs font-medium ${text}`}>{t(`security.hop.${level}`)}</span>
      </h2>
      {hop ? (
        <FactList className="mt-2" facts={hopRows(hop, convertedFrom(hop, call.hops), call.policy, trunk, t)} />
      ) : null}
    </section>
  )
}

function hopRows(
  hop: HopView,
  other: string | undefined,
  policy: EncryptionPolicy,
  trunk: string,
  t: TFunction,
): { name: string; value: string }[] {
  const { counters, signalling } = hop
  const peer = signalling.peerName ?? trunk
  const counted = (count: number) => (count > 0 ? formatCount(count) : undefined)
  const keys = {
    dtls: t('security.hop.keysDtls'),
    sdes: t('security.hop.keysSdes', { peer }),
    none: t('security.hop.keysNone'),
  }
  const packets = { received: formatCount(counters.received), sent: formatCount(counters.sent) }
  const rows: { name: string; value: string | undefined }[] = [
    { name: t('security.hop.media'), value: `${t(`security.mode.${hop.mode}`)} (${hop.profile})` },
    { name: t('security.hop.suite'), value: hop.suite && suiteNames[hop.suite] },
    { name: t('security.hop.keys'), value: keys[hop.keyExchange] },
    { name: t('security.hop.signalling'), value: signallingWords(hop, t) },
    ...verifiedRows(signalling, t),
    {
      name: t('security.hop.codec'),
      value: other ? t('security.hop.converted', { codec: hop.codec, other }) : hop.codec,
    },
    {
      name: hop.mode === 'rtp' ? t('security.hop.packetsPlain') : t('security.hop.packets'),
      value: t('security.hop.packetCount', packets),
    },
    { name: t('security.hop.refused'), value: counted(counters.authFailed) },
    { name: t('security.hop.tooManyStreams'), value: counted(counters.tooManyStreams) },
    { name: t('security.hop.replayed'), value: counted(counters.replayed) },
    { name: t('security.hop.foreign'), value: counted(counters.foreign) },
    { name: t('security.hop.malformed'), value: counted(counters.malformed) },
    { name: t('security.hop.policy'), value: hop.leg === 'local' ? undefined : t(`form.policy.${policy}`) },
  ]
  return rows.flatMap(({ name, value }) => (value ? [{ name, value }] : []))
}

/** What was verified of the server, in the order in which one would ask. */
function verifiedRows({ tlsCipher, peerIssuer, verified }: SignallingView, t: TFunction) {
  const { trust, root, name, sha256, validTo, clientCertificate } = verified ?? {}
  return [
    { name: t('security.hop.tlsCipher'), value: tlsCipher },
    {
      name: t('security.hop.certificateName'),
      value: name && t(`security.hop.nameKind.${name.kind}`, { name: name.value }),
    },
    { name: t('security.hop.issuer'), value: peerIssuer },
    { name: t('security.hop.verifiedBy'), value: trust && t(`security.hop.trust.${trust}`, { root }) },
    { name: t('security.hop.validTo'), value: validTo === undefined ? undefined : formatMoment(validTo) },
    { name: t('security.hop.fingerprint'), value: sha256?.replaceAll(':', ' ') },
    { name: t('security.hop.own'), value: clientCertificate ? t('security.hop.ownShown') : undefined },
  ]
}

function signallingWords({ signalling }: HopView, t: TFunction): string {
  const { transport, peerName, tlsVersion } = signalling
  if (transport === 'local') return t('security.hop.signallingLocal')
  if (transport !== 'tls') return t('security.hop.signallingClear', { transport: transport.toUpperCase() })
  const version = tlsName(tlsVersion)
  return peerName
    ? t('security.hop.signallingTls', { version, peer: peerName })
    : t('security.hop.signallingTlsBare', { version })
}
