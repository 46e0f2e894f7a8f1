// Shows what the twin does with caps: when they act, what they cost and what is drawn meanwhile,
// each worked out by hand; and that all GPU time still adds up under random orders and faults.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import * as fc from 'fast-check'
import { advance, apply } from '../../core/apply.ts'
import { commandFor } from '../../core/commands.ts'
import { brokenInvariants } from '../../core/invariants.ts'
import { observe } from '../../core/observe.ts'
import { createState, forkState, type State } from '../../core/state.ts'
import { PHASE, type Event, type FailurePlan, type PowerPlan, type Report }
  from '../../model/index.ts'
import { traceJob } from '../../../test/schedule.ts'
import { toyPlant, toyRow } from '../../../test/toy-plant.ts'
import { submit } from '../../../test/toy-state.ts'
import { Ahead } from './ahead.ts'
import { Twin, type World } from './twin.ts'

type Scene = { readonly state: State, readonly twin: Twin, readonly seen: string[] }

type Plan = {
  readonly failures?: Partial<FailurePlan>
  readonly power?: Partial<PowerPlan>
  readonly world?: World
}

/** Four nodes of one GPU of 100 W; a cap acts after a millisecond. */
function sceneOf({ failures = {}, power = {}, world }: Plan = {}): Scene {
  const plant = toyPlant({ sites: toyRow(4), failures,
    power: { capMs: 1, meterEveryMs: 86_400_000, ...power } })
  const state = createState(plant, true)
  return { state, twin: new Twin(state, 1, world), seen: [] }
}

function commit({ state, twin }: Scene, event: Event): void {
  const isAfter = event.type === 'job.started' || event.type === 'job.capped'
  const before = isAfter ? undefined : commandFor(state, event)
  if (before !== undefined) twin.send(before)
  apply(state, event)
  const after = isAfter ? commandFor(state, event) : undefined
  if (after !== undefined) twin.send(after)
}

/** Puts a job on nodes from the first one on. Seconds of work. */
function begin(scene: Scene, gpus: number, workS: number, first = 0, capW?: number): number {
  const { state, twin } = scene
  const job = submit(state, { gpus, limitMs: workS * 1000 })
  twin.accept(job, { ...traceJob({ id: 'a', work: 0, gpus }), workMs: workS * 1000 })
  commit(scene, { type: 'job.started', job, pool: 0, spans: [first, first + gpus, 0],
    ...(capW === undefined ? {} : { capW }) })
  return job
}

function cap(scene: Scene, job: number, capW: number, safeW = capW): void {
  commit(scene, { type: 'job.capped', job, capW, safeW })
}

function runUntil(scene: Scene, seconds: number): void {
  const { state, twin, seen } = scene
  while (twin.nextAtMs() <= seconds * 1000) {
    const atMs = twin.nextAtMs()
    advance(state, atMs)
    const reports: Report[] = []
    twin.collect(atMs, reports)
    for (const report of reports) {
      if (report.type !== 'meter') seen.push(`${atMs / 1000} ${textOf(report)}`)
      for (const event of observe(state, report)) commit(scene, event)
    }
  }
  advance(state, seconds * 1000)
}

function textOf(report: Report): string {
  switch (report.type) {
    case 'cap': return report.isOwn ? `cap ${report.capW} W by nodes after order ${report.order}`
      : `cap ${report.capW} W by order ${report.order}`
    case 'job.measured':
      return `measured ${report.speed.toFixed(4)} at ${report.capW} W, draws ${report.drawW} W`
    default: return report.type
  }
}

function accountsOf({ twin, state }: Scene): Record<string, number> {
  twin.finish(state.totals.nowMs)
  const { useful, checkpoint, rework, detection, restart, slow, capped, suspended } = twin.accounts
  const all = { useful, checkpoint, rework, detection, restart, slow, capped, suspended }
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== 0)
    .map(([name, value]) => [name, Math.round(value) / 1000]))
}

describe('a cap', () => {
  test('acts after its delay: the job goes on at the speed of its curve and draws less', () => {
    const scene = sceneOf()
    const job = begin(scene, 2, 100)
    runUntil(scene, 10)
    assert.equal(scene.twin.meter.totalW(), 200)
    // At 65 W of 100 it does 1 - 0.35² = 0.8775: 89.999 s of work take 102.563 s.
    cap(scene, job, 65)
    assert.equal(scene.twin.meter.totalW(), 200)
    runUntil(scene, 200)
    assert.deepEqual(scene.seen, ['0 job.up', '10.001 cap 65 W by order 2', '112.564 job.done'])
    // 2 GPUs for 102.563 s do the work of 89.999 s.
    assert.deepEqual(accountsOf(scene), { useful: 200, capped: 25.128 })
    assert.equal(scene.twin.meter.energyJ, 200 * 10.001 + 130 * 102.563)
    assert.equal(scene.twin.meter.broken, 0)
  })

  test('of a start is in force from its first step', () => {
    const scene = sceneOf()
    begin(scene, 1, 51, 0, 30)
    runUntil(scene, 99)
    assert.equal(scene.twin.meter.totalW(), 30)
    runUntil(scene, 100)
    assert.deepEqual(scene.seen, ['0 job.up', '100 job.done'])
  })

  test('that is ordered twice is answered twice, and an older order is void', () => {
    const scene = sceneOf({ power: { capMs: 40_000 } })
    const job = begin(scene, 1, 1000)
    runUntil(scene, 10)
    cap(scene, job, 50)
    const { number, starts, capOrders } = scene.state.tables.jobs
    const late = { type: 'cap', job, number: number[job]!, attempt: starts[job]!, capW: 40,
      safeW: 40, order: capOrders[job]! - 1 } as const
    scene.twin.send(late)
    runUntil(scene, 60)
    assert.equal(scene.seen.length, 2)
    assert.match(scene.seen[1]!, /cap 50 W by order 2/)
    scene.twin.send({ ...late, capW: 50, order: 2 })
    runUntil(scene, 61)
    assert.match(scene.seen[2]!, /^60 cap 50 W by order 2/)
  })

  test('that a later one follows is never in force', () => {
    const scene = sceneOf({ power: { capMs: 40_000 } })
    const job = begin(scene, 1, 1000)
    cap(scene, job, 50)
    cap(scene, job, 80)
    runUntil(scene, 100)
    assert.deepEqual(scene.seen.map((line) => line.replace(/^\S+ /, '')),
      ['job.up', 'cap 80 W by order 3'])
  })

  test('is void when the job stops', () => {
    const scene = sceneOf({ power: { capMs: 40_000 } })
    const job = begin(scene, 1, 1000)
    runUntil(scene, 5)
    cap(scene, job, 50)
    commit(scene, { type: 'job.ended', job, outcome: 'cancelled' })
    runUntil(scene, 100)
    assert.deepEqual(scene.seen, ['0 job.up', '5 job.stopped'])
    assert.equal(scene.twin.meter.totalW(), 0)
  })

  test('is measured after five minutes of work under it, once', () => {
    const scene = sceneOf()
    const job = begin(scene, 1, 10_000)
    runUntil(scene, 10)
    cap(scene, job, 65)
    runUntil(scene, 1000)
    assert.deepEqual(scene.seen.slice(2), ['310.001 measured 0.8775 at 65 W, draws 65 W'])
  })
})

describe('a pause', () => {
  const failures = { checkpointStallMs: 2000, checkpointSaveMs: 5000 }

  test('comes after a save; the job goes on from there', () => {
    const scene = sceneOf({ failures })
    const job = begin(scene, 2, 100)
    runUntil(scene, 10)
    cap(scene, job, 0)
    runUntil(scene, 17)
    assert.equal(scene.twin.meter.totalW(), 200)
    runUntil(scene, 60)
    assert.equal(scene.state.tables.jobs.phase[job], PHASE.suspended)
    assert.equal(scene.twin.meter.totalW(), 0)
    cap(scene, job, 100)
    runUntil(scene, 200)
    // It worked 10.001 s, stood until 60.001 s, and needs 89.999 s more.
    assert.deepEqual(scene.seen, ['0 job.up', '17.001 cap 0 W by order 2',
      '60.001 cap 100 W by order 3', '150 job.done'])
    assert.deepEqual(accountsOf(scene), { useful: 200, checkpoint: 4, suspended: 96 })
    assert.equal(scene.twin.accounts.lostBy(150_000), 2 * 50_000)
  })

  test('keeps all work when the job is stopped in it', () => {
    const scene = sceneOf({ failures })
    const job = begin(scene, 1, 100)
    runUntil(scene, 10)
    cap(scene, job, 0)
    runUntil(scene, 20)
    commit(scene, { type: 'job.ended', job, outcome: 'cancelled' })
    assert.deepEqual(accountsOf(scene), { useful: 10.001, checkpoint: 2, suspended: 7.999 })
  })

  test('that is taken back while the job saves ends the save', () => {
    const scene = sceneOf({ failures })
    const job = begin(scene, 1, 100)
    runUntil(scene, 10)
    cap(scene, job, 0)
    runUntil(scene, 13)
    cap(scene, job, 100)
    runUntil(scene, 200)
    // 10.001 s of work, 3 s of standing, 89.999 s of work.
    assert.deepEqual(scene.seen, ['0 job.up', '13.001 cap 100 W by order 3', '103 job.done'])
    assert.deepEqual(accountsOf(scene), { useful: 100, checkpoint: 2, suspended: 1 })
  })

  test('of a job that comes up waits for that, and saves nothing', () => {
    const scene = sceneOf({ failures: { ...failures, launchMs: 30_000 } })
    const job = begin(scene, 1, 100)
    cap(scene, job, 0)
    runUntil(scene, 100)
    assert.deepEqual(scene.seen, ['30 job.up', '30 cap 0 W by order 2'])
    assert.equal(scene.state.tables.jobs.phase[job], PHASE.suspended)
    assert.deepEqual(accountsOf(scene), { restart: 30, suspended: 70 })
  })
})

describe('a lease', () => {
  test('that ends makes the nodes set their safe caps, also with an order on its way', () => {
    const scene = sceneOf({ power: { leaseMs: 60_000 } })
    const one = begin(scene, 1, 1000)
    const other = begin(scene, 1, 1000, 1)
    begin(scene, 1, 1000, 2)
    runUntil(scene, 10)
    cap(scene, one, 80, 40)
    runUntil(scene, 20)
    scene.twin.controllerLost(20_000)
    runUntil(scene, 79.999)
    cap(scene, other, 90, 0)
    runUntil(scene, 100)
    assert.deepEqual(scene.seen.slice(3), ['10.001 cap 80 W by order 2',
      '80.001 cap 40 W by nodes after order 2', '80.001 cap 0 W by nodes after order 2'])
  })

  test('that is renewed in time changes nothing', () => {
    const scene = sceneOf({ power: { leaseMs: 60_000 } })
    const job = begin(scene, 1, 1000)
    cap(scene, job, 80, 40)
    scene.twin.controllerLost(20_000)
    runUntil(scene, 70)
    scene.twin.controllerBack()
    runUntil(scene, 200)
    assert.deepEqual(scene.seen, ['0 job.up', '0.001 cap 80 W by order 2'])
  })
})

test('a fork goes on with its caps: in force, on their way, and paused', () => {
  const scene = sceneOf()
  const [one, other, third] = [0, 1, 2].map((node) => begin(scene, 1, 1000, node))
  cap(scene, one!, 65)
  cap(scene, other!, 0)
  runUntil(scene, 100)
  cap(scene, third!, 30)
  const state = forkState(scene.state)
  const twin = new Ahead(state, 1, false)
  for (const row of [one!, other!, third!]) twin.believe(row, 1_000_000)
  assert.equal(twin.meter.totalW(), 65 + 0 + 100)
  const fork: Scene = { state, twin, seen: [] }
  runUntil(fork, 101)
  assert.deepEqual(fork.seen, ['100.001 cap 30 W by order 2'])
  assert.equal(twin.meter.totalW(), 65 + 0 + 30)
  cap(fork, other!, 100)
  runUntil(fork, 4000)
  assert.deepEqual(brokenInvariants(state), [])
  assert.equal(state.totals.running, 0)
  assert.equal(twin.meter.totalW(), 0)
})

test('jobs are off their class by as much as is said, and never draw more than their cap', () => {
  const scene = sceneOf({ world: { curveErrorRatio: 0.05 } })
  const one = begin(scene, 1, 10_000)
  const other = begin(scene, 1, 10_000, 1)
  cap(scene, one, 65)
  cap(scene, other, 65)
  runUntil(scene, 1000)
  const found = scene.seen.slice(-2).map((line) => /measured (\S+).*draws (\S+)/.exec(line)!)
  for (const [, speed] of found) {
    assert.ok(Math.abs(1 - Number(speed) - 0.1225) < 0.1225 * 0.2, speed)
  }
  // The draw of the other is above its class's, but the cap holds.
  assert.deepEqual(found.map((each) => each[2]), ['61', '65'])
})

test('GPU time adds up, and what is expected is drawn, under random orders and faults', () => {
  const orders = fc.array(fc.tuple(fc.nat(3), fc.constantFrom(0, 30, 50, 77, 100), fc.nat(400)),
    { maxLength: 12 })
  fc.assert(fc.property(orders, fc.nat(1000), (list, seed) => {
    const plant = toyPlant({ sites: toyRow(2, 2), ratios: { hall0: 13_000, rack1: 10_200 },
      failures: { checkpointStallMs: 2000, checkpointSaveMs: 5000, launchMs: 10_000,
        classes: [{ name: 'link', ratePerHour: 4, unit: 'device', reach: 'slow',
          repairMs: [30_000, 90_000], slowRatio: 0.5 }] } })
    const state = createState(plant, true)
    const scene: Scene = { state, twin: new Twin(state, seed), seen: [] }
    const rows = [0, 1, 2, 3].map((node) => begin(scene, 1, 1e6, node))
    const atS = [...list].sort((a, b) => a[2] - b[2])
    for (const [job, capW, at] of atS) {
      runUntil(scene, at)
      cap(scene, rows[job]!, capW)
    }
    runUntil(scene, 1000)
    assert.deepEqual(brokenInvariants(state), [])
    assert.equal(scene.twin.meter.totalW(), state.tables.feeders.drawW[0])
    scene.twin.finish(1_000_000)
    assert.equal(scene.twin.meter.broken, 0)
    const { useful, checkpoint, rework, detection, restart, slow, capped, suspended }
      = scene.twin.accounts
    const sum = useful + checkpoint + rework + detection + restart + slow + capped + suspended
    assert.ok(Math.abs(sum - 4 * 1_000_000) < 1e-3, `${sum}`)
    for (const part of [useful, restart, slow, capped, suspended]) assert.ok(part >= -1e-3)
  }), { numRuns: 60 })
})
