import * as x509 from '@peculiar/x509'

/** A certificate and its private key, both PEM (the key as PKCS #8). */
export interface KeyedCertificate {
  readonly certificatePem: string
  readonly privateKeyPem: string
}

/** Both ends belong to the period (RFC 5280 §4.1.2.5); whole seconds are kept. */
export interface ValidityPeriod {
  readonly notBefore: Date
  readonly notAfter: Date
}

/** What a server certificate vouches for. RFC 5922 §7.1: a SIP URI without a user part names the domain, before DNS. */
export interface ServerNames {
  readonly dns: readonly string[]
  /** `sip:DOMAIN`, no user part */
  readonly sipUris: readonly string[]
}

const keyAlgorithm = { name: 'ECDSA', namedCurve: 'P-256' }
const signatureAlgorithm = { name: 'ECDSA', hash: 'SHA-256' }

/** A self-signed certification authority that may sign end-entity certificates only. */
export async function createAuthority(commonName: string, validity: ValidityPeriod): Promise<KeyedCertificate> {
  const keys = await generateKeys()
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: randomSerialNumber(),
    name: nameOf(commonName),
    ...validity,
    keys,
    signingAlgorithm: signatureAlgorithm,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  })
  return toPem(certificate, keys)
}

/**
 * A TLS server certificate signed by `authority`. Nothing about it is checked, so that tests can ask for expired or
 * misnamed ones.
 */
export async function issueServerCertificate(
  authority: KeyedCertificate,
  names: ServerNames,
  validity: ValidityPeriod,
): Promise<KeyedCertificate> {
  const issuer = new x509.X509Certificate(authority.certificatePem)
  const keys = await generateKeys()
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: randomSerialNumber(),
    subject: nameOf(names.dns[0] ?? 'server'),
    issuer: issuer.subject,
    ...validity,
    publicKey: keys.publicKey,
    signingKey: await importPrivateKey(authority.privateKeyPem),
    signingAlgorithm: signatureAlgorithm,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension([
        ...names.dns.map((value) => ({ type: 'dns' as const, value })),
        ...names.sipUris.map((value) => ({ type: 'url' as const, value })),
      ]),
      await x509.AuthorityKeyIdentifierExtension.create(issuer.publicKey),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  })
  return toPem(certificate, keys)
}

/** The period in which a certificate may be used. */
export function validityOf(certificatePem: string): ValidityPeriod {
  const { notBefore, notAfter } = new x509.X509Certificate(certificatePem)
  return { notBefore, notAfter }
}

/** Named by what makes it: the name `CryptoKeyPair` belongs to the DOM library or to Node, by what else is loaded. */
type KeyPair = Awaited<ReturnType<typeof generateKeys>>

function generateKeys() {
  return crypto.subtle.generateKey(keyAlgorithm, true, ['sign', 'verify'])
}

function importPrivateKey(pem: string) {
  const [der] = x509.PemConverter.decode(pem)
  if (der === undefined) throw new TypeError('no private key in this PEM text')
  return crypto.subtle.importKey('pkcs8', der, keyAlgorithm, false, ['sign'])
}

async function toPem(certificate: x509.X509Certificate, keys: KeyPair): Promise<KeyedCertificate> {
  const privateKey = await crypto.subtle.exportKey('pkcs8', keys.privateKey)
  return {
    certificatePem: `${certificate.toString('pem')}\n`,
    privateKeyPem: `${x509.PemConverter.encode(privateKey, x509.PemConverter.PrivateKeyTag)}\n`,
  }
}

/** A name given as data, so that a comma or an equals sign in it stays part of the name. */
function nameOf(commonName: string): x509.JsonName {
  return [{ O: ['Kedge'] }, { CN: [commonName] }]
}

/** 16 octets, positive and never zero (RFC 5280 §4.1.2.2). */
function randomSerialNumber(): string {
  const octets = crypto.getRandomValues(new Uint8Array(16))
  octets[0] = ((octets[0] ?? 0) & 0x7f) | 0x40
  return Buffer.from(octets).toString('hex')
}
