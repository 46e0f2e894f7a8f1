import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import type { Declared, Workload } from '../../src/workload/workload.ts'

const declared: fc.Arbitrary<Declared> = fc.record({
  everyMs: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 1e9 })),
  stallMs: fc.oneof(fc.constant(-1), fc.integer({ min: 0, max: 1e7 })),
  usualStallMs: fc.integer({ min: 0, max: 1e6 }),
})

/** What every kind of job must hold, whatever a trace declares. */
export function workloadSuite(workload: Workload): void {
  test(`${workload.name}: says what it is`, () => {
    assert.ok(workload.name.length > 0 && workload.summary.length > 0)
  })

  test(`${workload.name}: a declared interval is kept`, () => {
    fc.assert(fc.property(declared, (given) => {
      const { everyMs } = workload.checkpoints(given, () => 1e6)
      if (given.everyMs > 0) assert.equal(everyMs, given.everyMs)
    }))
  })

  test(`${workload.name}: intervals are above 0, stalls are not below, the draw is a share`, () => {
    fc.assert(fc.property(declared, fc.integer({ min: 1, max: 1e9 }), (given, best) => {
      const checkpoints = workload.checkpoints(given, () => best)
      assert.ok(checkpoints.everyMs > 0 && checkpoints.stallMs >= 0)
      const ratio = workload.drawRatio(checkpoints)
      assert.ok(ratio > 0 && ratio <= 1, `${ratio}`)
    }))
  })

  test(`${workload.name}: the same answer twice`, () => {
    fc.assert(fc.property(declared, (given) => {
      assert.deepEqual(
        workload.checkpoints(given, () => 5000), workload.checkpoints(given, () => 5000))
    }))
  })
}
