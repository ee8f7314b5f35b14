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
  const [stream, setStream] = useState<MediaStream>()
  const [failure, setFailure] = useState<MicrophoneFailure>()
  const [db, setDb] = useState(floorDb)
  const place = useWindow((state) => permissionPlace(state.app?.shell, navigator.platform))

  useEffect(() => {
    if (!stream) return
    const stopWatching = watchLevel(stream, setDb)
    return () => {
      stopWatching()
      for (const track of stream.getTracks()) track.stop()
    }
  }, [stream])

  const start = async () => {
    try {
      setStream(await controller.openMicrophone())
      setFailure(undefined)
      await controller.devices.refresh()
    } catch (error) {
      setFailure(error instanceof MicrophoneError ? error.failure : 'failed')
    }
  }
  return (
    <div className="flex flex-wrap items-center gap-3">
      {failure ? (
        <p role="alert" className="w-full text-sm text-unproven">
          {t(`problem.microphone.${failure}`)} {t(`problem.microphoneAdvice.${failure}`, { context: place })}
        </p>
      ) : null}
      {stream ? (
        <Button icon={Square} onClick={() => setStream(undefined)}>
          {t('devices.stop')}
        </Button>
      ) : (
        <Button icon={Mic} data-testid="microphone-test" onClick={() => void start()}>
          {t('devices.tryMicrophone')}
        </Button>
      )}
      {stream ? (
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
