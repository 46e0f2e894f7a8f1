// Shows the twin as an engine, through the loop: when it reports, what a fault costs and how long
// it takes, each worked out by hand.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { placementOf } from '../../core/allocation.ts'
import { apply, advance } from '../../core/apply.ts'
import { observe } from '../../core/observe.ts'
import { createState, type State } from '../../core/state.ts'
import type { FailurePlan, Report } from '../../model/index.ts'
import { traceJob } from '../../../test/schedule.ts'
import { toyPlant, toyRow } from '../../../test/toy-plant.ts'
import { submit } from '../../../test/toy-state.ts'
import { Twin } from './twin.ts'

/** A state, its twin, and the reports so far as "seconds type". */
type Scene = { readonly state: State, readonly twin: Twin, readonly seen: string[] }

function sceneOf(failures: Partial<FailurePlan>, seed = 1): Scene {
  const state = createState(toyPlant({ sites: toyRow(4), failures }))
  return { state, twin: new Twin(state, seed), seen: [] }
}

/** Puts a job on the first nodes. Times in seconds. */
function begin(scene: Scene, gpus: number, workS: number, everyS = 0): number {
  const { state, twin } = scene
  const job = submit(state, { gpus, limitMs: workS * 1000 })
  twin.accept(job, { ...traceJob({ id: 'a', work: 0, gpus, checkpointEveryMs: everyS * 1000 }),
    workMs: workS * 1000 })
  start(scene, job)
  return job
}

const PLAIN_ORDER = { capW: 100, safeW: 100, order: 1 }

function start({ state, twin }: Scene, job: number): void {
  const gpus = state.tables.jobs.gpus[job]!
  apply(state, { type: 'job.started', job, pool: 0, spans: [0, gpus, 0] })
  const { number, starts } = state.tables.jobs
  twin.send({ ...PLAIN_ORDER, type: 'start', job, number: number[job]!, attempt: starts[job]! })
}

/** Runs reports and events up to a time, starting again what was interrupted if it is told to. */
function runUntil(scene: Scene, seconds: number): void {
  const { state, twin, seen } = scene
  while (twin.nextAtMs() <= seconds * 1000) {
    const atMs = twin.nextAtMs()
    advance(state, atMs)
    const reports: Report[] = []
    twin.collect(atMs, reports)
    for (const report of reports) {
      seen.push(`${atMs / 1000} ${report.type}`
        + ('keptMs' in report && report.keptMs > 0 ? ` kept ${report.keptMs / 1000}` : ''))
      for (const event of observe(state, report)) apply(state, event)
    }
  }
  advance(state, seconds * 1000)
}

function accountsOf({ twin, state }: Scene): Record<string, number> {
  twin.finish(state.totals.nowMs)
  const { useful, checkpoint, rework, detection, restart, slow } = twin.accounts
  const all = Object.entries({ useful, checkpoint, rework, detection, restart, slow })
  return Object.fromEntries(all.filter(([, value]) => value !== 0)
    .map(([name, value]) => [name, value / 1000]))
}

describe('without faults', () => {
  test('a job comes up after its launch and works, with a stall for each checkpoint', () => {
    const scene = sceneOf({ launchMs: 30_000, checkpointStallMs: 2000 })
    begin(scene, 2, 100, 30)
    runUntil(scene, 1000)
    // Checkpoints at 30, 60 and 90 s of work: 30 + 100 + 3 × 2.
    assert.deepEqual(scene.seen, ['30 job.up', '136 job.done'])
    assert.deepEqual(accountsOf(scene), { useful: 200, checkpoint: 12, restart: 60 })
  })

  test('a job that is stopped says what its last checkpoint holds, and goes on from there', () => {
    const scene = sceneOf({ launchMs: 10_000, loadMs: 20_000, checkpointStallMs: 1000,
      checkpointSaveMs: 5000 })
    const job = begin(scene, 1, 100, 30)
    // Up at 10; checkpoints stand at 41 and 72 s, and are written five seconds later.
    runUntil(scene, 74)
    const { number, starts } = scene.state.tables.jobs
    const order = { ...PLAIN_ORDER, job, number: number[job]!, attempt: starts[job]! }
    apply(scene.state, { type: 'job.preempted', job })
    scene.twin.send({ type: 'stop', ...order })
    runUntil(scene, 80)
    start(scene, job)
    runUntil(scene, 1000)
    // 61 of 100 s are done at 74 s, 30 are kept; then 30 s to come up, and 70 with stalls at 60
    // and 90 s of work.
    assert.deepEqual(scene.seen,
      ['10 job.up', '74 job.stopped kept 30', '110 job.up kept 30', '182 job.done kept 30'])
    assert.deepEqual(accountsOf(scene),
      { useful: 100, checkpoint: 4, rework: 32, restart: 40 })
  })

  test('a stop that is about an earlier start changes nothing', () => {
    const scene = sceneOf({})
    const job = begin(scene, 1, 10)
    scene.twin.send({ ...PLAIN_ORDER, type: 'stop', job, number: 1, attempt: 7 })
    runUntil(scene, 100)
    assert.deepEqual(scene.seen, ['0 job.up', '10 job.done'])
  })

  test('a job draws its training power while it works, and none before and after', () => {
    const scene = sceneOf({ launchMs: 10_000 })
    const idleW = scene.twin.meter.totalW()
    begin(scene, 3, 20)
    const draws = [5, 15, 40].map((seconds) => {
      runUntil(scene, seconds)
      return scene.twin.meter.totalW() - idleW
    })
    assert.deepEqual(draws, [0, 300, 0])
  })
})

/** One class that strikes one of four nodes about every ten seconds. */
function striking(given: Partial<FailurePlan['classes'][number]>): FailurePlan['classes'] {
  return [{ name: 'host', ratePerHour: 90, unit: 'node', reach: 'node',
    repairMs: [50_000, 50_000], slowRatio: 1, ...given }]
}

describe('with faults', () => {
  test('a gang hangs until the fault is detected; its node is repaired, then tested', () => {
    const scene = sceneOf({ classes: striking({ ratePerHour: 9 }), detectMs: 7000,
      healthCheckMs: 3000 })
    begin(scene, 4, 100_000, 20)
    runUntil(scene, 400)
    const at = (type: string) => scene.seen.filter((line) => line.includes(type))
      .map((line) => Number(line.split(' ')[0]))
    const [lostAt] = at('job.lost')
    const [nodesAt] = at('nodes.lost')
    const [healthyAt] = at('nodes.healthy')
    assert.equal(lostAt, nodesAt, 'the job and its node are reported together')
    assert.ok(Math.abs(healthyAt! - nodesAt! - 53) < 1e-9)
    const { useful, rework, detection } = accountsOf(scene)
    assert.equal(detection, 4 * 7)
    // Up at once: all work until the fault is kept in whole checkpoints of 20 s, or done again.
    const faultAt = lostAt! - 7
    assert.equal(useful, 4 * 20 * Math.floor(faultAt / 20))
    assert.ok(Math.abs(rework! - 4 * (faultAt % 20)) < 1e-6)
  })

  test('a fault that reaches no node ends the job only', () => {
    const scene = sceneOf({ classes: striking({ reach: 'none' }), detectMs: 1000 })
    begin(scene, 4, 100_000)
    runUntil(scene, 300)
    assert.equal(scene.seen.filter((line) => line.includes('job.lost')).length, 1)
    assert.equal(scene.seen.some((line) => line.includes('nodes.lost')), false)
  })

  test('a slow device slows its gang for its time, and the time is accounted for', () => {
    const scene = sceneOf({ classes: striking({ reach: 'slow', slowRatio: 0.5, ratePerHour: 0.9,
      repairMs: [60_000, 60_000] }) })
    begin(scene, 4, 3600)
    runUntil(scene, 20_000)
    const done = Number(scene.seen.find((line) => line.includes('job.done'))!.split(' ')[0])
    const { useful, slow } = accountsOf(scene)
    assert.equal(useful, 4 * 3600)
    assert.ok(slow! > 0 && Math.abs(4 * (done - 3600) - slow!) < 0.01, `${slow} of ${done}`)
    // Each fault costs half of its minute, if another does not fall into it.
    assert.ok(slow! <= scene.twin.accounts.faults * 4 * 30 + 0.01)
  })

  test('a gang that is started on a node that broke unseen never comes up', () => {
    const scene = sceneOf({ classes: striking({}), detectMs: 60_000 })
    // Wait until all four nodes are surely broken, and none is known to be: then start.
    runUntil(scene, 55)
    const job = begin(scene, 4, 10)
    runUntil(scene, 116)
    assert.equal(scene.seen.some((line) => line.includes('job.up')), false)
    assert.ok(scene.seen.some((line) => line.includes('job.lost')))
    assert.deepEqual(placementOf(scene.state, job).spans, [])
    const { detection } = accountsOf(scene)
    const lostAt = Number(scene.seen.find((line) => line.includes('job.lost'))!.split(' ')[0])
    assert.equal(detection, 4 * (lostAt - 55))
  })

  test('the same seed fails alike, another seed otherwise', () => {
    const runs = [1, 1, 2].map((seed) => {
      const scene = sceneOf({ classes: striking({}), detectMs: 5000 }, seed)
      begin(scene, 2, 500, 10)
      runUntil(scene, 300)
      return scene.seen.join('\n')
    })
    assert.equal(runs[0], runs[1])
    assert.notEqual(runs[0], runs[2])
  })
})

describe('on another type of device', () => {
  function twoTypes(speed: number, failures: Partial<FailurePlan> = {}): Scene {
    const plant = toyPlant({
      sites: toyRow([0, 4], [1, 4]), systems: [{}, { speed, nodeTypicalW: 300, nodeIdleW: 100 }],
      ratios: { row0: 15_000 }, failures,
    })
    const state = createState(plant)
    return { state, twin: new Twin(state, 1), seen: [] }
  }

  function beginThere(scene: Scene, gpus: number, workS: number, everyS = 0): number {
    const { state, twin } = scene
    const job = submit(state, { gpus, limitMs: workS * 1000 })
    twin.accept(job, { ...traceJob({ id: 'a', work: 0, gpus, checkpointEveryMs: everyS * 1000 }),
      workMs: workS * 1000 })
    apply(state, { type: 'job.started', job, pool: 1, spans: [4, 4 + gpus, 0] })
    const number = state.tables.jobs.number[job]!
    twin.send({ ...PLAIN_ORDER, type: 'start', job, number, attempt: 1 })
    return job
  }

  test('a job works as fast as that type is, and its time there is what counts', () => {
    const scene = twoTypes(4, { launchMs: 10_000, checkpointStallMs: 2000 })
    beginThere(scene, 2, 100, 60)
    runUntil(scene, 1000)
    // 10 to come up, 100 / 4 of work, one stall after 60 of work.
    assert.deepEqual(scene.seen, ['10 job.up', '37 job.done'])
    assert.deepEqual(accountsOf(scene), { useful: 50, checkpoint: 4, restart: 20 })
  })

  test('on a slower one it takes longer, and nothing of that is slowness', () => {
    const scene = twoTypes(0.5)
    beginThere(scene, 1, 100)
    runUntil(scene, 150)
    assert.deepEqual(accountsOf(scene), { useful: 150 })
    runUntil(scene, 1000)
    assert.deepEqual(scene.seen, ['0 job.up', '200 job.done'])
  })

  test('energy of a job is what it draws above idle at the site, over all its runs', () => {
    const scene = twoTypes(2)
    const job = beginThere(scene, 2, 100)
    runUntil(scene, 10)
    // 2 GPUs × (300 − 100) W × 1.5 for cooling.
    assert.equal(scene.twin.energyWms(job), 600 * 10_000)
    runUntil(scene, 1000)
    assert.equal(scene.twin.energyWms(job), 600 * 50_000)
    assert.deepEqual([...scene.twin.accounts.energyOf], [600 * 50_000])
    scene.twin.finish(1_000_000)
    const idleJ = 4 * 100 * 1.5 * 1000
    assert.equal(scene.twin.meter.energyJ, idleJ + 600 * 50)
  })
})
