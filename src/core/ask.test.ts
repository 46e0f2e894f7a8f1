// Shows what is accepted and what is refused, each with its code and a sentence that says what
// would do; above all that nothing is accepted that could never start.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import * as fc from 'fast-check'
import { toyRow } from '../../test/toy-plant.ts'
import { place, requestOf, submit, toyState } from '../../test/toy-state.ts'
import { isRefusal, type Intent, type JobRequest } from '../model/index.ts'
import { shapeOfJob } from './demand.ts'
import { apply } from './apply.ts'
import { ask } from './ask.ts'
import { fit } from './fit.ts'
import { createState, forkState, hashState, type State } from './state.ts'

const first = () => 0

function refused(state: State, intent: Intent): string {
  const before = hashState(state)
  const answer = ask(state, intent, first)
  assert.ok(isRefusal(answer), JSON.stringify(answer))
  assert.match(answer.message, /^[A-Z0-9a-z][^]*\.$/)
  assert.equal(hashState(state), before, 'a question changes nothing')
  return answer.code
}

function refusedJob(state: State, given: Partial<JobRequest>): string {
  return refused(state, { type: 'submit', request: requestOf(given) })
}

describe('a job', () => {
  const state = toyState({
    sites: [[[[2, 2], [[1, 3]]]], [[[1]]]],
    systems: [{ gpus: 4, cpus: 8, memoryGiB: 64 }, { gpus: 0, cpus: 16 }],
    queues: [{}, { pools: [0], quotaGpus: 6 }, { pools: [1] }],
  })

  test('that fits is accepted with the next row and number', () => {
    const answer = ask(state, { type: 'submit', request: requestOf({ gpus: 16 }) }, () => 7)
    assert.deepEqual(answer, { type: 'job.submitted', job: 0, number: 1, ...requestOf({ gpus: 16 }),
      rank: 7 })
  })

  test('that is too large for the site, the level, the node or the quota', () => {
    const cases: readonly Partial<JobRequest>[] = [
      { gpus: 17 }, { gpus: 20 }, { gpus: 9, level: 1 }, { gpus: 5, level: 0 },
      { gpus: 10, nodes: 2 }, { gpus: 7, queue: 1 }, { gpus: 1, queue: 2 },
      { gpus: 1, cpusPerNode: 9 }, { gpus: 0, cpusPerNode: 17 }, { memoryPerNodeGiB: 65 },
      { gpus: 0, nodes: 5, cpusPerNode: 16 },
    ]
    for (const given of cases) {
      assert.equal(refusedJob(state, given), 'too-large', JSON.stringify(given))
    }
  })

  test('that names what there is not', () => {
    assert.equal(refusedJob(state, { queue: 9 }), 'no-such-queue')
    assert.equal(refusedJob(state, { device: 5 }), 'no-such-device')
    assert.equal(refusedJob(state, { queue: 2, device: 0 }), 'no-such-device')
  })

  test('whose numbers make no sense', () => {
    const cases: readonly Partial<JobRequest>[] = [
      { gpus: -1 }, { gpus: 1.5 }, { gpus: NaN }, { gpus: 3e9 }, { nodes: -1 }, { limitMs: 0.5 },
      { limitMs: 1e14 }, { priority: 0.1 }, { priority: 3e9 }, { level: 9 }, { cpusPerNode: -2 },
      { gpus: 5, nodes: 2 }, { memoryPerNodeGiB: Infinity },
    ]
    for (const given of cases) {
      assert.equal(refusedJob(state, given), 'out-of-range', JSON.stringify(given))
    }
  })
})

describe('what could never start', () => {
  test('is refused with the largest gang that could', () => {
    // Four racks of four; a rack carries three nodes and the hall ten.
    const state = toyState({ sites: toyRow(4, 4, 4, 4), limits: { rack0: 300, rack1: 300,
      rack2: 300, rack3: 300, hall0: 1000 } })
    const most = (level: number) => {
      const answer = ask(state, { type: 'submit', request: requestOf({ gpus: 13, level }) }, first)
      assert.ok(isRefusal(answer))
      return /largest gang that fits is (\d+)/.exec(answer.message)?.[1]
    }
    assert.deepEqual([1, 2, 3, 4].map(most), ['3', '10', '10', '10'])
    assert.equal(refusedJob(state, { gpus: 4, level: 1 }), 'too-large')
    assert.equal(isRefusal(ask(state, { type: 'submit', request: requestOf({ gpus: 10 }) }, first)),
      false)
  })

  test('is all that is refused: what is accepted starts in an empty factory', () => {
    const watts = fc.integer({ min: 0, max: 12 }).map((units) => units * 100)
    const world = fc.record({ rack0: watts, rack1: watts, row0: watts, hall1: watts, site0: watts })
    const size = fc.record({ gpus: fc.nat(24), level: fc.nat(4), device: fc.integer({ min: -1,
      max: 1 }), nodes: fc.nat(3) })
    fc.assert(fc.property(world, fc.array(size, { maxLength: 10 }), (limits, sizes) => {
      const state = toyState({ sites: [[[[2, [1, 2]], [3]], [[[1, 2], 1]]]], limits,
        systems: [{ gpus: 2 }, { gpus: 4 }], ratios: { hall0: 12_345 } })
      const empty = createState(state.layout.plant)
      for (const given of sizes) {
        const answer = ask(state, { type: 'submit', request: requestOf(given) }, first)
        if (isRefusal(answer) || answer.type !== 'job.submitted') continue
        apply(state, answer)
        const starts = [0, 1].some((pool) => {
          const shape = shapeOfJob(state, answer.job, pool)
          const search = { pool, shape: shape!, level: given.level, closed: [], isSpread: false }
          return shape !== undefined && 'placement' in fit(empty, search)
        })
        assert.ok(starts, JSON.stringify(given))
      }
    }), { numRuns: 200 })
  })
})

describe('people', () => {
  test('cancel, hold and release what is there, in the phase where it makes sense', () => {
    const state = toyState({ sites: toyRow(2) })
    const running = place(state, [0, 1, 0], {})
    const waiting = submit(state, {})
    const answer = (intent: Intent) => ask(forkState(state), intent, first)
    assert.deepEqual(answer({ type: 'cancel', job: running }),
      { type: 'job.ended', job: running, outcome: 'cancelled' })
    assert.deepEqual(answer({ type: 'hold', job: waiting }), { type: 'job.held', job: waiting })
    assert.equal(refused(state, { type: 'release', job: waiting }), 'not-possible-now')
    assert.equal(refused(state, { type: 'hold', job: running }), 'not-possible-now')
    for (const job of [-1, 2, 1e9, 0.5]) {
      assert.equal(refused(state, { type: 'cancel', job }), 'no-such-job')
    }
    apply(state, { type: 'job.held', job: waiting })
    assert.equal(refused(state, { type: 'hold', job: waiting }), 'not-possible-now')
    apply(state, { type: 'job.ended', job: running, outcome: 'completed' })
    assert.equal(refused(state, { type: 'cancel', job: running }), 'no-such-job')
  })

  test('drain and resume nodes that are there', () => {
    const state = toyState({ sites: toyRow(4) })
    assert.deepEqual(ask(state, { type: 'drain', first: 1, end: 4, reason: 'fans' }, first),
      { type: 'nodes.drained', first: 1, end: 4, cause: 'fans' })
    for (const [from, end] of [[-1, 2], [2, 2], [3, 5], [0.5, 2], [NaN, 2]] as const) {
      assert.equal(refused(state, { type: 'drain', first: from, end, reason: '' }), 'no-such-node')
    }
  })
})
