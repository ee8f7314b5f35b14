import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { watchSpeech } from './devices/sound-level.ts'
import { findDoor } from './door/find-door.ts'
import { systemHid } from './headset/hid.ts'
import { speak, startI18n } from './i18n.ts'
import { addConsentTone } from './phone/consent-tone.ts'
import { openMicrophone } from './phone/microphone.ts'
import { recordMixed } from './phone/mixed-recorder.ts'
import { mixVoices } from './phone/mixer.ts'
import { TonePlayer } from './phone/tones.ts'
import type { OutputParts } from './state/checkup.ts'
import { Controller } from './state/controller.ts'
import { connectHeadset } from './state/headset-phone.ts'
import { countryOf } from './text/phone-number.ts'
import { App } from './ui/app.tsx'
import { HeadsetContext } from './ui/headset-row.tsx'
import { ControllerContext } from './ui/use-controller.ts'

const remoteAudio = document.querySelector<HTMLAudioElement>('#remote-audio')
const root = document.querySelector('#root')
if (!remoteAudio || !root) throw new Error('index.html lacks #root or #remote-audio')

const output: OutputParts = {
  read: () => ({
    hasSound:
      remoteAudio.srcObject instanceof MediaStream &&
      remoteAudio.srcObject.getAudioTracks().some(({ readyState }) => readyState === 'live'),
    paused: remoteAudio.paused,
    silenced: remoteAudio.muted || remoteAudio.volume === 0,
    sinkId: remoteAudio.sinkId,
  }),
  turnOn() {
    remoteAudio.muted = false
    remoteAudio.volume = 1
    void remoteAudio.play()
  },
}
const tones = new TonePlayer()
const controller = new Controller({
  door: findDoor(),
  openDevice: openMicrophone,
  watchSpeech,
  record: recordMixed,
  addTone: addConsentTone,
  createPeerConnection: () => new RTCPeerConnection({ iceServers: [], bundlePolicy: 'max-bundle' }),
  sound: {
    enumerate: () => navigator.mediaDevices.enumerateDevices(),
    onDeviceChange: (listener) => navigator.mediaDevices.addEventListener('devicechange', listener),
    setSink: (role, id) => (role === 'ringer' ? setRinger(id) : setSpeaker(id)),
  },
  playTest: (role) => tones.test(role === 'ringer' ? 'ring' : 'ringback'),
  playBeep: () => tones.beep(),
  playTone: (name) => tones.play(name),
  playRemote: (stream) => {
    remoteAudio.srcObject = stream ?? null
  },
  output,
  mixVoices,
  storage: sessionStorage,
  now: () => Date.now(),
  later: (task, delayMs) => setTimeout(task, delayMs),
  country: countryOf(navigator.language),
})

/** What one is to hear from across the room. */
async function setRinger(id: string): Promise<string> {
  const [took] = await Promise.all([tones.setSink('ring', id), tones.setSink('beep', id)])
  return took
}

/** The far end and the phone's own tones for the receiver come from one device. */
async function setSpeaker(id: string): Promise<string> {
  await remoteAudio?.setSinkId(id)
  const [took] = await Promise.all([tones.setSink('ringback', id), tones.setSink('waiting', id)])
  return remoteAudio?.sinkId === took ? took : ''
}

await startI18n()
controller.store.subscribe(({ app }, before) => {
  const language = app?.settings?.language
  if (language && language !== before.app?.settings?.language) void speak(language)
})
const headset = connectHeadset(controller, systemHid())
controller.start()
createRoot(root).render(
  <StrictMode>
    <ControllerContext value={controller}>
      <HeadsetContext value={headset}>
        <App />
      </HeadsetContext>
    </ControllerContext>
  </StrictMode>,
)
