import { createPrivateKey, X509Certificate } from 'node:crypto'
import { createSecureContext } from 'node:tls'
import { KedgeError } from '../../shared/errors.ts'

/**
 * Reads the private key of a client certificate and holds it against the certificate. Pure.
 * @param certPem - the certificate first, then its chain
 * @returns the key as PEM without a passphrase, to be sealed
 * @throws KedgeError `account/client-key` when either cannot be read, or the two do not belong together
 */
export function readClientKey(certPem: string, keyPem: string, passphrase?: string): string {
  try {
    const key = createPrivateKey({ key: keyPem, ...(passphrase === undefined ? {} : { passphrase }) })
    if (!new X509Certificate(certPem).checkPrivateKey(key)) throw new Error('key and certificate do not match')
    const plain = key.export({ type: 'pkcs8', format: 'pem' }).toString()
    createSecureContext({ cert: certPem, key: plain })
    return plain
  } catch {
    // The cause may quote the key; what the user can do about it is the same whatever it says.
    throw new KedgeError('account/client-key', 'the key cannot be read, or is not the key of this certificate')
  }
}
