import { ChevronRight, type LucideIcon, Phone, PhoneIncoming, Stethoscope } from 'lucide-react'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { practiceCalls, practiceFaults, practiceRings } from '../../../shared/model/practice.ts'
import { canCall, canPlaceCalls } from '../state/selectors.ts'
import { PageFrame } from './page-frame.tsx'
import { useController, useWindow } from './use-controller.ts'

/** Everything that can go well or wrong in a call, played by the demo trunk: no account is needed, and nothing costs. */
export function PracticePage() {
  const { t } = useTranslation()
  const controller = useController()
  const { demo, free } = useWindow((state) => ({
    demo: state.app?.accounts.find((account) => account.demo),
    free: canCall(state),
  }))
  const ready = demo !== undefined && canPlaceCalls(demo) && free
  return (
    <PageFrame title={t('practice.title')} onBack={() => controller.goTo({ name: 'settings' })}>
      <div className="flex min-h-0 flex-1 flex-col gap-6 overflow-y-auto p-4 pt-1">
        <p className="text-sm text-quiet">{demo ? t('practice.explain') : t('practice.noDemo')}</p>
        {demo ? (
          <>
            <Group title={t('practice.calls')}>
              {practiceCalls.map((name) => (
                <Item
                  key={name}
                  icon={Phone}
                  testId={`practice-call-${name}`}
                  name={t(`practice.call.${name}.name`)}
                  see={t(`practice.call.${name}.see`)}
                  disabled={!ready}
                  onPress={() => controller.placeCall(demo.settings.id, name)}
                />
              ))}
            </Group>
            <Group title={t('practice.rings')}>
              {practiceRings.map((name) => (
                <Item
                  key={name}
                  icon={PhoneIncoming}
                  testId={`practice-ring-${name}`}
                  name={t(`practice.ring.${name}.name`)}
                  see={t(`practice.ring.${name}.see`)}
                  disabled={!ready}
                  onPress={() => void controller.demoCallMe(name)}
                />
              ))}
            </Group>
            <Group title={t('practice.faults')}>
              {practiceFaults.map((fault) => (
                <Item
                  key={fault}
                  icon={Stethoscope}
                  testId={`practice-fault-${fault}`}
                  name={t(`practice.fault.${fault}.name`)}
                  see={t(`practice.fault.${fault}.see`)}
                  disabled={false}
                  onPress={() => controller.goTo({ name: 'doctor', subject: { kind: 'practice', fault } })}
                />
              ))}
            </Group>
          </>
        ) : null}
      </div>
    </PageFrame>
  )
}

function Group({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <section className="flex shrink-0 flex-col gap-2">
      <h2 className="text-sm font-semibold text-quiet">{title}</h2>
      <ul className="divide-y divide-line overflow-hidden rounded-xl border border-line bg-surface">{children}</ul>
    </section>
  )
}

interface ItemProps {
  readonly icon: LucideIcon
  readonly testId: string
  readonly name: string
  /** What the user should see. */
  readonly see: string
  readonly disabled: boolean
  readonly onPress: () => void
}

function Item({ icon: Icon, testId, name, see, disabled, onPress }: ItemProps) {
  return (
    <li>
      <button
        type="button"
        data-testid={testId}
        disabled={disabled}
        onClick={onPress}
        className="flex w-full items-start gap-3 p-3 text-left -outline-offset-2 transition-colors enabled:hover:bg-raised disabled:text-quiet"
      >
        <Icon aria-hidden="true" size={18} className="mt-0.5 shrink-0 text-quiet" />
        <span className="min-w-0 flex-1">
          <span className="block font-medium">{name}</span>
          <span className="block text-sm text-quiet">{see}</span>
        </span>
        <ChevronRight aria-hidden="true" size={18} className="mt-0.5 shrink-0 text-quiet" />
      </button>
    </li>
  )
}
