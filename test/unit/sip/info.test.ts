import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { headerOf } from '../../../electron/sip/message/raw-message.ts'
import { answered, soon, starts } from './scripted-calls.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const key = (signal: string) => ({ type: 'application/dtmf-relay', content: `Signal=${signal}\r\n` })

it('INFO carries its body within the dialog, and the answer is told', async () => {
  const { peer, dialog } = await answered()
  const response = dialog.info(key('5'))
  await soon()
  const info = peer.last('INFO')
  expect([headerOf(info, 'content-type'), info.body]).toEqual(['application/dtmf-relay', 'Signal=5\r\n'])
  expect(headerOf(info, 'to')).toContain('tag=bob')
  peer.respond(info, 415)
  await soon()
  expect(await response).toMatchObject({ status: 415 })
})

it('the next one waits for the answer to the one before: no key overtakes another', async () => {
  const { peer, dialog } = await answered()
  void dialog.info(key('1'))
  void dialog.info(key('2'))
  await soon()
  expect(starts(peer).filter((start) => start === 'INFO')).toHaveLength(1)
  peer.respond(peer.last('INFO'), 200)
  await soon()
  expect(peer.last('INFO').body).toBe('Signal=2\r\n')
})
