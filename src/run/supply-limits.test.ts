// Shows by hand what a site may be granted by what its supplies can give, now and later: ramps,
// starts, the reserve of an island, a battery by what it holds, and how that is told as limits.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { NEVER_MS } from '../core/windows.ts'
import type { Supply } from '../model/index.ts'
import { SupplyMix } from '../supply/mix.ts'
import { coursesOf, isStale, limitsAhead, type LimitStep } from './supply-limits.ts'

const MIN = 60_000
const MW = 1e6

/** Turbines of 10 MW that start in 10 min and rise 5 MW a minute. */
const turbines = (units: number): Supply => ({
  type: 'turbine', name: 'gt', units, unitW: 10 * MW, startMs: 10 * MIN, rampWPerMin: 5 * MW,
  leastRatio: 0.5, heatRatio: 2.5, heatSlope: 0.2, fuelUsdPerMwh: 10, usdPerMwh: 5,
  derateFromC: 15, deratePerC: 0, leastUpMs: 20 * MIN, leastDownMs: 10 * MIN,
})

/** 20 MW that hold 10 MWh, half full, without a loss. */
const battery: Supply = {
  type: 'battery', name: 'bess', energyJ: 10 * 3.6e9, chargeW: 20 * MW, dischargeW: 20 * MW,
  roundTripRatio: 1, leastRatio: 0, mostRatio: 1, startRatio: 0.5, reserveRatio: 0, usdPerMwh: 0,
}

const BASIS = { plantW: 50 * MW, grantW: 30 * MW, graceMs: MIN }

const told = (steps: readonly LimitStep[]) =>
  steps.map(({ fromMs, watts }) => `${fromMs / MIN}: ${watts / MW}`).join(', ')

describe('what a site may be granted', () => {
  test('a grid is counted whole, whatever its ramp', () => {
    const mix = new SupplyMix([{ type: 'grid', name: 'grid', firmW: 50 * MW, interruptibleW: 0,
      noticeMs: 0, mostCalledMs: 0, riseWPerMin: MW, fallWPerMin: MW, usdPerMwh: 50,
      isMarket: false, usdPerWMonth: 0 }], { atMs: 0, demandW: 5 * MW })
    assert.equal(told(limitsAhead(mix, BASIS)).split(', ')[0], '0: 50')
    assert.deepEqual(coursesOf(limitsAhead(mix, BASIS), 0, 50 * MW), [])
  })

  test('an island: what is on, less its largest unit, and what starts in ten minutes', () => {
    const mix = new SupplyMix([turbines(6)], { atMs: 0, demandW: 20 * MW })
    // Three are on, with the reserve: 30 MW within a minute. What is granted may use the reserve
    // until others are on: those that are off take load after 10 min, and 2 min later all of it.
    const steps = limitsAhead(mix, BASIS)
    assert.equal(told(steps),
      '0: 30, 5: 30, 10: 30, 15: 50, 20: 50, 30: 50, 45: 50, 60: 50')
    assert.equal(limitsAhead(mix, { ...BASIS, grantW: 0 })[0]!.watts, 20 * MW)
  })

  test('a battery bridges a quarter of an hour, and then holds what is granted if it can', () => {
    const mix = new SupplyMix([turbines(3), battery], { atMs: 0, demandW: 20 * MW })
    mix.lose(0, MIN, 600 * MIN, 2)
    mix.advance(MIN)
    mix.look()
    // One turbine of 10 MW is left, and it is the reserve: the battery gives 10 of the 20 MW, from
    // 5 MWh: 20 MW for a quarter of an hour, then what is left of 5 MWh less 10 MW x the time.
    const steps = limitsAhead(mix, BASIS)
    assert.deepEqual(steps.map(({ fromMs }) => (fromMs - MIN) / MIN),
      [0, 5, 10, 15, 20, 30, 45, 60])
    assert.equal(steps[0]!.watts, 30 * MW)
    const wattsAt = (slot: number) => steps[slot]!.watts / MW
    // (5 - 10/12) MWh in a quarter of an hour: 16.7 MW; with the reserve, 26.7; in whole parts 26.
    assert.deepEqual([wattsAt(1), wattsAt(2)], [26, 23])
    // From then on the reserve is kept: (5 - 30/12) MWh in a quarter of an hour are 10 MW.
    assert.deepEqual([wattsAt(3), wattsAt(7)], [10, 0])
  })
})

describe('how it is told', () => {
  const steps = (...watts: number[]) =>
    watts.map((each, at) => ({ fromMs: at * 5 * MIN, watts: each * MW }))

  test('what only rises begins now and is no fall to prepare for', () => {
    const rows = coursesOf(steps(20, 30, 50), 7, 50 * MW)
    assert.deepEqual(rows.map((row) =>
      [row.feeder, row.watts / MW, row.startAtMs / MIN, row.endAtMs / MIN]),
    [[7, 20, 0, 5], [7, 30, 0, 10]])
  })

  test('a fall begins when it comes; the last has no end', () => {
    const rows = coursesOf(steps(40, 40, 20, 30), 7, 50 * MW)
    assert.deepEqual(rows.map((row) => [row.watts / MW, row.startAtMs / MIN, row.endAtMs]),
      [[40, 0, 10 * MIN], [20, 10, 15 * MIN], [30, 10, NEVER_MS]])
  })

  test('less than was told is news, a later rise that moves on is not', () => {
    const first = steps(20, 30, 50)
    const before = (atMs: number) =>
      first.findLast(({ fromMs }) => fromMs <= atMs)?.watts ?? 50 * MW
    const later = [{ fromMs: MIN, watts: 20 * MW }, { fromMs: 6 * MIN, watts: 20 * MW }]
    assert.equal(isStale(before, later, 50 * MW, false), false)
    assert.equal(isStale(before, [{ fromMs: MIN, watts: 19 * MW }], 50 * MW, false), true)
    // A tenth more is news; less only where somebody waits for it.
    assert.equal(isStale(before, [{ fromMs: MIN, watts: 24 * MW }], 50 * MW, false), false)
    assert.equal(isStale(before, [{ fromMs: MIN, watts: 24 * MW }], 50 * MW, true), true)
    assert.equal(isStale(before, [{ fromMs: MIN, watts: 25 * MW }], 50 * MW, false), true)
  })
})
