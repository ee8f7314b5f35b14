import type { AccountTransport } from '../../../shared/model/account.ts'
import type { EncryptionPolicy } from '../../../shared/model/media.ts'
import { type Baresip, type BaresipOptions, startBaresip } from '../baresip.ts'
import { type Authority, createAuthority } from '../certificates.ts'
import { type Kamailio, type KamailioOptions, startKamailio } from '../kamailio.ts'
import { type Linphone, startLinphone } from '../linphone.ts'
import { type Kedge, startKedge } from '../softphone.ts'
import { partyHz } from '../tone.ts'
import { openPhone, type PhonePage } from './phone-page.ts'

export const domain = 'pbx.test'
const passwords = { kedge: 'anchor', bob: 'builder', erin: 'evergreen', carol: 'compass', dave: 'drum' }
/** Of the user's microphone, of the far end, and of a third party. */
export const [kedgeHz, farHz, otherHz] = partyHz

export interface SceneOptions
  extends Pick<KamailioOptions, 'routes' | 'replies' | 'digest' | 'mediaRelayPort' | 'noReferTo' | 'noReinviteTo'> {
  /** Folder of the screenshots. */
  readonly story: string
  /** How Kedge and the far end reach Kamailio; TLS when absent. */
  readonly transport?: AccountTransport
  readonly encryption?: EncryptionPolicy
}

/** Kedge in a browser, registered at a Kamailio that the account's private authority vouches for. */
export interface Scene extends AsyncDisposable {
  readonly authority: Authority
  readonly kamailio: Kamailio
  readonly kedge: Kedge
  readonly phone: PhonePage
  /** Starts a phone that is not ours at the same Kamailio; it ends with the scene. */
  farEnd(options?: FarEndOptions): Promise<Baresip>
  /** The same with the other phone, which passes calls on to calls (RFC 3891). */
  transferPhone(user: 'carol' | 'dave', toneHz: number): Promise<Linphone>
}

export interface FarEndOptions
  extends Partial<Pick<BaresipOptions, 'answer' | 'mediaEncryption' | 'codecs' | 'toneHz' | 'toneSeconds'>> {
  readonly user?: 'bob' | 'erin'
  /** 0 is a phone that sends silence. */
  readonly toneHz?: number
}

export async function startScene(options: SceneOptions): Promise<Scene> {
  const { story, transport = 'tls', encryption = 'required', ...routing } = options
  await using parts = new AsyncDisposableStack()
  const authority = await createAuthority()
  const credentials = await authority.issue({ names: [domain] })
  const kamailio = parts.use(await startKamailio({ ...routing, domain, users: passwords, credentials }))
  const port = transport === 'tls' ? kamailio.ports.tls : kamailio.ports.plain
  const kedge = parts.use(await startKedge())
  const phone = parts.use(await openPhone(kedge.windowUrl, kedgeHz, story))
  await phone.addAccount({
    label: 'Work',
    domain,
    username: 'kedge',
    password: passwords.kedge,
    server: '127.0.0.1',
    port,
    transport,
    encryption,
    caPem: authority.certPem,
  })
  await phone.seesAccount('registered')
  const owned = parts.move()
  return {
    authority,
    kamailio,
    kedge,
    phone,
    farEnd: async ({ user = 'bob', ...options } = {}) =>
      owned.use(
        await startBaresip({
          answer: 'auto',
          mediaEncryption: 'srtp-mand',
          toneHz: options.toneHz ?? farHz,
          ...options,
          user,
          password: passwords[user],
          domain,
          proxy: { port, transport },
          caPem: authority.certPem,
        }),
      ),
    async transferPhone(user, toneHz) {
      const account = {
        user,
        password: passwords[user],
        domain,
        proxyPort: kamailio.ports.plain,
        register: true,
      } as const
      const linphone = owned.use(await startLinphone({ toneHz, srtp: 'mandatory', account }))
      await linphone.registered()
      return linphone
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}
