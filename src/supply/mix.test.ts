// Shows what a mix does in the cases that decide its size: a crash against a ramp rule, a call of
// the grid, a unit lost on an island, hot air, prices. Figures are worked out by hand.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { suppliesOf } from '../../test/contract/supplies.ts'
import type { TimeSeries } from '../model/time-series.ts'
import { SupplyMix } from './mix.ts'

const MW = 1e6
const MINUTE_MS = 60_000
const HOUR_MS = 3_600_000

const GRID = { type: 'grid', firm: '1.2 GW', price: '47 USD/MWh' }

test('a crash takes the energy of a triangle: step^2 / (2 ramp), at each ramp of the table', () => {
  // Rows of docs/supplies.md: 300 MW at 20 MW/min is 37.5 MWh; 2 MW/s is ERCOT's 10 MW in 5 s.
  for (const [ramp, stepMw, mwh] of [['10 MW/min', 150, 18.75], ['20 MW/min', 300, 37.5],
    ['0.5 MW/s', 300, 25], ['2 MW/s', 1000, 69.444], ['20 MW/min', 1000, 416.667]] as const) {
    const mix = new SupplyMix(
      suppliesOf([{ ...GRID, ramp }, { type: 'megapack-2xl', count: 1100 }]),
      { atMs: 0, demandW: 1100 * MW, crashW: 0 })
    mix.advance(HOUR_MS)
    mix.demand(HOUR_MS, (1100 - stepMw) * MW)
    mix.advance(3 * HOUR_MS)
    const takenMwh = mix.totals.takenJ[0]! / 3.6e9
    assert.ok(Math.abs(takenMwh / mwh - 1) < 1e-5, `${ramp} ${stepMw} MW: ${takenMwh} MWh`)
    assert.equal(mix.beyondRampW, 0)
    assert.equal(mix.outputW(0), (1100 - stepMw) * MW)
  }
})

test('a store that is too small leaves the rest to the grid, and says so', () => {
  const mix = new SupplyMix(
    suppliesOf([{ ...GRID, ramp: '20 MW/min' }, { type: 'megapack-2xl', count: 100 }]),
    { atMs: 0, demandW: 300 * MW })
  mix.demand(HOUR_MS, 0)
  mix.advance(HOUR_MS + 1)
  assert.equal(Math.round(mix.steepestW / MW), 300 - 98)
})

test('a call told 30 min before is met by its ramp, others take over, all is served', () => {
  const mix = new SupplyMix(suppliesOf([
    { type: 'grid', firm: '100 MW', interruptible: '100 MW', ramp: '4 MW/min',
      price: '40 USD/MWh' },
    { type: 'megapack-2xl', count: 80 }, { type: 'smt-130', count: 8 },
  ]), { atMs: 0, demandW: 180 * MW })
  mix.advance(HOUR_MS)
  assert.deepEqual([mix.outputW(0), mix.outputW(2)], [180 * MW, 0])
  mix.curtail(0, 1.5 * HOUR_MS, 3.5 * HOUR_MS, 100 * MW)
  for (let atMs = HOUR_MS; atMs <= 5 * HOUR_MS; atMs += MINUTE_MS) {
    mix.advance(atMs)
    if (atMs >= 1.5 * HOUR_MS && atMs < 3.5 * HOUR_MS) assert.ok(mix.outputW(0) <= 100 * MW + 1)
  }
  assert.equal(mix.beyondRampW, 0)
  assert.ok(mix.unservedJ < 1, `${mix.unservedJ} J`)
  // Dearer than the grid: the turbines are off again.
  assert.equal(mix.outputW(2), 0)
})

test('what is available falls with a call that is known, and only then', () => {
  const mix = new SupplyMix(suppliesOf([{ type: 'grid', firm: '100 MW', interruptible: '50 MW' }]),
    { atMs: 0, demandW: 120 * MW })
  assert.equal(mix.availableW(HOUR_MS), 150 * MW)
  mix.curtail(0, HOUR_MS, 2 * HOUR_MS, 100 * MW)
  // The quarter of an hour that is promised would reach into the call.
  assert.deepEqual([0, 0.5, 0.8, 1, 1.9, 2].map((hour) => mix.availableW(hour * HOUR_MS) / MW),
    [150, 150, 100, 100, 100, 150])
  mix.advance(1.5 * HOUR_MS)
  assert.equal(Math.round(mix.unservedJ / 3.6e9), 10)
})

test('an island has a unit in reserve: one may trip and a small battery holds the moment', () => {
  const mix = new SupplyMix(suppliesOf([
    { type: 'smt-130', count: 10 }, { type: 'megapack-2xl', count: 20 }]),
  { atMs: 0, demandW: 100 * MW })
  mix.lose(0, HOUR_MS, 4 * HOUR_MS, 1)
  mix.advance(HOUR_MS + 5 * MINUTE_MS)
  assert.equal(mix.unservedJ, 0)
  assert.equal(Math.round(mix.outputW(0) / MW), 100)
  // 9 units of 16 MW are left; one of them is the reserve, the battery adds its 15 minutes.
  assert.equal(mix.availableW(mix.nowMs + HOUR_MS) / MW, 9 * 16 - 16 + 19.6)
})

test('a battery lost is no longer counted on, and comes back', () => {
  const mix = new SupplyMix(suppliesOf([GRID, { type: 'megapack-2xl', count: 100 }]),
    { atMs: 0, demandW: 500 * MW })
  assert.equal(mix.availableW(0) / MW, 1298)
  mix.lose(1, MINUTE_MS, 2 * HOUR_MS)
  mix.advance(HOUR_MS)
  assert.equal(mix.availableW(HOUR_MS) / MW, 1200)
  mix.advance(3 * HOUR_MS)
  assert.equal(mix.availableW(3 * HOUR_MS) / MW, 1298)
})

test('turbines give less in hot air: 0.7 % a degree', () => {
  const tempC = { startMs: 0, everyMs: HOUR_MS, values: Float64Array.from([15, 35]) }
  const mix = new SupplyMix(suppliesOf([{ type: 'smt-130', count: 10 }]),
    { atMs: 0, demandW: 0, isIslanded: false, conditions: { tempC } })
  assert.equal(mix.availableW(30 * MINUTE_MS) / MW, 160)
  assert.equal(mix.availableW(90 * MINUTE_MS) / MW, 160 * 0.86)
})

test('where watts are whole and steady, energy adds up to the watt-millisecond', () => {
  const mix = new SupplyMix(suppliesOf([{ ...GRID, demandCharge: '10 USD/kW-month' }]),
    { atMs: 0, demandW: 123_456_789 })
  for (let at = 1; at <= 500; at++) {
    mix.demand(at * 7777, 100_000_000 + at * 12_347)
    assert.equal(mix.errorWms(), 0)
  }
  assert.equal(mix.totals.surplusJ + mix.unservedJ, 0)
})

test('a year of one megawatt costs its energy and twelve peaks', () => {
  const mix = new SupplyMix(suppliesOf([{ ...GRID, demandCharge: '10 USD/kW-month' }]),
    { atMs: 0, demandW: MW })
  mix.advance(8760 * HOUR_MS)
  assert.ok(Math.abs(mix.usd - (8760 * 47 + 12 * 10_000)) < 0.01, `${mix.usd}`)
})

test('a battery buys cheap and sells dear with what no crash needs, and with no more', () => {
  const values = Float64Array.from({ length: 48 }, (_, hour) => hour % 24 < 12 ? 10 : 200)
  const usdPerMwh: TimeSeries = { startMs: 0, everyMs: HOUR_MS, values }
  const supplies = suppliesOf([{ ...GRID, price: 'market', ramp: '20 MW/min' },
    { type: 'megapack-2xl', count: 100 }])
  const run = (conditions: object) => {
    const mix = new SupplyMix(supplies, { atMs: 0, demandW: 90 * MW, conditions })
    let least = 1
    let most = 0
    for (let atMs = 0; atMs <= 48 * HOUR_MS; atMs += 5 * MINUTE_MS) {
      mix.advance(atMs)
      least = Math.min(least, mix.heldRatio())
      most = Math.max(most, mix.heldRatio())
    }
    return { usd: mix.usd, least, most }
  }
  const { usd, least, most } = run({ usdPerMwh })
  assert.ok(usd < 0.9 * 48 * 90 * 105, `${usd} USD`)
  // 90^2 / (2 x 20 x 60) = 3.375 MWh of 390: as much must stay, and stay free.
  assert.ok(least > 3.375 / 390 && most < 1 - 3.375 / 390 + 0.001, `${least} to ${most}`)
  assert.ok(least < 0.05 && most > 0.95)
})

test('a market may pay for taking', () => {
  const usdPerMwh = { startMs: 0, everyMs: HOUR_MS, values: Float64Array.from([-20]) }
  const mix = new SupplyMix(suppliesOf([{ ...GRID, price: 'market' }]),
    { atMs: 0, demandW: 100 * MW, conditions: { usdPerMwh } })
  mix.advance(HOUR_MS)
  assert.equal(Math.round(mix.usd), -2000)
})
