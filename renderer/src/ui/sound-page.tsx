import { Mic, Play, Square } from 'lucide-react'
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useStore } from 'zustand'
import { type DeviceRole, deviceRoles } from '../../../shared/model/settings.ts'
import { floorDb, watchLevel } from '../devices/sound-level.ts'
import { MicrophoneError, type MicrophoneFailure } from '../phone/microphone.ts'
import { permissionPlace } from '../text/permission-place.ts'
import { Button } from './controls.tsx'
import { SelectField } from './form-fields.tsx'
import { HeadsetRow } from './headset-row.tsx'
import { PageFrame } from './page-frame.tsx'
import { useController, useWindow } from './use-controller.ts'

/** Microphone, speaker and ringer, chosen apart, each with a way to try it. */
export function SoundPage() {
  const { t } = useTranslation()
  const controller = useController()
  return (
    <PageFrame title={t('settings.sound.title')} onBack={() => controller.goTo({ name: 'settings' })}>
      <div className="flex min-h-0 flex-1 flex-col gap-6 overflow-y-auto p-4">
        {deviceRoles.map((role) => (
          <div key={role} className="flex flex-col gap-2">
            <DeviceSelect role={role} />
            {role === 'microphone' ? <MicrophoneTest /> : <OutputTest role={role} />}
          </div>
        ))}
        <p className="text-sm text-quiet">{t('devices.explain')}</p>
        <HeadsetRow />
      </div>
    </PageFrame>
  )
}

const systemChoice = ''

function DeviceSelect({ role }: { readonly role: DeviceRole }) {
  const { t } = useTranslation()
  const { devices } = useController()
  const { present, chosen, missing, refused } = useStore(devices.store)
  const absent = missing[role]
  const hint = () => {
    if (refused[role]) return t('devices.refused')
    if (absent) return t('devices.missing', { device: absent.label, inUse: chosen[role]?.label ?? t('devices.system') })
    return present[role].length === 0 ? t(`devices.none.${role}`) : undefined
  }
  return (
    <SelectField
      label={t(`devices.role.${role}`)}
      data-testid={`device-${role}`}
      value={chosen[role]?.id ?? systemChoice}
      hint={hint()}
      onChange={({ target }) =>
        devices.choose(
          role,
          present[role].find(({ id }) => id === target.value),
        )
      }
      options={[
        { value: systemChoice, label: t('devices.system') },
        ...present[role].map(({ id, label }, index) => ({
          value: id,
          label: label || t('devices.unnamed', { number: index + 1 }),
        })),
      ]}
    />
  )
}

/** The level of the microphone, for as long as the user wants to see it; it is open no longer than that. */
function MicrophoneTest() {
  const { t } = useTranslation()
  const controller = useController()
  const wanted = useStore(controller.devices.store, ({ chosen }) => chosen.microphone?.id)
  const [testing, setTesting] = useState(false)
  const [failure, setFailure] = useState<MicrophoneFailure>()
  const [db, setDb] = useState(floorDb)
  const place = useWindow((state) => permissionPlace(state.app?.shell, navigator.platform))

  // biome-ignore lint/correctness/useExhaustiveDependencies: another microphone is tried as soon as it is chosen
  useEffect(() => {
    if (!testing) return
    const test = new AbortController()
    const { signal } = test
    void controller.openMicrophone().then(
      (stream) => {
        whenAborted(signal, () => {
          for (const track of stream.getTracks()) track.stop()
        })
        if (signal.aborted) return
        whenAborted(signal, watchLevel(stream, setDb))
        void controller.devices.refresh()
      },
      (error: unknown) => {
        if (signal.aborted) return
        setFailure(error instanceof MicrophoneError ? error.failure : 'failed')
        setTesting(false)
      },
    )
    return () => test.abort()
  }, [testing, wanted, controller])

  const start = () => {
    setFailure(undefined)
    setDb(floorDb)
    setTesting(true)
  }
  return (
    <div className="flex flex-wrap items-center gap-3">
      {failure ? (
        <p role="alert" className="w-full text-sm text-unproven">
          {t(`problem.microphone.${failure}`)} {t(`problem.microphoneAdvice.${failure}`, { context: place })}
        </p>
      ) : null}
      {testing ? (
        <Button icon={Square} onClick={() => setTesting(false)}>
          {t('devices.stop')}
        </Button>
      ) : (
        <Button icon={Mic} data-testid="microphone-test" onClick={start}>
          {t('devices.tryMicrophone')}
        </Button>
      )}
      {testing ? (
        <meter
          data-testid="microphone-level"
          aria-label={t('devices.level')}
          min={0}
          max={-floorDb}
          value={db - floorDb}
          className="h-3 min-w-0 flex-1"
        />
      ) : null}
    </div>
  )
}

/** Also when that has happened already. */
function whenAborted(signal: AbortSignal, task: () => void): void {
  if (signal.aborted) task()
  else signal.addEventListener('abort', task, { once: true })
}

function OutputTest({ role }: { readonly role: 'speaker' | 'ringer' }) {
  const { t } = useTranslation()
  const controller = useController()
  return (
    <div>
      <Button icon={Play} data-testid={`${role}-test`} onClick={() => controller.testSound(role)}>
        {t('devices.playTest')}
      </Button>
    </div>
  )
}
