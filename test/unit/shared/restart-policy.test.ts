import { describe, expect, test } from 'vitest'
import { RestartPolicy } from '../../../shared/restart-policy.ts'

describe('a worker that crashes', () => {
  test('is started again twice within a minute, not a third time', () => {
    const policy = new RestartPolicy()
    expect([policy.crashed(0), policy.crashed(1000), policy.crashed(59_999)]).toEqual([true, true, false])
  })

  test('now and then is started again each time', () => {
    const policy = new RestartPolicy()
    expect([0, 31_000, 62_000, 93_000].map((at) => policy.crashed(at))).toEqual([true, true, true, true])
  })
})
