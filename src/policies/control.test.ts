// Shows how caps follow limits: a cut that is known beforehand is met when it comes, room is made
// for a job that waits for watts, and all is given back; with an engine that obeys at once or late.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { capScene, setCourse } from '../../test/cap-scene.ts'
import { toyRow } from '../../test/toy-plant.ts'
import { submit } from '../../test/toy-state.ts'
import { apply } from '../core/apply.ts'
import type { State } from '../core/state.ts'
import { NEVER_MS } from '../core/windows.ts'
import type { LimitKind } from '../model/index.ts'

/** Eight nodes of one GPU of 100 W in two racks; caps act after `capMs`. */
const scene = (limitW: number, capMs = 0) => capScene(toyRow(4, 4), limitW, { capMs })

function limit(
  state: State, kind: LimitKind, watts: number, startAtMs: number, endAtMs: number): void {
  setCourse(state, { kind, watts, startAtMs, endAtMs })
}

const capsOf = ({ tables }: State) => [...tables.jobs.capW.subarray(0, 3)]
const granted = ({ tables }: State) => tables.feeders.grantW[0]!

describe('caps', () => {
  test('nothing is capped while all fits', () => {
    const { state, runTo, steps } = scene(800)
    for (let job = 0; job < 2; job++) submit(state, { gpus: 4 })
    runTo(1000)
    assert.equal(granted(state), 800)
    assert.deepEqual(steps.map((step) => step.type), ['job.started', 'job.started'])
  })

  test('a known cut is met when it comes, and all is given back after it', () => {
    const { state, runTo } = scene(800, 40_000)
    for (let job = 0; job < 2; job++) submit(state, { gpus: 4, limitMs: 1e7 })
    runTo(0)
    limit(state, 'limit', 600, 600_000, 1_200_000)
    runTo(500_000)
    assert.equal(granted(state), 800)
    runTo(600_000)
    // The curve is concave and both jobs are alike, so the watts may lie anywhere between them.
    assert.equal(granted(state), 600)
    runTo(1_199_999)
    assert.equal(granted(state), 600)
    runTo(1_300_000)
    assert.equal(granted(state), 800)
    assert.deepEqual(capsOf(state).slice(0, 2), [100, 100])
  })

  test('a cut below what caps can do pauses a job, and the other works on', () => {
    const { state, runTo } = scene(800, 40_000)
    for (let job = 0; job < 2; job++) submit(state, { gpus: 4, limitMs: 1e7 })
    runTo(0)
    limit(state, 'budget', 200, 600_000, 1_200_000)
    runTo(700_000)
    assert.ok(granted(state) <= 200)
    assert.equal(capsOf(state).slice(0, 2).filter((capW) => capW === 0).length, 1)
    runTo(1_300_000)
    assert.equal(granted(state), 800)
  })

  test('lower caps on their way are not put off by later orders', () => {
    const { state, runTo } = scene(800, 40_000)
    for (let job = 0; job < 2; job++) submit(state, { gpus: 4, limitMs: 1e7 })
    runTo(0)
    limit(state, 'limit', 600, 0, NEVER_MS)
    runTo(20_000)
    limit(state, 'limit', 650, 20_000, NEVER_MS)
    runTo(39_999)
    assert.equal(granted(state), 800)
    runTo(40_000)
    assert.ok(granted(state) <= 650)
    // Afterwards what is left goes up again: four devices of a job take what each of them may.
    runTo(140_000)
    assert.equal(granted(state), 648)
  })

  test('watts have no price any more once nobody lacks them', () => {
    const { state, runTo, steps } = scene(600)
    for (let job = 0; job < 2; job++) submit(state, { gpus: 4, limitMs: 1e7 })
    runTo(60_000)
    assert.equal(granted(state), 600)
    assert.ok(state.tables.feeders.price[0]! > 0)
    apply(state, { type: 'job.ended', job: 0, outcome: 'completed' })
    runTo(180_000)
    assert.deepEqual([state.tables.jobs.capW[1], state.tables.feeders.price[0]], [100, 0])
    submit(state, { gpus: 2 })
    runTo(180_000)
    const start = steps.findLast((step) => step.type === 'job.started')
    assert.equal(start?.capW ?? 100, 100, 'it starts at its rating')
  })

  test('room is made for a job that waits for watts', () => {
    const { state, runTo } = scene(500, 1000)
    submit(state, { gpus: 4 })
    submit(state, { gpus: 4 })
    runTo(100_000)
    assert.equal(state.totals.pending, 0)
    assert.equal(granted(state), 500)
  })
})

test('a job that is promised throughput is never paused', () => {
  const { state, runTo } = scene(800)
  for (let job = 0; job < 2; job++) submit(state, { gpus: 4, limitMs: 1e7, leastSpeed: job * 0.75 })
  runTo(0)
  limit(state, 'limit', 250, 60_000, NEVER_MS)
  runTo(100_000)
  // 53 W would keep three quarters of its throughput; 250 W leave 62 for each of its four.
  assert.deepEqual(capsOf(state).slice(0, 2), [0, 62])
})
