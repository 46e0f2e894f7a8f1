// Shows that whatever happens (draw, calls, losses, heat, prices) on random sites of all kinds,
// each interval adds up (I11), nothing is below zero, and a copy that looks ahead sees what then
// comes and changes nothing. `SUPPLY_RUNS=5000` runs more of them.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { suppliesOf } from '../../test/contract/supplies.ts'
import { randomStream, type RandomStream } from '../base/random.ts'
import type { Supply } from '../model/supply.ts'
import { SupplyMix } from './mix.ts'

const RUNS = Number(process.env['SUPPLY_RUNS'] ?? 60)
const HOUR_MS = 3_600_000
const HOURS = 12
const KINDS = suppliesOf([
  { type: 'grid', firm: '100 MW', interruptible: '50 MW', ramp: '20 MW/min', price: 'market' },
  { type: 'grid', name: 'second', firm: '60 MW', price: '50 USD/MWh' },
  { type: 'megapack-2xl', count: 60 }, { type: 'megapack-3', count: 5 },
  { type: 'smt-130', count: 6 }, { type: 'recip', count: 4 }, { type: 'diesel', count: 20 },
  { type: 'solar', count: 80 }, { type: 'frame-gt', count: 1 },
])

test('all that happens on random sites adds up', () => {
  for (let seed = 1; seed <= RUNS; seed++) {
    try {
      runSite(randomStream(seed, 'mix'))
    } catch (error) {
      throw new Error(`seed ${seed}: ${(error as Error).message}`, { cause: error })
    }
  }
})

function runSite(random: RandomStream): void {
  const supplies = KINDS.filter(() => random.below(2) === 0)
  if (supplies.length === 0) supplies.push(KINDS[0]!)
  const series = (low: number, high: number) => ({ startMs: 0, everyMs: HOUR_MS,
    values: Float64Array.from({ length: HOURS }, () => low + (high - low) * random.uniform()) })
  const mix = new SupplyMix(supplies, { atMs: 0, demandW: random.below(200e6),
    ...(random.below(3) === 0 ? { isIslanded: true } : {}),
    conditions: { usdPerMwh: series(-20, 300), tempC: series(0, 45), firstHour: 12 } })
  let atMs = 0
  while (atMs < HOURS * HOUR_MS) {
    happen(mix, supplies, random, atMs)
    atMs += 1 + random.below(HOUR_MS / 4)
    const ahead = random.below(20) === 0 ? mix.forecast(atMs) : undefined
    mix.advance(atMs)
    if (ahead !== undefined) assert.deepEqual(ahead.totals, mix.totals)
    check(mix, supplies, atMs)
  }
}

function happen(
  mix: SupplyMix, supplies: readonly Supply[], random: RandomStream, atMs: number): void {
  const lastMs = atMs + 1 + random.below(2 * HOUR_MS)
  const index = random.below(supplies.length)
  const supply = supplies[index]!
  const what = random.below(10)
  if (what < 6) mix.demand(atMs, random.below(300e6))
  else if (what < 8) mix.lose(index, atMs + random.below(HOUR_MS), lastMs + HOUR_MS)
  else if (supply.type === 'grid') {
    const fromMs = atMs + random.below(HOUR_MS)
    mix.curtail(index, fromMs, fromMs + 1 + random.below(HOUR_MS), random.below(150e6))
  }
}

function check(mix: SupplyMix, supplies: readonly Supply[], atMs: number): void {
  assert.equal(mix.nowMs, atMs)
  assert.ok(Math.abs(mix.errorWms()) < 1e6, `I11 off by ${mix.errorWms()} W ms`)
  assert.ok(mix.heldRatio() > -1e-6 && mix.heldRatio() < 1 + 1e-6, `holds ${mix.heldRatio()}`)
  assert.ok(Number.isFinite(mix.usd) && mix.unservedJ >= 0 && mix.totals.surplusJ >= -1e-3)
  const availableW = mix.availableW(atMs)
  assert.ok(Number.isInteger(availableW) && availableW >= 0, `${availableW} W available`)
  supplies.forEach((supply, at) => {
    if (supply.type !== 'battery') assert.ok(mix.outputW(at) >= 0, supply.name)
  })
}
