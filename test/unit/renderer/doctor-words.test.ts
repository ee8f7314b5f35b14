import { describe, expect, test } from 'vitest'
import en from '../../../renderer/src/locales/en.json' with { type: 'json' }
import { doctorOutcome, findingWords, spokenCheck } from '../../../renderer/src/text/doctor-words.ts'
import { type DoctorCheck, type DoctorState, doctorFindings, doctorSteps } from '../../../shared/model/doctor.ts'
import { practiceCalls, practiceFaults, practiceRings } from '../../../shared/model/practice.ts'
import { trunkPresetIds } from '../../../shared/model/trunk-presets.ts'

const lookUp = (key: string): unknown =>
  key.split('.').reduce<unknown>((words, part) => (words as Record<string, unknown> | undefined)?.[part], en)
const said = (key: string) => typeof lookUp(key) === 'string' && lookUp(key) !== ''

const checks = (...states: DoctorState[]): DoctorCheck[] =>
  states.map((state, at) => ({ step: doctorSteps[at] ?? 'echo', state }))
const report = (done: boolean, ...states: DoctorState[]) => ({
  subject: { kind: 'account', accountId: 'a' } as const,
  checks: checks(...states),
  done,
})

describe('the doctor says', () => {
  test.each(Object.values(doctorFindings).flat())('%s in a sentence', (finding) => {
    expect(said(`${findingWords(finding)}.what`)).toBe(true)
  })

  test.each(doctorFindings.failed)('%s with what to do about it', (finding) => {
    expect(said(`${findingWords(finding)}.advice`)).toBe(true)
  })

  test('a failure that other parts know in their words', () => {
    expect(findingWords('tls/expired')).toBe('error.tls.expired')
  })

  test.each(doctorSteps)('%s by name, and while it does it', (step) => {
    expect(said(`doctor.step.${step}`) && said(`doctor.doing.${step}`)).toBe(true)
  })
})

describe('a visit', () => {
  test.each([
    ['is not over while it runs', report(false, 'ok', 'running'), undefined],
    ['went well when the echo was heard', report(true, 'ok', 'ok'), 'healthy'],
    ['went as far as it could without a number', report(true, 'ok', 'skipped'), 'partly'],
    ['found something', report(true, 'failed', 'skipped'), 'ill'],
  ] as const)('%s', (_name, visit, expected) => {
    expect(doctorOutcome(visit)).toBe(expected)
  })

  test('says aloud what failed, else what it does, else what it did last', () => {
    expect(spokenCheck(checks('ok', 'failed', 'skipped'))?.state).toBe('failed')
    expect(spokenCheck(checks('ok', 'running', 'waiting'))?.state).toBe('running')
    expect(spokenCheck(checks('ok', 'ok'))?.step).toBe('tcp')
  })
})

test('every practice names itself and what one should see', () => {
  const keys = [
    ...practiceCalls.map((name) => `practice.call.${name}`),
    ...practiceRings.map((name) => `practice.ring.${name}`),
    ...practiceFaults.map((name) => `practice.fault.${name}`),
  ]
  expect(keys.filter((key) => !said(`${key}.name`) || !said(`${key}.see`))).toEqual([])
})

test('every provider says where its three fields are found', () => {
  expect(trunkPresetIds.filter((id) => !said(`form.where.${id}`))).toEqual([])
})
