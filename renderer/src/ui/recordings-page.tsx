import { Download, Play, Trash2 } from 'lucide-react'
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useStore } from 'zustand'
import type { Recording } from '../../../shared/model/recording.ts'
import { formatDuration, formatWhen } from '../text/format.ts'
import { IconButton } from './controls.tsx'
import { save } from './download.ts'
import { Choice } from './form-fields.tsx'
import { PageFrame } from './page-frame.tsx'
import { Question } from './question.tsx'
import { useController, useWindow } from './use-controller.ts'
import { useName } from './use-person.ts'

/** Recorded calls: played here, saved as a file that anyone can play, or deleted. */
export function RecordingsPage() {
  const { t } = useTranslation()
  const controller = useController()
  const tone = useWindow((state) => state.app?.settings?.recordingTone ?? true)
  const list = useStore(controller.recordings.store, (state) => state.list)
  useEffect(() => void controller.recordings.read(), [controller])
  return (
    <PageFrame title={t('settings.recordings.title')} onBack={() => controller.goTo({ name: 'settings' })}>
      <div className="px-4 pt-4">
        <Choice
          type="checkbox"
          data-testid="recording-tone"
          label={t('recording.tone')}
          explain={t('recording.toneExplain')}
          checked={tone}
          onChange={({ target }) => void controller.saveSettings({ recordingTone: target.checked })}
        />
      </div>
      {list?.length === 0 ? <p className="m-auto p-8 text-center text-quiet">{t('recording.empty')}</p> : null}
      <ul className="flex min-h-0 flex-col gap-3 overflow-y-auto p-4">
        {list?.map((recording) => (
          <li key={recording.id}>
            <RecordingCard recording={recording} />
          </li>
        ))}
      </ul>
    </PageFrame>
  )
}

function RecordingCard({ recording }: { readonly recording: Recording }) {
  const { t } = useTranslation()
  const controller = useController()
  const who = useName(recording.remote)
  const { id, startedAt, endedAt } = recording
  const [address, setAddress] = useState<string>()
  const [asked, setAsked] = useState(false)
  useEffect(() => () => URL.revokeObjectURL(address ?? ''), [address])

  const play = async () => {
    const sound = await controller.recordings.open(id)
    if (sound) setAddress(URL.createObjectURL(sound))
  }
  const keep = async () => {
    const sound = await controller.recordings.open(id)
    const day = new Date(startedAt).toISOString().slice(0, 10)
    if (sound) save(`kedge-${day}-${recording.remote.user}.webm`, sound)
  }
  return (
    <article data-testid="recording-item" className="rounded-xl border border-line bg-surface p-3">
      <div className="flex items-center gap-1">
        <div className="min-w-0 flex-1">
          <p dir="auto" className="truncate font-medium">
            {who}
          </p>
          <p className="truncate text-sm text-quiet">
            {t('recording.through', { when: formatWhen(startedAt, Date.now()), label: recording.accountLabel })}
            {endedAt === undefined ? null : ` · ${formatDuration(endedAt - startedAt)}`}
          </p>
        </div>
        <IconButton
          icon={Play}
          label={t('recording.play', { who })}
          data-testid="recording-play"
          onClick={() => void play()}
        />
        <IconButton
          icon={Download}
          label={t('recording.save')}
          data-testid="recording-save"
          onClick={() => void keep()}
        />
        <IconButton
          icon={Trash2}
          label={t('recording.remove')}
          data-testid="recording-remove"
          onClick={() => setAsked(true)}
        />
      </div>
      {endedAt === undefined ? <p className="mt-1 text-sm text-unproven">{t('recording.cut')}</p> : null}
      {address === undefined ? null : (
        // biome-ignore lint/a11y/useMediaCaption: a recorded voice has no caption track
        <audio data-testid="recording-audio" className="mt-3 w-full" src={address} controls autoPlay />
      )}
      {asked ? (
        <Question
          className="mt-3"
          question={t('recording.removeQuestion', { who })}
          confirm={t('recording.removeConfirm')}
          testId="recording-remove-confirm"
          onConfirm={() => void controller.recordings.remove(id)}
          onKeep={() => setAsked(false)}
        />
      ) : null}
    </article>
  )
}
