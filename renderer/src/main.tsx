import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { findDoor } from './door/find-door.ts'
import { startI18n } from './i18n.ts'
import { openMicrophone } from './phone/microphone.ts'
import { TonePlayer } from './phone/tones.ts'
import { Controller } from './state/controller.ts'
import { App } from './ui/app.tsx'
import { ControllerContext } from './ui/use-controller.ts'

const remoteAudio = document.querySelector<HTMLAudioElement>('#remote-audio')
const root = document.querySelector('#root')
if (!remoteAudio || !root) throw new Error('index.html lacks #root or #remote-audio')

const tones = new TonePlayer()
const controller = new Controller({
  door: findDoor(),
  openMicrophone,
  createPeerConnection: () => new RTCPeerConnection({ iceServers: [], bundlePolicy: 'max-bundle' }),
  playTone: (name) => tones.play(name),
  playRemote: (stream) => {
    remoteAudio.srcObject = stream ?? null
  },
  now: () => Date.now(),
  later: (task, delayMs) => setTimeout(task, delayMs),
})

await startI18n()
controller.start()
createRoot(root).render(
  <StrictMode>
    <ControllerContext value={controller}>
      <App />
    </ControllerContext>
  </StrictMode>,
)
