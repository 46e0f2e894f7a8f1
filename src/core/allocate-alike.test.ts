// Shows that jobs which are alike but for their size are put together for prices, and that the
// allotment is then as close to its bound as one of jobs that each differ a little.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { alikeOf } from './allocate-alike.ts'
import { columnsOf, type PowerJob } from './allocate-input.ts'
import { rowsOf } from './allocate-rows.ts'
import { allocate } from './allocate.ts'

/** A site with two halls, one of which binds by itself as well. */
const TREE = {
  parent: Int32Array.of(-1, 0, 0), ratioPer10k: Int32Array.of(10_000, 13_000, 12_000),
  baseW: new Float64Array(3), limitW: Float64Array.of(6e6, 2.6e6, Infinity),
  targetW: Float64Array.of(5.4e6, Infinity, Infinity),
}

/** Jobs of 8 to 64 devices of one curve; `off` makes each worth a little more than the last. */
function jobsOf(count: number, off: number): PowerJob[] {
  return Array.from({ length: count }, (_, job) => {
    const devices = 8 * (1 + job % 8)
    const worth = devices * (1 + off * job)
    return {
      feeders: [1 + job % 2], devices: [devices], priority: 0,
      options: {
        grantW: [50, 100, 300, 500], drawW: [50, 98, 290, 450],
        value: [0, 0.4 * worth, 0.8 * worth, worth], canPause: true,
      },
    }
  })
}

test('like jobs are one kind for each set of rows above them', () => {
  const jobs = columnsOf(jobsOf(400, 0))
  const alike = alikeOf(jobs, rowsOf(TREE, jobs))
  assert.equal(alike?.jobs.pointStart.length, 3)
})

test('where each is worth something else, none is put together', () => {
  const jobs = columnsOf(jobsOf(400, 1e-4))
  assert.equal(alikeOf(jobs, rowsOf(TREE, jobs)), undefined)
})

test('the allotment is as near its bound, and within every limit', () => {
  for (const off of [0, 1e-4]) {
    const jobs = columnsOf(jobsOf(400, off))
    const { value, boundValue, loadW, drawW } = allocate(TREE, jobs)
    assert.ok(boundValue - value < 1e-3 * boundValue, `${value} of ${boundValue}`)
    assert.ok(loadW[0]! <= 6e6 && loadW[1]! <= 2.6e6)
    assert.ok(drawW[0]! <= 5.4e6 * (1 + 1e-9))
  }
})
