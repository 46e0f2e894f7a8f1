// Shows that the hours ahead are those of the state: limits as they are known, grants and draw as
// jobs end, the band of a gang that works in step, the worst hour, and the picture of all of it.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { place } from '../../test/toy-state.ts'
import { toyPlant, toyRow } from '../../test/toy-plant.ts'
import { apply } from '../core/apply.ts'
import { createState, hashState, type State } from '../core/state.ts'
import type { LimitKind } from '../model/index.ts'
import { policiesOf } from '../policies/index.ts'
import { powerAhead, STEPS } from './power-ahead.ts'
import { renderPower } from './report/power.ts'

const HOUR_MS = 3_600_000
const NAMES = { order: 'fifo', backfill: 'none', place: 'pack' } as const

/** Four nodes of four GPUs of 100 W each, whose draw swings by 5 W. */
function stateOf(isPowered = false): State {
  const plant = toyPlant({ sites: toyRow(2, 2), systems: [{ gpus: 4 }], limits: { site0: 1500 } })
  const byClass = plant.curves.byClass.map((devices) => devices.map((curve) =>
    ({ ...curve, drawSdW: curve.capW.map(() => 5) })))
  return createState({ ...plant, curves: { ...plant.curves, byClass } }, isPowered)
}

function set(state: State, kind: LimitKind, watts: number, fromMs: number, untilMs: number): void {
  apply(state, {
    type: 'limit.set', limit: state.totals.limitRows, feeder: 0, kind, watts, fromW: 1500,
    startAtMs: fromMs, holdAtMs: fromMs, holdEndAtMs: untilMs, endAtMs: untilMs, cause: '',
  })
}

/** Two jobs: of two nodes for five hours, and of one for two and a half. */
function withJobs(state: State): State {
  for (const [spans, gpus, hours, name] of [
    [[0, 2, 0], 8, 5, 'long'], [[2, 3, 0], 4, 2.5, 'short']] as const) {
    const job = place(state, spans, { gpus, name, limitMs: hours * HOUR_MS })
    apply(state, { type: 'job.running', job })
  }
  return state
}

function ahead(state: State, power = 'none') {
  return powerAhead(state, {
    ...policiesOf({ ...NAMES, power }), seed: 1, failures: false, hoursMs: 12 * HOUR_MS,
    feeders: [0],
  })
}

describe('the hours ahead', () => {
  test('are in equal steps, with limits as they come and jobs as they end', () => {
    const state = withJobs(stateOf())
    set(state, 'budget', 1250, 4 * HOUR_MS, 6 * HOUR_MS)
    set(state, 'target', 900, 8 * HOUR_MS, 9 * HOUR_MS)
    const before = hashState(state)
    const { feeders: [course], stepMs, isPowered } = ahead(state)
    assert.equal(hashState(state), before)
    assert.deepEqual([course!.moments.length, stepMs, isPowered], [STEPS, HOUR_MS / 4, false])
    const at = (hour: number) => {
      const { atMs, limitW, targetW, grantW, drawW, drawSdW } = course!.moments[hour * 4]!
      assert.equal(atMs, hour * HOUR_MS)
      return [limitW, targetW, grantW, drawW, drawSdW]
    }
    // Two gangs: 40 and 20 W that do not swing together.
    assert.deepEqual(at(0), [1500, Infinity, 1200, 1200, 45])
    assert.deepEqual(at(3), [1500, Infinity, 800, 800, 40])
    assert.deepEqual(at(4), [1250, Infinity, 800, 800, 40])
    assert.deepEqual(at(6), [1500, Infinity, 0, 0, 0])
    assert.deepEqual(at(8), [1500, 900, 0, 0, 0])
    assert.deepEqual(course!.worst, {
      fromMs: 0, untilMs: HOUR_MS, spareW: 300, targetW: Infinity, gpusPerMW: 0, supplied: null,
      held: [], heldJobs: 0,
    })
  })

  test('the worst hour is that of the highest price, with who is held down then', () => {
    const state = withJobs(stateOf(true))
    for (const [job, capW] of [[0, 60], [1, 0]] as const) {
      apply(state, { type: 'job.capped', job, capW, safeW: capW })
      apply(state, { type: 'cap.confirmed', job, capW })
    }
    apply(state, { type: 'power.priced', feeders: [0], prices: [0.0004], drawPrices: [0] })
    const [course] = ahead(state).feeders
    const { worst, moments } = course!
    assert.deepEqual([worst.gpusPerMW, worst.spareW, worst.heldJobs], [400, 1500, 2])
    assert.deepEqual(worst.held.map(({ name, capW, speed }) => [name, capW, speed]),
      [['long', 60, 0.825], ['short', 0, 0]])
    const { capped, paused, drawW, floorW } = moments[0]!
    assert.deepEqual([capped, paused, drawW, floorW], [1, 1, 480, 0])
  })

  test('as a picture', () => {
    const state = withJobs(stateOf())
    set(state, 'budget', 1250, 4 * HOUR_MS, 6 * HOUR_MS)
    const text = renderPower(ahead(state))
    assert.equal(text.split('\n').every((line) => line.length <= 80), true)
    assert.equal(text, PICTURE)
  })
})

const PICTURE = `Power from 0 s to 12 h of the run: one look ahead on what is believed of run
times; jobs that come later are not in it. No power policy acts, so nothing is
capped and floors are grants.

Feeder site0

from now   limit  grants   floor    draw     ±
0 s       1.5 kW  1.2 kW  1.2 kW  1.2 kW  90 W
1 h       1.5 kW  1.2 kW  1.2 kW  1.2 kW  90 W
2 h       1.5 kW  1.2 kW  1.2 kW  1.2 kW  90 W
3 h       1.5 kW   800 W   800 W   800 W  80 W
4 h       1.3 kW   800 W   800 W   800 W  80 W
5 h       1.3 kW     0 W     0 W     0 W   0 W
6 h       1.5 kW     0 W     0 W     0 W   0 W
7 h       1.5 kW     0 W     0 W     0 W   0 W
8 h       1.5 kW     0 W     0 W     0 W   0 W
9 h       1.5 kW     0 W     0 W     0 W   0 W
10 h      1.5 kW     0 W     0 W     0 W   0 W
11 h      1.5 kW     0 W     0 W     0 W   0 W

    1.5 kW │────────────────        ────────────────────────
           │▓▓▓▓▓▓▓▓▓▓      ────────
           │▓▓▓▓▓▓▓▓▓▓
    1.1 kW │██████████
           │██████████▓▓▓▓▓▓▓▓▓▓
           │████████████████████
     600 W │████████████████████
           │████████████████████
           │████████████████████
     150 W │████████████████████
           └────────────────────────────────────────────────
            now                                12 h from now
            █ draw  ▓ its band  ░ granted  ─ limit  ╌ target

The worst hour is from now to 1 h from now: the limit leaves 300 W above the
grants.
`
