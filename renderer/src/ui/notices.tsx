import { TriangleAlert, Unplug, X } from 'lucide-react'
import { type ReactNode, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { ErrorCode } from '../../../shared/errors.ts'
import { callScreen, currentAccount } from '../state/selectors.ts'
import type { Problem } from '../state/window-state.ts'
import { errorWords } from '../text/error-words.ts'
import { permissionPlace } from '../text/permission-place.ts'
import { serverOf } from './account-status.tsx'
import { Button, IconButton } from './controls.tsx'
import { useController, useWindow } from './use-controller.ts'

/**
 * What is wrong outside of any call or account. Lies over the window where it hides no control
 * that one needs at that moment, and moves nothing.
 */
export function Notices() {
  const controller = useController()
  const [read, setRead] = useState<ErrorCode>()
  const { connected, loaded, notice, problem, inCall } = useWindow((state) => ({
    inCall: state.page.name === 'phone' && callScreen(state).kind !== 'none',
    connected: state.connected,
    loaded: state.app !== undefined,
    notice: state.app?.notice,
    problem: state.problem,
  }))
  return (
    <div
      className={`pointer-events-none absolute inset-x-0 z-20 flex flex-col gap-2 p-3 wide:left-auto wide:w-110 ${inCall ? 'top-0' : 'bottom-0'}`}
    >
      {loaded && !connected ? <Disconnected /> : null}
      {notice && notice !== read ? (
        <ProblemBanner problem={{ kind: 'error', code: notice }} onDismiss={() => setRead(notice)} />
      ) : null}
      {problem ? <ProblemBanner problem={problem} onDismiss={() => controller.dismissProblem()} /> : null}
    </div>
  )
}

function Disconnected() {
  const { t } = useTranslation()
  return (
    <Banner code="ipc/disconnected" icon={<Unplug aria-hidden="true" size={20} />} what={t('app.reconnecting')}>
      {t('app.reconnectingAdvice')}
    </Banner>
  )
}

function ProblemBanner({ problem, onDismiss }: { readonly problem: Problem; readonly onDismiss: () => void }) {
  const { t } = useTranslation()
  const controller = useController()
  const account = useWindow(currentAccount)
  const values = account
    ? { trunk: account.settings.label, domain: account.settings.domain, server: serverOf(account), who: '' }
    : {}
  const place = useWindow((state) => permissionPlace(state.app?.shell, navigator.platform))
  const { code, what, advice } = problemWords(problem)
  const retry = problem.kind === 'microphone' ? problem.retry : undefined
  return (
    <Banner
      code={code}
      icon={<TriangleAlert aria-hidden="true" size={20} />}
      what={t(what, values)}
      onDismiss={onDismiss}
    >
      {advice ? t(advice, { ...values, context: place, defaultValue: '' }) : null}
      {retry ? (
        <Button className="mt-3 w-full" onClick={() => controller.placeCall(retry.accountId, retry.user)}>
          {t('call.tryAgain')}
        </Button>
      ) : null}
    </Banner>
  )
}

function problemWords(problem: Problem): { code: string; what: string; advice?: string } {
  switch (problem.kind) {
    case 'microphone': {
      const { failure } = problem
      const words = { what: `problem.microphone.${failure}`, advice: `problem.microphoneAdvice.${failure}` }
      return { code: `microphone/${failure}`, ...words }
    }
    case 'no-tones':
      return { code: 'call/no-tones', what: 'problem.noTones' }
    case 'no-hold':
      return { code: 'call/no-hold', what: 'problem.noHold' }
    case 'error':
      return {
        code: problem.code,
        what: `${errorWords[problem.code]}.what`,
        advice: `${errorWords[problem.code]}.advice`,
      }
  }
}

interface BannerProps {
  readonly code: string
  readonly icon: ReactNode
  readonly what: string
  readonly onDismiss?: () => void
  readonly children?: ReactNode
}

function Banner({ code, icon, what, onDismiss, children }: BannerProps) {
  const { t } = useTranslation()
  return (
    <div
      role="alert"
      data-testid="error-banner"
      data-code={code}
      className="pointer-events-auto flex gap-3 rounded-xl border border-unproven-line bg-unproven-tint p-4 shadow-lg"
    >
      <span className="mt-0.5 text-unproven">{icon}</span>
      <div className="min-w-0 flex-1">
        <p className="font-semibold text-unproven">{what}</p>
        <div className="mt-1 text-sm">{children}</div>
      </div>
      {onDismiss ? <IconButton icon={X} label={t('app.dismiss')} onClick={onDismiss} className="-mt-2 -mr-2" /> : null}
    </div>
  )
}
