// Shows that a look ahead runs supplies as the twin does: what a battery holds hours later is what
// the twin then comes to and what is worked out by hand, what nobody knows is not in it, the worst
// hour is the one that lacks watts, and a journal replays and verifies to where supplies stood.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { plainJob } from '../../test/plain-job.ts'
import { loadCatalogue } from '../catalog/catalogue.ts'
import { compilePlant } from '../catalog/plant.ts'
import { apply } from '../core/apply.ts'
import { brokenInvariants } from '../core/invariants.ts'
import { hashState, type State } from '../core/state.ts'
import { JournalReader } from '../journal/reader.ts'
import { replay } from '../journal/replay.ts'
import { loadSnapshot, saveSnapshot } from '../journal/snapshot.ts'
import type { Plant, TraceJob } from '../model/index.ts'
import { factorySchema } from '../model/schema.ts'
import { policiesOf } from '../policies/index.ts'
import { lookAhead } from './ahead.ts'
import { runTwin } from './compose.ts'
import { powerAhead } from './power-ahead.ts'
import { renderPower } from './report/power.ts'
import { compileScenario, type Scenario } from './scenario.ts'
import { suppliesNow } from './supply-view.ts'

const HOUR = 3_600_000
const NAMES = { order: 'fifo', backfill: 'easy', place: 'pack', power: 'price' } as const

/** 512 H100 with a grid of 700 kW, of which it may call 300, and a battery of 2.35 MWh. */
const PLANT = plantOf([
  { type: 'grid', firm: '400 kW', interruptible: '300 kW', notice: '30m' },
  { type: 'megapack-2xl' },
])

function plantOf(supplies: readonly object[]): Plant {
  return compilePlant(factorySchema.parse({ name: 'a', failures: 'none', sites: [{ name: 's',
    supplies, racks: [{ system: 'dgx-h100', nodes: 64 }] }] }), loadCatalogue())
}

const CALL = compileScenario({ events: [{ curtail: { at: '2h', notice: '1h', for: '90m',
  target: '400 kW', baseline: '600 kW', of: 'import' } }] }, PLANT, (file) => file)

type Run = { readonly plant?: Plant, readonly scenario?: Scenario, readonly journalPath?: string }

function twinAt(hours: number, { plant = PLANT, scenario = CALL, ...rest }: Run = {}): State {
  const jobs: TraceJob[] = [plainJob('a', 0, 512, 100 * HOUR)]
  const result = runTwin({
    plant, document: {}, traces: [], seed: 1, untilMs: Math.round(hours * HOUR), checkEvery: 1,
    policies: NAMES, scenario, ...rest,
    source: {
      peekAtMs: () => jobs[0]?.submitAtMs ?? Infinity,
      next: () => ({ job: jobs.shift()!, name: 'a' }),
    },
  })
  assert.deepEqual(result.problems, [])
  return result.state
}

function ahead(state: State, hours: number) {
  return powerAhead(state, { ...policiesOf(NAMES), seed: 1, failures: false,
    hoursMs: hours * HOUR, feeders: [0] })
}

describe('supplies ahead', () => {
  const state = twinAt(2.25)
  const [course] = ahead(state, 4).feeders
  const { moments, supplies } = course!
  const at = (hours: number) => moments[Math.round(hours * 12)]!.supplied!

  test('a call that is known is met by the battery, as by hand', () => {
    const drawW = supplies!.drawW
    assert.ok(drawW > 450e3 && drawW < 600e3)
    for (const hours of [0, 1]) {
      assert.ok(Math.abs(at(hours).gridW - 400e3) < 1)
      assert.ok(Math.abs(at(hours).batteryW - (drawW - 400e3)) < 1)
    }
    // Half of the round trip of 0.937 is lost on the way out.
    const { roundTripRatio } = PLANT.sites[0]!.supplies![1] as { readonly roundTripRatio: number }
    const lostMWh = (drawW - 400e3) / 1e6 / Math.sqrt(roundTripRatio)
    assert.ok(Math.abs(at(0).storedMWh! - at(1).storedMWh! - lostMWh) < 1e-6)
    // The call ends at 3.5 h: the grid gives it all again.
    assert.ok(Math.abs(at(1.5).gridW - drawW) < 1 && Math.abs(at(1.5).batteryW) < 1)
  })

  test('it is what the twin then comes to', () => {
    const later = suppliesNow(twinAt(3.25), 0)!
    assert.ok(Math.abs(later.storedMWh! - at(1).storedMWh!) < 1e-6,
      `${later.storedMWh} ${at(1).storedMWh} ${later.drawW} ${supplies!.drawW} ${at(0).storedMWh}`)
    assert.ok(Math.abs(later.gridW - at(1).gridW) < 1)
    assert.equal(later.unservedMWh, 0)
  })

  test('the state is not touched, and adds up', () => {
    const before = hashState(state)
    ahead(state, 4)
    assert.equal(hashState(state), before)
    assert.deepEqual(brokenInvariants(state), [])
    const broken = loadSnapshot(PLANT, saveSnapshot(state))
    assert.equal(hashState(broken), before)
    // Energy that came from nowhere: what the open interval drew.
    apply(broken, { type: 'supplies.read', site: 0, cells: [10], values: [1e12] })
    assert.match(brokenInvariants(broken)[0]!, /^I11 the supplies of s lack/)
  })

  test('shows in the picture and in the JSON', () => {
    const look = ahead(state, 4)
    const text = renderPower(look)
    assert.match(text, /megapack-2xl: gives [\d.]+ kW, holds [\d.]+ [kM]Wh of [\d.]+ [kM]Wh/)
    assert.match(text, /from now +grid +battery +stored/)
    assert.match(text, /charge {2}[▁-█]{48}/)
    assert.match(text.replaceAll('\n', ' '), /The battery holds at least [\d.]+ [kM]Wh in it/)
    assert.ok(text.split('\n').every((line) => line.length <= 80))
    const json = JSON.parse(JSON.stringify(look))
    assert.equal(json.feeders[0].moments[12].supplied.storedMWh, at(1).storedMWh)
    assert.equal(json.feeders[0].supplies.supplies[1].type, 'battery')
  })
})

test('ramps of the grid are kept ahead, and each step adds up', () => {
  // A fall of the draw by some 160 kW at 10 kW a minute takes a quarter of an hour.
  const plant = plantOf([
    { type: 'grid', firm: '700 kW', ramp: '10 kW/min' }, { type: 'megapack-2xl', charge: 0.5 }])
  const state = twinAt(1, { plant, scenario: compileScenario({ events: [] }, plant) })
  apply(state, { type: 'job.ended', job: 0, outcome: 'cancelled' })
  const gridW: number[] = []
  const wanted = { ...policiesOf(NAMES), seed: 1, failures: false }
  lookAhead(state, { ...wanted, untilMs: 2 * HOUR, steps: {
    everyMs: HOUR / 60, isFromStart: true,
    onStep: (fork) => {
      assert.deepEqual(brokenInvariants(fork), [])
      const { gridW: watts, batteryW, drawW } = suppliesNow(fork, 0)!
      assert.ok(Math.abs(watts + batteryW - drawW) < 1)
      gridW.push(watts)
    },
  } })
  const falls = gridW.slice(1).map((watts, at) => gridW[at]! - watts)
  assert.ok(Math.max(...falls) <= 10_001 && Math.max(...falls) > 9_999, `${falls}`)
  assert.ok(gridW[0]! - gridW[30]! > 150_000)
})

test('what was lost stays so, and the worst hour is the one in which supplies lack watts', () => {
  // 500 kW or so of draw; a battery bridges the loss of an engine that nothing replaces.
  const plant = plantOf([{ type: 'recip', unit: '700 kW', count: 2 }, { type: 'megapack-2xl' }])
  const scenario = compileScenario({ events: [
    { supplyLost: { site: 's', supply: 'recip', units: 2, at: '1h', for: '2h' } },
  ] }, plant, (file) => file)
  const state = twinAt(1.05, { plant, scenario })
  const [course] = ahead(state, 12).feeders
  const { moments, worst } = course!
  assert.equal(course!.supplies!.supplies[0]!.lost, 2)
  // The twin's engine is back at 3 h; nobody knows that, so nothing gives ahead.
  assert.ok(moments.every(({ supplied }) => supplied!.generatorsW === 0))
  // Nothing can be granted for long; what is drawn at idle empties the battery, then lacks.
  const lacking = moments.findIndex(({ supplied }) => supplied!.unservedMWh > 0)
  assert.ok(lacking > 0, `${lacking}`)
  assert.ok(worst.supplied!.unservedMWh > 0)
  assert.ok(worst.fromMs >= moments[lacking - 1]!.atMs)
  assert.match(renderPower(ahead(state, 12)).replaceAll('\n', ' '), /Supplies lack [\d.]+ [kM]Wh/)
  assert.ok(suppliesNow(twinAt(4, { plant, scenario }), 0)!.generatorsW > 0)
})

test('a journal replays and verifies to where the supplies stood', () => {
  const folder = mkdtempSync(join(tmpdir(), 'supplies-'))
  try {
    const journalPath = join(folder, 'journal.mrj')
    const state = twinAt(4, { journalPath })
    const { policies } = policiesOf(NAMES)
    for (const way of [undefined, policies]) {
      const reader = new JournalReader(journalPath)
      const { stateHash, expectedHash, state: replayed } = replay(reader, PLANT, way)
      reader.close()
      assert.equal(stateHash, expectedHash)
      assert.deepEqual(suppliesNow(replayed, 0), suppliesNow(state, 0))
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
})
