import * as x509 from '@peculiar/x509'

/** A certificate and its private key, both PEM. */
export interface Credentials {
  readonly certPem: string
  readonly keyPem: string
}

export interface CertificateOptions {
  /** DNS names of the subjectAltName; the first is the common name too. */
  readonly names: readonly string[]
  readonly addresses?: readonly string[]
  /** URIs of the subjectAltName, for instance `sip:example.test` (RFC 5922 §7.1). */
  readonly uris?: readonly string[]
  /** Days from now; a negative end gives an expired certificate. */
  readonly validDays?: { readonly from: number; readonly to: number }
}

/** A private certification authority as a company's PBX would have one. */
export interface Authority {
  readonly certPem: string
  issue(options: CertificateOptions): Promise<Credentials>
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const
const dayMs = 86_400_000
const usual = { from: -1, to: 30 }

export async function createAuthority(commonName = 'Test authority'): Promise<Authority> {
  const keys = await newKeys()
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: `CN=${commonName}`,
    ...validity(usual),
    keys,
    signingAlgorithm: algorithm,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  })
  return {
    certPem: certificate.toString('pem'),
    issue: async (options) => {
      const serverKeys = await newKeys()
      const issued = await x509.X509CertificateGenerator.create({
        subject: `CN=${options.names[0]}`,
        issuer: certificate.subject,
        publicKey: serverKeys.publicKey,
        signingKey: keys.privateKey,
        signingAlgorithm: algorithm,
        ...validity(options.validDays ?? usual),
        extensions: serverExtensions(options),
      })
      return { certPem: issued.toString('pem'), keyPem: await privateKeyPem(serverKeys) }
    },
  }
}

/** What a PBX has out of the box: its own signature and nobody else's. */
export async function selfSigned(options: CertificateOptions): Promise<Credentials> {
  const keys = await newKeys()
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: `CN=${options.names[0]}`,
    ...validity(options.validDays ?? usual),
    keys,
    signingAlgorithm: algorithm,
    extensions: serverExtensions(options),
  })
  return { certPem: certificate.toString('pem'), keyPem: await privateKeyPem(keys) }
}

const newKeys = () => crypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])

function serverExtensions({ names, addresses = [], uris = [] }: CertificateOptions): x509.Extension[] {
  return [
    new x509.BasicConstraintsExtension(false, undefined, true),
    new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth, x509.ExtendedKeyUsage.clientAuth]),
    new x509.SubjectAlternativeNameExtension([
      ...names.map((value) => ({ type: 'dns' as const, value })),
      ...addresses.map((value) => ({ type: 'ip' as const, value })),
      ...uris.map((value) => ({ type: 'url' as const, value })),
    ]),
  ]
}

function validity({ from, to }: { from: number; to: number }) {
  const now = Date.now()
  return { notBefore: new Date(now + from * dayMs), notAfter: new Date(now + to * dayMs) }
}

async function privateKeyPem({ privateKey }: Awaited<ReturnType<typeof newKeys>>): Promise<string> {
  return x509.PemConverter.encode(await crypto.subtle.exportKey('pkcs8', privateKey), 'PRIVATE KEY')
}
