// Shows what meters say and count: readings late and by as much off as is said, samples over a
// limit, time over it, a meter that is silent, the weather, and a feeder that is lost, by hand.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { advance, apply, nextChangeAtMs } from '../../core/apply.ts'
import { commandFor } from '../../core/commands.ts'
import { observe } from '../../core/observe.ts'
import { createState, type State } from '../../core/state.ts'
import type { Plant, PowerPlan, Report } from '../../model/index.ts'
import { traceJob } from '../../../test/schedule.ts'
import { toyPlant, toyRow } from '../../../test/toy-plant.ts'
import { submit } from '../../../test/toy-state.ts'
import { Twin, type World } from './twin.ts'

type Reading = Extract<Report, { type: 'meter' }>

type Scene = { readonly state: State, readonly twin: Twin, readonly readings: Reading[] }

/** Two racks of two nodes with a device of 100 W, whose draw is 5 W of deviation under any cap. */
function plantOf(power: Partial<PowerPlan>, limits = {}): Plant {
  const plant = toyPlant({ sites: toyRow(2, 2), power, limits,
    systems: [{ nodeTypicalW: 90 }], ratios: { hall0: 12_000 } })
  const byClass = plant.curves.byClass.map((curves) => curves.map((curve) =>
    ({ ...curve, drawW: curve.capW.map((watts) => watts * 0.9), drawSdW: [5, 5, 5] })))
  return { ...plant, curves: { ...plant.curves, byClass } }
}

function sceneOf(plant: Plant, world?: World): Scene {
  const state = createState(plant, true)
  return { state, twin: new Twin(state, 1, world), readings: [] }
}

function begin({ state, twin }: Scene, first: number, end: number): void {
  const job = submit(state, { gpus: end - first, limitMs: 1e9 })
  twin.accept(job, { ...traceJob({ id: 'a', work: 0, gpus: end - first }), workMs: 1e9 })
  const event = { type: 'job.started', job, pool: 0, spans: [first, end, 0] } as const
  apply(state, event)
  twin.send(commandFor(state, event)!)
}

function runUntil({ state, twin, readings }: Scene, seconds: number): void {
  for (;;) {
    const atMs = Math.min(twin.nextAtMs(), nextChangeAtMs(state))
    if (atMs > seconds * 1000) break
    advance(state, atMs)
    const reports: Report[] = []
    twin.collect(atMs, reports)
    for (const report of reports) {
      if (report.type === 'meter') readings.push(report)
      for (const event of observe(state, report)) apply(state, event)
    }
  }
  advance(state, seconds * 1000)
}

test('a root is read each minute, and its reading is known a while later', () => {
  const scene = sceneOf(plantOf({ meterDelayMs: 2000 }))
  runUntil(scene, 121)
  assert.equal(scene.readings.length, 1)
  runUntil(scene, 122)
  assert.deepEqual(scene.readings, [60_000, 120_000].map((observedAtMs) =>
    ({ type: 'meter', feeder: 0, drawW: 0, observedAtMs })))
})

test('readings vary as the jobs do: devices of one job together, jobs by themselves', () => {
  // 1.2 × 90 W a device at the root. One job of 3 and one of 1: 1.2² × (15² + 5²) W² = (18.97 W)².
  const scene = sceneOf(plantOf({ meterErrorRatio: 0 }))
  begin(scene, 0, 3)
  begin(scene, 3, 4)
  runUntil(scene, 60 * 4000)
  const values = scene.readings.slice(1).map((each) => each.drawW)
  const mean = values.reduce((sum, each) => sum + each, 0) / values.length
  const variance = values.reduce((sum, each) => sum + (each - mean) * (each - mean), 0)
    / values.length
  assert.equal(scene.twin.power.feeders!.meanW[0], 432)
  assert.ok(Math.abs(mean - 432) < 1, `${mean}`)
  // What is above the grant of 480 W is held by the caps: that is 0.6 % of the readings.
  assert.ok(Math.abs(Math.sqrt(variance) - 18.97) < 0.7, `${Math.sqrt(variance)}`)
  assert.ok(values.every((each) => each <= 480))
})

test('an error of the meter is a share of what it reads', () => {
  const plant = plantOf({ meterErrorRatio: 0.01 }, {})
  const scene = sceneOf({ ...plant, curves: toyPlant({ sites: toyRow(1) }).curves })
  begin(scene, 0, 4)
  runUntil(scene, 60 * 4000)
  const values = scene.readings.slice(1).map((each) => each.drawW / 480 - 1)
  const variance = values.reduce((sum, each) => sum + each * each, 0) / values.length
  assert.ok(Math.abs(Math.sqrt(variance) - 0.01) < 0.0005, `${Math.sqrt(variance)}`)
})

test('samples over the limit are breaches, and time over it is counted to the millisecond', () => {
  // Rack 0 draws 180 W, with 10 W of deviation. A limit of 190 W holds from 10 minutes on.
  const scene = sceneOf(plantOf({}, { rack0: 250 }), { named: [3] })
  begin(scene, 0, 2)
  const limit = (limitW: number, startAtMs: number, endAtMs: number, row: number) =>
    apply(scene.state, { type: 'limit.set', limit: row, feeder: 3, kind: 'limit', watts: limitW,
      fromW: limitW, startAtMs, holdAtMs: startAtMs, holdEndAtMs: endAtMs, endAtMs, cause: '' })
  limit(190, 600_000, 600_000 + 60_000 * 1000, 0)
  limit(170, 700_500, 730_500, 1)
  runUntil(scene, 610_000)
  const [root, rack] = scene.twin.breaches(610_000_000)
  assert.equal(root!.breaches, 0)
  assert.equal(rack!.feeder, 3)
  assert.equal(rack!.samples, 10_166)
  // One in 6.3 is a deviation above: of 1,000 samples about 159.
  assert.ok(Math.abs(rack!.breaches - 159) < 40, `${rack!.breaches}`)
  assert.ok(rack!.worstOverW > 5 && rack!.worstOverW <= 30)
  assert.equal(rack!.meanOverW, 10)
  assert.equal(rack!.overMs, 30_000)
})

test('a meter that is silent says nothing, and a target makes another speak', () => {
  const scene = sceneOf(plantOf({}), { named: [], happenings: [
    { type: 'meter.silent', atMs: 90_000, feeder: 0, untilMs: 200_000 }] })
  apply(scene.state, { type: 'limit.set', limit: 0, feeder: 4, kind: 'target', watts: 1, fromW: 1,
    startAtMs: 0, holdAtMs: 0, holdEndAtMs: 100_000, endAtMs: 100_000, cause: '' })
  runUntil(scene, 300)
  assert.deepEqual(scene.readings.map((each) => `${each.observedAtMs / 1000} ${each.feeder}`),
    ['60 0', '60 4', '240 0', '300 0'])
})

test('the weather changes what is lost on the way, and energy still balances', () => {
  const scene = sceneOf(plantOf({}), { named: [], happenings: [
    { type: 'ratio', atMs: 90_000, feeder: 1, ratioPer10k: 14_500 }] })
  begin(scene, 0, 4)
  runUntil(scene, 100)
  assert.equal(scene.twin.meter.totalW(), 522)
  assert.equal(scene.twin.meter.itW[0], 360)
  scene.twin.finish(100_000)
  assert.equal(scene.twin.meter.broken, 0)
  assert.equal(scene.twin.meter.energyJ, 432 * 90 + 522 * 10)
})

test('a feeder that is lost takes its nodes for as long as is said', () => {
  const scene = sceneOf(plantOf({}), { named: [], happenings: [
    { type: 'feeder.lost', atMs: 50_000, feeder: 3, forMs: 100_000 }] })
  begin(scene, 1, 3)
  runUntil(scene, 60)
  assert.deepEqual([...scene.state.tables.nodes.flags], [1, 1, 0, 0])
  assert.equal(scene.state.totals.pending, 1)
  assert.equal(scene.twin.meter.totalW(), 0)
  runUntil(scene, 150)
  assert.deepEqual([...scene.state.tables.nodes.flags], [0, 0, 0, 0])
})
