// Shows that each way to break an invariant is refused with its number, that what is allowed is
// not, and that a decision of several steps is taken whole or not at all.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { toyPlant, toyRow } from '../../test/toy-plant.ts'
import { place, submit, toyState } from '../../test/toy-state.ts'
import type { JobRequest, Step } from '../model/index.ts'
import { apply } from './apply.ts'
import { guard } from './guard.ts'
import { createState, type State } from './state.ts'

/** Racks of 2, 2 and 2 nodes with four GPUs; the last in a second site; a CPU-only rack. */
function stateOf(limits: Record<string, number> = {}): State {
  return toyState({
    sites: [[[[2, 2], [[1, 2]]]], [[[2]]]],
    systems: [{ gpus: 4 }, { gpus: 0 }],
    limits,
    queues: [{}, { pools: [0], quotaGpus: 6 }],
  })
}

function start(job: number, spans: readonly number[], pool = 0): Step {
  return { type: 'job.started', job, pool, spans }
}

function refusedStart(
  spans: readonly number[], request: Partial<JobRequest>, pool = 0, state = stateOf()) {
  const job = submit(state, request)
  return guard(state, { steps: [start(job, spans, pool)] })
}

describe('a start', () => {
  test('that keeps the rules', () => {
    assert.equal(refusedStart([0, 1, 0], { gpus: 4 }), undefined)
    assert.equal(refusedStart([0, 3, 0], { gpus: 12 }), undefined)
    assert.equal(refusedStart([2, 3, 0, 0, 1, 0], { gpus: 8 }), undefined)
    assert.equal(refusedStart([1, 2, 0b1010], { gpus: 2 }), undefined)
    assert.equal(refusedStart([0, 1, 0, 2, 3, 0b11], { gpus: 6 }), undefined)
    assert.equal(refusedStart([0, 2, 0b1], { gpus: 2, nodes: 2 }), undefined)
    assert.equal(refusedStart([4, 6, 0], { gpus: 0, nodes: 2 }, 1), undefined)
  })

  test('I2 of a job that runs or is held, or on devices that are taken', () => {
    const state = stateOf()
    const running = place(state, [0, 1, 0b0111], { gpus: 3 })
    assert.match(guard(state, { steps: [start(running, [1, 2, 0b111])] })!, /^I2/)
    const one = submit(state, { gpus: 1 })
    assert.match(guard(state, { steps: [start(one, [0, 1, 0b0001])] })!, /^I2 node 0/)
    assert.equal(guard(state, { steps: [start(one, [0, 1, 0b1000])] }), undefined)
    const four = submit(state, { gpus: 4 })
    assert.match(guard(state, { steps: [start(four, [0, 1, 0])] })!, /^I2 node 0/)
    apply(state, { type: 'job.held', job: four })
    assert.match(guard(state, { steps: [start(four, [1, 2, 0])] })!, /held/)
  })

  test('I2 where cores are taken, by jobs without GPUs too', () => {
    const state = stateOf()
    place(state, [0, 1, 0], { gpus: 0, cpusPerNode: 7 })
    const two = submit(state, { gpus: 1, cpusPerNode: 2 })
    assert.match(guard(state, { steps: [start(two, [0, 1, 1])] })!, /^I2 node 0 lacks cores/)
    const whole = submit(state, { gpus: 4 })
    assert.match(guard(state, { steps: [start(whole, [0, 1, 0])] })!, /^I2 node 0/)
  })

  test('I2 on a node that is named twice', () => {
    assert.match(refusedStart([0, 1, 0, 0, 1, 0], { gpus: 8 })!, /^I2/)
    assert.match(refusedStart([1, 3, 0, 0, 2, 0], { gpus: 16 })!, /^I2/)
  })

  test('I3 that is not what was asked for', () => {
    assert.match(refusedStart([0, 1, 0], { gpus: 8 })!, /^I3 the gang is not complete/)
    assert.match(refusedStart([0, 3, 0], { gpus: 8 })!, /^I3 the gang is not complete/)
    assert.match(refusedStart([], { gpus: 8 })!, /^I3/)
    assert.match(refusedStart([0, 1, 0b1], { gpus: 2 })!, /^I3 a part has other devices/)
    assert.match(refusedStart([0, 1, 0b11, 1, 2, 0b11], { gpus: 4 })!, /^I3/)
    assert.match(refusedStart([4, 5, 0b1], { gpus: 0 }, 1)!, /^I[23]/)
  })

  test('I3 outside the plant, its pool or its domain', () => {
    assert.match(refusedStart([-1, 1, 0], { gpus: 8 })!, /^I3 bad span/)
    assert.match(refusedStart([7, 9, 0], { gpus: 8 })!, /^I3 bad span/)
    assert.match(refusedStart([1, 1, 0], { gpus: 4 })!, /^I3 bad span/)
    assert.match(refusedStart([3, 5, 0], { gpus: 8 })!, /^I3 spans two pools|^I2/)
    assert.match(refusedStart([3, 4, 0, 6, 7, 0], { gpus: 8 })!, /^I3 the gang leaves/)
    assert.match(refusedStart([1, 3, 0], { gpus: 8, level: 1 })!, /^I3 the gang leaves/)
    assert.equal(refusedStart([1, 3, 0], { gpus: 8, level: 2 }), undefined)
    assert.match(refusedStart([0, 1, NaN], { gpus: 4 }) ?? 'I3', /^I/)
  })

  test('I3 of a gang of one node on two', () => {
    const state = toyState({ sites: toyRow([0, 2], [1, 1]), systems: [{ gpus: 2 }, { gpus: 4 }] })
    const job = submit(state, { gpus: 4, level: 0 })
    assert.match(guard(state, { steps: [start(job, [0, 2, 0])] })!, /^I3 the gang leaves its node/)
    assert.equal(guard(state, { steps: [start(job, [2, 3, 0], 1)] }), undefined)
  })

  test('I4a that a feeder cannot carry, the leaf or the root', () => {
    assert.match(refusedStart([0, 2, 0], { gpus: 8 }, 0, stateOf({ rack0: 799 }))!,
      /^I4a feeder rack0/)
    assert.match(refusedStart([0, 2, 0], { gpus: 8 }, 0, stateOf({ site0: 799 }))!,
      /^I4a feeder site0/)
    assert.equal(refusedStart([0, 2, 0], { gpus: 8 }, 0, stateOf({ site0: 800 })), undefined)
  })

  test('I6 beyond the quota of its queue', () => {
    const state = stateOf()
    place(state, [0, 1, 0], { gpus: 4, queue: 1 })
    const job = submit(state, { gpus: 3, queue: 1 })
    assert.match(guard(state, { steps: [start(job, [1, 2, 0b111])] })!, /^I6 queue queue1/)
  })

  test('I7 on a node that is drained or down', () => {
    for (const type of ['nodes.drained', 'nodes.down'] as const) {
      const state = stateOf()
      apply(state, { type, first: 1, end: 2, cause: '' })
      assert.match(refusedStart([0, 2, 0], { gpus: 8 }, 0, state)!, /^I7 node 1/)
    }
  })

  test('in a pool that its queue or device type excludes, or that there is not', () => {
    assert.match(refusedStart([4, 5, 0], { gpus: 0, queue: 1 }, 1)!, /excludes/)
    assert.match(refusedStart([4, 5, 0], { gpus: 4 }, 1)!, /cannot hold/)
    assert.match(refusedStart([0, 1, 0], { gpus: 4 }, 7)!, /excludes/)
    assert.match(guard(stateOf(), { steps: [start(5, [0, 1, 0])] })!, /no job row 5/)
    assert.match(guard(stateOf(), { steps: [start(-1, [0, 1, 0])] })!, /no job row -1/)
  })
})

describe('a reservation', () => {
  test('is of a job that waits, in a domain that it may use, at a time to come', () => {
    const state = stateOf()
    const running = place(state, [0, 1, 0], { gpus: 4 })
    const job = submit(state, { gpus: 4, queue: 1 })
    const cpuDomain = state.layout.pools[1]!.levels[0]!.firstDomain
    const reserve = (row: number, domain: number, startAtMs: number) =>
      guard(state, { steps: [{ type: 'job.reserved', job: row, domain, startAtMs }] })
    assert.equal(reserve(job, 0, 5), undefined)
    assert.match(reserve(running, 0, 5)!, /pending/)
    for (const domain of [-1, 1000, 0.5, NaN]) assert.match(reserve(job, domain, 5)!, /no domain/)
    assert.match(reserve(job, cpuDomain, 5)!, /excludes/)
    assert.match(reserve(job, 0, -1)!, /^I1/)
    for (const atMs of [0.5, Infinity, NaN]) assert.match(reserve(job, 0, atMs)!, /whole/)
    apply(state, { type: 'job.held', job })
    assert.match(reserve(job, 0, 5)!, /pending/)
  })
})

describe('a decision of several steps', () => {
  test('I10 preempts only for a start', () => {
    const state = stateOf()
    const job = place(state, [0, 1, 0], { gpus: 4 })
    assert.match(guard(state, { steps: [{ type: 'job.preempted', job }] })!, /^I10/)
    assert.equal(guard(state, { steps: [] }), undefined)
  })

  test('gives the nodes, watts and quota of one job to another', () => {
    const state = stateOf({ site0: 400 })
    const old = place(state, [0, 1, 0], { gpus: 4, queue: 1 })
    const other = submit(state, { gpus: 4, queue: 1 })
    const swap: Step[] = [{ type: 'job.preempted', job: old }, start(other, [0, 1, 0])]
    assert.equal(guard(state, { steps: swap }), undefined)
    // The other way round the nodes are not free yet.
    assert.match(guard(state, { steps: swap.toReversed() })!, /^I[246]/)
    // Elsewhere the watts of the old one count as well.
    assert.equal(guard(state, { steps: [swap[0]!, start(other, [2, 3, 0])] }), undefined)
    assert.match(guard(state, { steps: [start(other, [2, 3, 0]), swap[0]!] })!, /^I[46]/)
  })

  test('counts what earlier steps took', () => {
    const state = stateOf({ site0: 600 })
    const [a, b] = [submit(state, { gpus: 3 }), submit(state, { gpus: 3 })]
    const both = (first: number[], second: number[]) =>
      guard(state, { steps: [start(a, first), start(b, second)] })
    assert.equal(both([0, 1, 0b111], [1, 2, 0b111]), undefined)
    assert.match(both([0, 1, 0b111], [0, 1, 0b1110])!, /^I2/)
    const c = submit(state, { gpus: 1 })
    assert.match(guard(state, { steps: [start(a, [0, 1, 0b111]), start(b, [1, 2, 0b111]),
      start(c, [0, 1, 0b1000])] })!, /^I4a/)
    const twice = [start(a, [0, 1, 0b111]), start(a, [1, 2, 0b111])]
    assert.match(guard(state, { steps: twice })!, /^I2/)
  })

  test('I6 counts what earlier steps took of the quota', () => {
    const state = stateOf()
    const [a, b] = [submit(state, { gpus: 4, queue: 1 }), submit(state, { gpus: 3, queue: 1 })]
    const both = [start(a, [0, 1, 0]), start(b, [1, 2, 0b111])]
    for (const step of both) assert.equal(guard(state, { steps: [step] }), undefined)
    assert.match(guard(state, { steps: both })!, /^I6/)
  })

  test('a job that was stopped may start elsewhere: it moves', () => {
    const state = stateOf()
    const job = place(state, [0, 1, 0], { gpus: 4 })
    const move = [{ type: 'job.preempted', job } as const, start(job, [1, 2, 0])]
    assert.equal(guard(state, { steps: move }), undefined)
    assert.match(guard(state, { steps: [...move, start(job, [0, 1, 0])] })!, /^I2/)
  })

  test('does not preempt a job twice, nor before its least run time', () => {
    const state = stateOf()
    const job = place(state, [0, 1, 0], { gpus: 4 })
    const other = submit(state, { gpus: 4 })
    const preempt: Step = { type: 'job.preempted', job }
    assert.match(guard(state, { steps: [preempt, preempt, start(other, [0, 1, 0])] })!, /once/)
    state.tables.jobs.leastRunMs[job] = 10
    const step = start(other, [0, 1, 0])
    assert.match(guard(state, { steps: [preempt, step] })!, /^I10.*least run time/)
    state.totals.nowMs = 10
    assert.equal(guard(state, { steps: [preempt, step] }), undefined)
  })
})

test('no job starts where it could never go on once cooling takes what is planned', () => {
  // At its least cap of 30 W a device is 48 W at site0 with its cooling of 60 %, of 130 W.
  const plant = toyPlant({
    sites: [[[[3]]], [[[3]]]], limits: { site0: 130 }, ratios: { hall0: 16_000 } })
  const state = createState(plant, true)
  apply(state, { type: 'feeder.ratio', feeder: 1, ratioPer10k: 10_000 })
  const startOn = (first: number, gpus: number) => {
    const job = submit(state, { gpus, nodes: gpus })
    const spans = [first, first + gpus, 0]
    return guard(state, { steps: [{ type: 'job.started', job, pool: 0, spans, capW: 30 }] })
  }
  assert.equal(startOn(0, 2), undefined)
  assert.match(startOn(0, 3)!, /I4b feeder site0 could not carry it once cooling/)
  assert.equal(startOn(3, 3), undefined)
})

test('what is promised fits a limit that is known to come with the cooling that is planned', () => {
  // 53 W keep what is promised; below the hall's cooling of 60 % that is 85 W at the site.
  const state = createState(toyPlant({ sites: [[[[3]]]], ratios: { hall0: 16_000 } }), true)
  apply(state, { type: 'feeder.ratio', feeder: 1, ratioPer10k: 10_000 })
  const startOf = (gpus: number) => {
    const job = submit(state, { gpus, nodes: gpus, leastSpeed: 0.75, limitMs: 1e8 })
    return guard(state, { steps: [{ type: 'job.started', job, pool: 0, spans: [0, gpus, 0] }] })
  }
  assert.equal(startOf(2), undefined)
  apply(state, {
    type: 'limit.set', limit: 0, feeder: 0, kind: 'limit', watts: 130, fromW: 130, startAtMs: 1e6,
    holdAtMs: 1e6, holdEndAtMs: 1e9, endAtMs: 1e9, cause: '',
  })
  assert.equal(startOf(1), undefined)
  assert.match(startOf(2)!, /^I4b feeder site0 would exceed its limit/)
})
