// Shows by figures worked out by hand what supplies do in a run: a crash of 50 MW that a battery
// takes both ways, turbines that are lost on an island, calls of a contract, prices, and weather.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { fromHours, fromMinutes, toMegawattHours } from '../base/units.ts'
import { loadCatalogue } from '../catalog/catalogue.ts'
import { compilePlant } from '../catalog/plant.ts'
import type { Plant, TraceJob } from '../model/index.ts'
import { factorySchema } from '../model/schema.ts'
import type { ScenarioDocument } from '../model/schema-scenario.ts'
import { plainJob } from '../../test/plain-job.ts'
import { runTwin } from './compose.ts'
import { readFactory } from './factory-file.ts'
import { compileScenario, readScenario, type Scenario } from './scenario.ts'

const ISLAND = join(import.meta.dirname, '..', '..', 'examples', 'island')
const HOUR = fromHours(1)
const island = readFactory(join(ISLAND, 'factory.yaml')).plant

type Run = {
  readonly plant: Plant
  readonly jobs?: readonly TraceJob[]
  readonly scenario?: Scenario
  readonly power?: string
  readonly hours: number
}

function run({ plant, jobs = [], scenario, power = 'price', hours }: Run) {
  let next = 0
  // All invariants of 8,000 nodes take a while.
  const checkEvery = plant.nodes > 1000 ? 500 : 1
  const result = runTwin({
    plant, document: {}, traces: [], seed: 1, untilMs: hours * HOUR, checkEvery,
    policies: { order: 'fifo', backfill: 'easy', place: 'pack',
      ...(power === 'none' ? {} : { power }) },
    ...(scenario === undefined ? {} : { scenario }),
    source: {
      peekAtMs: () => jobs[next]?.submitAtMs ?? Infinity,
      next: () => {
        const job = jobs[next++]!
        return { job, name: job.id }
      },
    },
  })
  assert.deepEqual(result.problems, [])
  return { ...result, site: result.summary.supplies[0]! }
}

describe('an island of seven turbines, an engine and a battery of 51 MW', () => {
  test('its limit is all but its largest unit', () => {
    assert.equal(island.feeders[island.sites[0]!.feeder]!.limitW, 7 * 16e6 + 18.8e6 - 18.8e6)
  })

  test('a job of 50 MW starts under a cap and is gone at once: a battery takes it all', () => {
    const jobs = [plainJob('base', 0, 8000, 5 * HOUR), plainJob('big', HOUR, 56_000, HOUR)]
    const { site, series } = run({ plant: island, jobs, hours: 4 })
    const drawAt = (atMs: number) => series.drawW[Math.floor(atMs / series.intervalMs)]!
    const stepW = drawAt(1.5 * HOUR) - drawAt(0.9 * HOUR)
    assert.ok(stepW > 49e6 && stepW < 51e6, `${stepW}`)
    assert.equal(site.unservedMWh, 0)
    assert.equal(site.surplusMWh, 0)
    // The job starts under a cap, as far as the sources can follow, and gets the rest with them.
    const { mostGivenW, mostTakenW, lowestRatio, highestRatio } = site.battery!
    assert.ok(mostGivenW > 30e6 && mostGivenW < stepW, `${mostGivenW}`)
    // When it ends, nothing else moves at once: the battery takes all of the step.
    assert.ok(mostTakenW > stepW && mostTakenW < stepW + 1e6, `${mostTakenW}`)
    // Five to seven turbines at 8 MW a minute, with or without the engine at 18.8, follow:
    // step^2 / (2 ramp) of 40 to 74.8 MW a minute, and what it charges meanwhile by itself.
    const takenMWh = (series.supplies!.batteryW.slice(119).reduce((sum, watts) =>
      sum - watts * series.intervalMs, 0)) / 3.6e12
    assert.ok(takenMWh > 50 * 50 / 2 / 74.8 / 60 && takenMWh < 50 * 50 / 2 / 40 / 60 + 0.1,
      `${takenMWh}`)
    assert.ok(lowestRatio > 0.49 && highestRatio < 0.51)
  })

  const jobs = [plainJob('big', 0, 36_000, 12 * HOUR), plainJob('b', HOUR / 2, 16_000, 20 * HOUR),
    plainJob('c', HOUR, 8000, 20 * HOUR)]
  const scenario = readScenario(join(ISLAND, '..', 'scenario', 'island.yaml'), island)

  test('five turbines trip: caps follow, and only what they need to act is not served', () => {
    const { site, series, summary } = run({ plant: island, jobs, scenario, hours: 11 })
    const at = (values: readonly number[], hours: number) =>
      values[Math.floor(hours * HOUR / series.intervalMs)]!
    // 74 MW are drawn. Left are the battery's 51 MW and an engine that rises from 2 MW.
    const drawW = at(series.drawW, 5.9)
    assert.ok(Math.abs(drawW - 73.95e6) < 0.1e6)
    const lackedW = drawW - 52 * 0.98e6 - 1.95e6
    assert.ok(Math.abs(site.worstUnservedW - lackedW) < 0.15e6, `${site.worstUnservedW}`)
    const mostMWh = toMegawattHours(lackedW * island.power.capMs / 1000)
    assert.ok(site.unservedMWh > 0 && site.unservedMWh < mostMWh, `${site.unservedMWh}`)
    // A minute later the limit holds: the engine's 18.8 MW and the battery, told down to a part.
    assert.ok(at(series.limitW, 6.08) <= 18.8e6 + 52 * 0.98e6)
    assert.ok(at(series.limitW, 6.08) > 18.8e6 + 52 * 0.98e6 - island.feeders[0]!.limitW / 50)
    // The two turbines that stood still have started a quarter of an hour later.
    assert.ok(at(series.limitW, 6.5) > 82e6 && at(series.limitW, 6.5) < 98e6)
    assert.ok(at(series.drawW, 8) > 60e6)
    assert.ok(summary.gpuHours.lostCapped > 0)
    assert.equal(at(series.limitW, 10.5), 112e6)
    assert.ok(Math.abs(at(series.drawW, 10.5) - drawW) < 0.1e6)
    assert.match(summary.warnings[0]!, /^island drew .*kWh that its supplies did not give, at most/)
  })

  test('without caps nine times as much is not served', () => {
    const capped = run({ plant: island, jobs, scenario, hours: 7 }).site
    const free = run({ plant: island, jobs, scenario, hours: 7, power: 'none' }).site
    assert.ok(free.unservedMWh > 9 * capped.unservedMWh,
      `${free.unservedMWh} ${capped.unservedMWh}`)
  })
})

/** 512 H100 with a grid of 0.4 + 0.2 MW that owes half an hour of notice, two hours a year. */
function contracted(extra: readonly object[] = [], grid: object = {}, site: object = {}): Plant {
  return compilePlant(factorySchema.parse({ name: 'a', failures: 'none', sites: [{ name: 's',
    supplies: [{ type: 'grid', firm: '400 kW', interruptible: '300 kW', notice: '30m',
      calledHours: 2, ...grid }, ...extra],
    racks: [{ system: 'dgx-h100', nodes: 64 }], ...site }] }), loadCatalogue())
}

const scenarioFor = (plant: Plant, document: ScenarioDocument) =>
  compileScenario(document, plant, (file) => file)

describe('a contract', () => {
  const curtail = (at: string, notice: string, target: string, of: 'draw' | 'import') =>
    ({ curtail: { at, notice, for: '90m', target, baseline: '600 kW', of } })

  test('its calls are checked against notice, hours and firm watts, of draw and of import', () => {
    for (const what of ['draw', 'import'] as const) {
      const plant = contracted()
      const scenario = scenarioFor(plant, { events: [curtail('2h', '30m', '500 kW', what),
        curtail('5h', '10m', '300 kW', what)] })
      const { summary } = run({ plant, scenario, hours: 8 })
      const calls = summary.warnings.filter((each) => each.startsWith('s: '))
      assert.deepEqual(calls, [
        's: grid leaves 300 kW, and owes 400 kW at any time; no less than that may be called.',
        's: grid calls after 10 min, and owes 30 min of notice; a later call would do.',
        's: grid has called for 1 h 30 min this year and now for 1 h 30 min; its contract '
          + 'allows 2 h in all.',
      ])
    }
  })

  test('a call of the import alone is met by a battery, and the draw goes on', () => {
    const plant = contracted([{ type: 'megapack-2xl' }])
    const jobs = [plainJob('a', 0, 512, 10 * HOUR)]
    const scenario = scenarioFor(plant, { events: [curtail('2h', '1h', '400 kW', 'import')] })
    const { series, site, summary } = run({ plant, jobs, scenario, hours: 6 })
    const at = Math.floor(2.5 * HOUR / series.intervalMs)
    const drawW = series.drawW[at]!
    assert.ok(drawW > 450e3)
    assert.ok(Math.abs(series.supplies!.gridW[at]! - 400e3) < 1)
    assert.ok(Math.abs(series.supplies!.batteryW[at]! - (drawW - 400e3)) < 1)
    assert.equal(summary.gpuHours.lostCapped + summary.gpuHours.lostPaused, 0)
    assert.deepEqual([site.unservedMWh, summary.warnings.length], [0, 0])
  })
})

test('a battery buys in cheap hours and sells in dear ones, but keeps its reserve', () => {
  const battery = { type: 'megapack-2xl', charge: 0.5, reserve: 0.4 }
  const jobs = [plainJob('a', 0, 512, 50 * HOUR)]
  const plant = contracted([battery], { price: 'market', firm: '2 MW' })
  const prices = [{ list: Array.from({ length: 48 }, (_, hour): [string, string] =>
    [`${hour}h`, hour % 24 < 18 ? '10 $/MWh' : '200 $/MWh']) }]
  const traded = run({ plant, jobs, scenario: scenarioFor(plant, { prices }), hours: 48 }).site
  const flat = run({ plant, jobs, hours: 48,
    scenario: scenarioFor(plant, { prices: [{ list: [['0s', '57.5 $/MWh']] }] }) }).site
  assert.ok(traded.dollars < flat.dollars)
  assert.ok(traded.battery!.highestRatio > 0.9)
  assert.ok(traded.battery!.lowestRatio >= 0.4 && traded.battery!.lowestRatio < 0.5)
  assert.ok(flat.battery!.cycles < 0.01)
})

test('energy balances over supplies, and their price is that of the contract', () => {
  const plant = contracted([], { price: '50 USD/MWh', demandCharge: '10 USD/kW-month' })
  const { site, summary } = run({ plant, jobs: [plainJob('a', HOUR, 256, HOUR)], hours: 3,
    power: 'none' })
  assert.ok(Math.abs(site.drawnMWh - summary.energyMWh) < 1e-9 * site.drawnMWh)
  assert.ok(Math.abs(site.bySupply[0]!.energyMWh - site.drawnMWh) < 1e-9)
  assert.ok(Math.abs(site.bySupply[0]!.dollars - 50 * site.drawnMWh) < 1e-6)
  // The highest quarter of an hour is within the hour of the job.
  assert.ok(Math.abs(site.demandChargeDollars - 10 * summary.peakDrawW / 1e3) < 0.01)
})

test('a heat wave takes watts from turbines and raises what cooling takes', () => {
  const plant = contracted([], { firm: '1 MW' }, { cooling: 'chiller', supplies: [
    { type: 'smt-130' }, { type: 'grid', firm: '1 MW' }] })
  const scenario = scenarioFor(plant, { events: [
    { heatWave: { site: 's', at: '1h', for: '2h', degrees: 35 } }] })
  const { series } = run({ plant, scenario, hours: 4 })
  const at = (hours: number) => series.drawW[Math.floor(hours * HOUR / series.intervalMs)]!
  // Chillers take 1.35 at 40 C, what the hall is built for, and 1.22 at 20 C: 1.3175 at 35 C.
  assert.ok(Math.abs(at(2) / at(0.5) - 1.3175 / 1.35) < 1e-3, `${at(2) / at(0.5)}`)
  assert.equal(at(3.5), at(0.5))
  assert.equal(fromMinutes(1), series.intervalMs)
})
