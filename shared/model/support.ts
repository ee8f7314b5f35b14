/** A sound device as the window sees it. */
export interface SoundDevice {
  readonly kind: 'input' | 'output'
  /** Empty until the user has allowed the microphone. */
  readonly label: string
}
