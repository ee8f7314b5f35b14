import { KedgeError } from '../../shared/errors.ts'
import type { CallInput } from '../../shared/ipc/contract.ts'
import type { AccountSettings } from '../../shared/model/account.ts'
import type { DoctorSubject } from '../../shared/model/doctor.ts'
import type { PracticeFault } from '../../shared/model/practice.ts'
import { trunkPresets } from '../../shared/model/trunk-presets.ts'
import type { DemoTrunk } from '../demo-trunk/demo-trunk.ts'
import type { Doctor } from './doctor.ts'

export interface ConsultingRoomDeps {
  readonly doctor: Doctor
  readonly userAgent: string
  /** @throws KedgeError `call/account-unknown` */
  readonly credentialsOf: (accountId: string) => { readonly settings: AccountSettings; readonly password: string }
  /** The account at the demo trunk, and the trunk; absent when it is not running. */
  readonly demo: { readonly settings: AccountSettings; readonly trunk: DemoTrunk } | undefined
}

/** The demo trunk's own echo. */
const demoEcho = 'echo'

/** The channels of the contract that send for the trunk doctor. */
export function doctorHandlers({ doctor, userAgent, credentialsOf, demo }: ConsultingRoomDeps) {
  function visit(subject: DoctorSubject, settings: AccountSettings, password: string, number: string | undefined) {
    doctor.visit(subject, { settings, password, number, userAgent })
    return {}
  }
  return {
    runDoctor({ accountId, number }: CallInput<'runDoctor'>) {
      const { settings, password } = credentialsOf(accountId)
      const preset = trunkPresets[settings.preset ?? 'generic'].echoNumber
      const own = accountId === demo?.settings.id ? demoEcho : preset
      return visit({ kind: 'account', accountId }, settings, password, number ?? own)
    },
    async practiceDoctor({ fault }: CallInput<'practiceDoctor'>) {
      if (!demo) throw new KedgeError('call/account-unknown', 'the demo trunk is not running')
      const password = fault === 'wrong-password' ? 'a wrong password' : demo.trunk.password
      const settings = await faultySettings(fault, demo.settings, demo.trunk)
      return visit({ kind: 'practice', fault }, settings, password, demoEcho)
    },
    async closeDoctor() {
      await doctor.close()
      return {}
    },
  }
}

/** Nothing is ever found on this port of a desktop: the discard service of 1983. */
const closedPort = 9

async function faultySettings(fault: PracticeFault, good: AccountSettings, trunk: DemoTrunk): Promise<AccountSettings> {
  if (fault === 'wrong-password') return good
  return { ...good, port: fault === 'closed-port' ? closedPort : await trunk.openFault(fault) }
}
