// Shows, by hand, what draw is aimed at below a target, what counts where a meter is silent, and
// how much of a limit is sold over, in a row of nodes of one GPU of 100 W.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { toyPlant, toyRow } from '../../test/toy-plant.ts'
import { requestOf, submit } from '../../test/toy-state.ts'
import { normalQuantile } from '../base/math.ts'
import { isRefusal, type Curve, type Plant, type PowerPlan } from '../model/index.ts'
import { drawAims, falls, grantMost, isOnTarget } from './aims.ts'
import { advance, apply } from './apply.ts'
import { ask } from './ask.ts'
import { guard } from './guard.ts'
import { brokenInvariants } from './invariants.ts'
import { createState, type State } from './state.ts'

function stateOf(
  power: Partial<PowerPlan>, limitW = 1e9, change: (plant: Plant) => Plant = (plant) => plant) {
  return createState(change(toyPlant({
    sites: toyRow(8, 8), limits: { site0: limitW }, power, systems: [{ nodeTypicalW: 60 }],
  })), true)
}

function run(state: State, first: number, gpus: number): number {
  const job = submit(state, { gpus, nodes: gpus })
  apply(state, { type: 'job.started', job, pool: 0, spans: [first, first + gpus, 0] })
  apply(state, { type: 'job.running', job })
  return job
}

function target(state: State, watts: number): void {
  apply(state, {
    type: 'limit.set', limit: 0, feeder: 0, kind: 'target', watts, fromW: 1000, startAtMs: 0,
    holdAtMs: 0, holdEndAtMs: 1e9, endAtMs: 1e9, cause: '',
  })
}

const read = (state: State, drawW: number, observedAtMs: number) =>
  apply(state, { type: 'feeder.metered', feeder: 0, drawW, observedAtMs })

const aimOf = (state: State, aim: 'middle' | 'edge') => {
  const into = new Float64Array(state.layout.feederParent.length)
  drawAims(state, state.totals.nowMs, state.totals.nowMs, aim, into)
  return into[0]
}

describe('a target', () => {
  test('is aimed at from below: in the middle of a hundredth, its edge at a tenth of that', () => {
    const state = stateOf({})
    run(state, 0, 6)
    target(state, 600)
    advance(state, 60_000)
    read(state, 600, 60_000)
    assert.equal(aimOf(state, 'middle'), 595)
    assert.equal(aimOf(state, 'edge'), 599)
    assert.ok(!isOnTarget(state, 60_000, 60_000))
  })

  test('counts what is drawn beyond what is booked', () => {
    const state = stateOf({})
    run(state, 0, 6)
    target(state, 600)
    advance(state, 60_000)
    read(state, 610, 60_000)
    assert.equal(aimOf(state, 'middle'), 585)
  })

  test('holds for grants while its meter is silent', () => {
    const state = stateOf({})
    run(state, 0, 6)
    target(state, 600)
    advance(state, 200_000)
    const into = new Float64Array(state.layout.feederParent.length)
    grantMost(state, 200_000, 200_000, into)
    assert.deepEqual([aimOf(state, 'middle'), into[0]], [Infinity, 600])
    read(state, 600, 200_000)
    grantMost(state, 200_000, 200_000, into)
    assert.equal(into[0], 1e9)
  })

  test('lets nothing up after a gap until a reading of the time after it is heard', () => {
    const state = stateOf({ meterEveryMs: 10_000, staleMs: 120_000 })
    run(state, 0, 4)
    target(state, 600)
    advance(state, 60_000)
    read(state, 400, 60_000)
    assert.equal(aimOf(state, 'edge'), 599)
    advance(state, 360_000)
    for (const atMs of [70_000, 355_000]) read(state, 300, atMs)
    // What was read in the gap teaches nothing, and 400 W are booked.
    assert.equal(aimOf(state, 'edge'), 400)
    assert.deepEqual(falls(state, 360_000, 360_000).map(({ mostW }) => mostW), [0])
    advance(state, 370_000)
    read(state, 400, 370_000)
    assert.ok(aimOf(state, 'edge')! > 590)
  })

  test('lets caps be exchanged by a hundredth, less by what is missing', () => {
    const state = stateOf({})
    run(state, 0, 6)
    const mostAt = (watts: number) => {
      target(state, watts)
      return falls(state, 60_000, 60_000)[0]!.mostW
    }
    advance(state, 60_000)
    read(state, 600, 60_000)
    assert.deepEqual([mostAt(590), mostAt(605), mostAt(611), mostAt(650)], [25, 10, 4, 0])
  })
})

/** Devices that draw 60 W of their 100, give or take 10. */
function swinging(plant: Plant): Plant {
  const curve: Curve = { capW: [30, 60, 100], speed: [0.4, 0.9, 1], drawW: [30, 50, 60],
    drawSdW: [10, 10, 10] }
  return { ...plant, curves: { ...plant.curves, byClass: [[curve]] } }
}

describe('a limit that is sold over', () => {
  // A chance of 2.275 % is two deviations.
  const state = stateOf({ breachRatio: 0.02275 }, 450, swinging)

  test('holds for the mean and deviations of draw, of jobs that swing by themselves', () => {
    assert.ok(Math.abs(normalQuantile(0.02275) - 2) < 1e-3)
    run(state, 0, 2)
    run(state, 2, 2)
    assert.equal(state.tables.feeders.variance[0], 2 * 20 * 20)
    // Three jobs: 360 W and twice 34.6 W fit below 450 W, though 600 W would be granted.
    const job = submit(state, { gpus: 2, nodes: 2 })
    const start = { type: 'job.started', job, pool: 0, spans: [4, 6, 0] } as const
    assert.equal(guard(state, { steps: [start] }), undefined)
    apply(state, start)
    assert.deepEqual(brokenInvariants(state), [])
  })

  test('is full where one more would pass it too often', () => {
    const job = submit(state, { gpus: 2, nodes: 2 })
    const start = { type: 'job.started', job, pool: 0, spans: [6, 8, 0] } as const
    assert.match(guard(state, { steps: [start] })!, /I4a/)
    // Capped at 30 W it draws 60 W: 420 W and twice 40 W are too much as well.
    assert.match(guard(state, { steps: [{ ...start, capW: 30 }] })!, /I4a/)
  })

  test('has more room where readings show that less is drawn than is booked', () => {
    const more = stateOf({ breachRatio: 0.02275 }, 550, swinging)
    for (const first of [0, 2, 4]) run(more, first, 2)
    const job = submit(more, { gpus: 2, nodes: 2 })
    const start = { type: 'job.started', job, pool: 0, spans: [6, 8, 0] } as const
    // Four jobs: 480 W and twice 40 W pass 550 W by 10 W, as long as no meter says otherwise.
    assert.match(guard(more, { steps: [start] })!, /I4a/)
    for (let atMs = 300_000; atMs <= 3_000_000; atMs += 300_000) {
      advance(more, atMs)
      read(more, 300, atMs)
    }
    assert.equal(guard(more, { steps: [start] }), undefined)
    apply(more, start)
    assert.deepEqual(brokenInvariants(more), [])
  })

  test('takes nobody in the place of another who draws as much and swings less', () => {
    const still = (plant: Plant): Plant => {
      const [[curve]] = swinging(plant).curves.byClass as [[Curve]]
      const classes = ['swinging', 'still']
      return { ...plant, curves: { ...plant.curves, classes,
        byClass: [[curve], [{ ...curve, drawSdW: [0, 0, 0] }]] } }
    }
    const full = stateOf({ breachRatio: 0.02275 }, 250, still)
    // Two that stand still draw 240 W; of one that swings two deviations are 40 W.
    const [victim] = [0, 2].map((first) => {
      const job = submit(full, { gpus: 2, nodes: 2, curve: 1 })
      apply(full, { type: 'job.started', job, pool: 0, spans: [first, first + 2, 0] })
      return job
    })
    const inPlace = (curve: number) => {
      const job = submit(full, { gpus: 2, nodes: 2, curve })
      return guard(full, { steps: [{ type: 'job.preempted', job: victim! },
        { type: 'job.started', job, pool: 0, spans: [0, 2, 0] }] })
    }
    assert.equal(inPlace(1), undefined)
    assert.match(inPlace(0)!, /I4a/)
  })

  test('lets no cap up under which a job draws as much and swings beyond it', () => {
    const wilder = (plant: Plant): Plant => {
      const curve: Curve = { capW: [30, 60, 100], speed: [0.4, 0.9, 1], drawW: [30, 50, 50],
        drawSdW: [0, 10, 20] }
      return { ...plant, curves: { ...plant.curves, byClass: [[curve]] } }
    }
    // Two devices draw 120 W of 170 W at 60 and at 100 W; twice their deviation is 40 or 80 W.
    const full = stateOf({ breachRatio: 0.02275 }, 170, wilder)
    const job = submit(full, { gpus: 2, nodes: 2 })
    apply(full, { type: 'job.started', job, pool: 0, spans: [0, 2, 0], capW: 30 })
    apply(full, { type: 'job.running', job })
    const raise = (capW: number) =>
      guard(full, { steps: [{ type: 'job.capped', job, capW, safeW: capW }] })
    assert.equal(raise(60), undefined)
    apply(full, { type: 'job.capped', job, capW: 60, safeW: 60 })
    assert.equal(full.tables.feeders.drawW[0], 120)
    assert.match(raise(100)!, /I4a/)
  })

  test('takes no job that would swing beyond it in an empty factory', () => {
    // Eight devices at their least draw 240 W, and swing by 80 W: with two deviations 400 W.
    const asked = (limitW: number) => ask(stateOf({ breachRatio: 0.02275 }, limitW, swinging),
      { type: 'submit', request: requestOf({ gpus: 8, nodes: 8 }) }, () => 0)
    assert.ok(!isRefusal(asked(401)))
    assert.ok(isRefusal(asked(399)))
  })
})
