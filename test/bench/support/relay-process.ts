import { type MediaEvent, startMedia } from '../../../electron/media/media.ts'
import type { MediaCommandName, MediaCommands } from '../../../electron/media/protocol.ts'

/**
 * The media worker in a process of its own, as the product runs it, so that its CPU time and memory can be told from
 * those of the measuring process. Commands come over the process channel.
 */
export interface RelayCommand {
  readonly id: number
  readonly command: MediaCommandName
  readonly input: MediaCommands[MediaCommandName]['input']
}

export interface RelayReply {
  readonly id: number
  readonly value?: unknown
  readonly error?: string
}

const reply = (message: RelayReply | MediaEvent | 'ready') => process.send?.(message)
/** Events cost time that is not the relay's: they are passed on only where someone listens. */
const onEvent = process.argv.includes('--events') ? reply : () => undefined
const media = await startMedia({ onEvent, log: { warn: (message) => console.error(message) } })

process.on('message', ({ id, command, input }: RelayCommand) => {
  media.call(command, input).then(
    (value) => reply({ id, value }),
    (error: unknown) => reply({ id, error: String(error) }),
  )
})
process.on('disconnect', () => void media.close())
reply('ready')
