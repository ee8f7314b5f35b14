/** How the media of one leg is carried and keyed. `webrtc`, `dtls-srtp` and `srtp` are secure; `rtp` is not. */
export type TransportMode = 'webrtc' | 'dtls-srtp' | 'srtp' | 'rtp'

/** What the user allows on the trunk side of an account. `off` is shown on every call. */
export type EncryptionPolicy = 'required' | 'preferred' | 'off'

/** How a leg's SIP messages travel. `local` is the leg toward Kedge's own window: it never leaves this machine. */
export type SignallingTransport = 'local' | 'udp' | 'tcp' | 'tls'

/** SDES crypto-suites (RFC 4568 §6.2, RFC 6188 §4, RFC 7714 §14.1), strongest first. The names are the wire's. */
export const cryptoSuites = [
  'AEAD_AES_256_GCM',
  'AEAD_AES_128_GCM',
  'AES_256_CM_HMAC_SHA1_80',
  'AES_256_CM_HMAC_SHA1_32',
  'AES_192_CM_HMAC_SHA1_80',
  'AES_192_CM_HMAC_SHA1_32',
  'AES_CM_128_HMAC_SHA1_80',
  'AES_CM_128_HMAC_SHA1_32',
] as const

export type CryptoSuite = (typeof cryptoSuites)[number]
