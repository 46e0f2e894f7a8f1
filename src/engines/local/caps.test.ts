// Caps with their lease on real processes: pause and resume, a knob, a server that is gone.
import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { localScene, until, type LocalScene } from '../../../test/local-scene.ts'
import type { CapReport, JobReport } from '../../model/index.ts'
import type { OwnedSpec } from '../../model/spec.ts'

const STEPPED = new URL('../../../test/stepped-clock.mjs', import.meta.url).href
const TICKING = 'trap "echo saved; echo checkpoint >>$MILLRACE_STATUS" USR1; '
  + 'while :; do echo tick >>ticks; sleep 0.02; done'

/** The letter of a process's state in /proc: T is stopped. */
function stateOf(pid: number): string {
  try {
    return /\) (\w)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))?.[1] ?? ''
  } catch {
    return ''
  }
}

function ticksOf(scene: LocalScene, number: number): number {
  const path = join(scene.attempt(number), '../work/ticks')
  return existsSync(path) ? readFileSync(path, 'utf8').length : 0
}

async function capped(
  scene: LocalScene, number: number, order: number, isOwn = false): Promise<number> {
  const find = () => scene.reports.find((each): each is CapReport => each.type === 'cap'
    && each.number === number && each.order === order && each.isOwn === isOwn)
  await scene.until(`the cap of order ${order} of job ${number}`, () => find() !== undefined)
  return find()!.capW
}

/** A shell waits for a child that it forks for a moment; for one that is stopped, for good. */
const MOMENT_MS = 500

/** Stopped; or it waits (D) for longer than a moment for a child that is stopped. */
async function standing(pid: number): Promise<void> {
  let sinceMs = performance.now()
  await until(`process ${pid} to stand`, () => {
    const state = stateOf(pid)
    if (state !== 'D') sinceMs = performance.now()
    return state === 'T' || performance.now() - sinceMs > MOMENT_MS
  })
}

async function ticking(
  scene: LocalScene, number: number, spec: Partial<OwnedSpec> = {}): Promise<number> {
  scene.start(number, { command: ['sh', '-c', TICKING], graceMs: 5000, ...spec })
  await scene.until('its ticks', () => ticksOf(scene, number) > 0
    && scene.engine.progressOf!(number) !== undefined)
  return scene.engine.progressOf!(number)!.pid
}

describe('without a knob', () => {
  let scene: LocalScene
  before(async () => {
    scene = await localScene()
  })
  after(() => scene.close())

  test('a cap below the rating is a pause, which saves first; the rating ends it', async () => {
    const pid = await ticking(scene, 1, { checkpointSignal: 'SIGUSR1' })
    scene.order('cap', 1, { capW: 60, safeW: 60, order: 2 })
    assert.equal(await capped(scene, 1, 2), 0)
    await standing(pid)
    assert.equal(scene.log(1), 'saved\n')
    const ticks = ticksOf(scene, 1)
    scene.order('cap', 1, { capW: 100, safeW: 100, order: 3 })
    assert.equal(await capped(scene, 1, 3), 100)
    await until('more ticks', () => ticksOf(scene, 1) > ticks)
  })

  test('an order that a later one overtook is void, and the same one twice is one', async () => {
    const pid = await ticking(scene, 2)
    scene.order('cap', 2, { capW: 0, safeW: 0, order: 5 })
    scene.order('cap', 2, { capW: 100, safeW: 100, order: 4 })
    scene.order('cap', 2, { capW: 0, safeW: 0, order: 5 })
    assert.equal(await capped(scene, 2, 5), 0)
    await standing(pid)
  })

  test('a paused job is stopped for good where it is', async () => {
    await ticking(scene, 3)
    scene.order('cap', 3, { capW: 0, safeW: 0, order: 2 })
    await capped(scene, 3, 2)
    scene.order('stop', 3)
    await scene.reported(3, 'job.stopped')
  })

  test('a job that asks for it ends at a pause and starts again after it', async () => {
    const pid = await ticking(scene, 4, { pause: 'restart', checkpointSignal: 'SIGUSR1' })
    scene.order('cap', 4, { capW: 0, safeW: 0, order: 2 })
    await capped(scene, 4, 2)
    assert.ok(['', 'Z'].includes(stateOf(pid)))
    const ticks = ticksOf(scene, 4)
    scene.order('cap', 4, { capW: 100, safeW: 100, order: 3 })
    await capped(scene, 4, 3)
    await until('more ticks', () => ticksOf(scene, 4) > ticks)
    assert.ok(!scene.reports.some((each) => each.type === 'job.done' && each.number === 4))
  })

  test('the limit of a run does not count its pause', async () => {
    scene.start(5, { command: ['sh', '-c', TICKING], graceMs: 100 }, { limitMs: 800 })
    await scene.until('its ticks', () => ticksOf(scene, 5) > 0)
    scene.order('cap', 5, { capW: 0, safeW: 0, order: 2 })
    await capped(scene, 5, 2)
    const startMs = performance.now()
    await until('its limit, were it not paused', () => performance.now() - startMs > 900)
    assert.ok(!scene.reports.some((each) => each.type === 'job.done' && each.number === 5))
    scene.order('cap', 5, { capW: 100, safeW: 100, order: 3 })
    const done = await scene.reported(5, 'job.done') as JobReport
    assert.equal(done.cause, 'its limit of 800 ms is over')
  })
})

describe('the lease', () => {
  test('when the server is gone the safe cap is set, told when one is back', async () => {
    process.env.NODE_OPTIONS = `--import=${STEPPED}`
    const scene = await localScene({ leaseMs: 600 })
    delete process.env.NODE_OPTIONS
    try {
      const pid = await ticking(scene, 1)
      scene.order('cap', 1, { capW: 100, safeW: 0, order: 2 })
      assert.equal(await capped(scene, 1, 2), 100)
      // Renewed for longer than it lasts, whatever the wall clock of the supervisor says.
      const startMs = performance.now()
      await scene.until('two leases', () => performance.now() - startMs > 1200)
      assert.notEqual(stateOf(pid), 'T')
      await scene.engine.close()
      await standing(pid)
      await scene.reopen()
      scene.reports.length = 0
      scene.start(1, {})
      assert.equal(await capped(scene, 1, 2, true), 0)
      scene.order('cap', 1, { capW: 100, safeW: 100, order: 3 })
      assert.equal(await capped(scene, 1, 3), 100)
      assert.notEqual(stateOf(pid), 'T')
    } finally {
      await scene.close()
    }
  })

  test('an engine that another one followed is not obeyed', async () => {
    const scene = await localScene()
    try {
      const pid = await ticking(scene, 1)
      const first = scene.engine
      const second = await localScene({ folder: scene.folder })
      // Whatever fails below, only the newest engine is obeyed when all is ended.
      scene.engine = second.engine
      second.start(1, {})
      await second.reported(1, 'job.up')
      first.send({ type: 'stop', job: 1, number: 1, attempt: 1, capW: 0, safeW: 0, order: 0 },
        undefined)
      second.order('cap', 1, { capW: 0, safeW: 0, order: 2 })
      assert.equal(await capped(second, 1, 2), 0)
      await standing(pid)
      await first.close()
      second.order('stop', 1)
      await second.reported(1, 'job.stopped')
    } finally {
      await scene.close()
    }
  })
})

describe('with a knob', () => {
  test('each device is set by a program; what it cannot set becomes a pause', async () => {
    const words = 'echo "$1=$2" >>"$0"; [ "$2" != 55 ]'
    const folder = mkdtempSync(join(tmpdir(), 'millrace-local-'))
    const path = join(folder, 'set')
    const argv = ['sh', '-c', words, path, '{device}', '{watts}']
    const scene = await localScene({ folder, knob: { argv, ids: { 1: 'GPU-one' }, leastW: 50 } })
    try {
      const pid = await ticking(scene, 1)
      scene.order('cap', 1, { capW: 60, safeW: 60, order: 2 })
      assert.equal(await capped(scene, 1, 2), 60)
      assert.notEqual(stateOf(pid), 'T')
      scene.order('cap', 1, { capW: 49, safeW: 49, order: 3 })
      assert.equal(await capped(scene, 1, 3), 0)
      scene.order('cap', 1, { capW: 80, safeW: 80, order: 4 })
      assert.equal(await capped(scene, 1, 4), 80)
      scene.order('cap', 1, { capW: 55, safeW: 55, order: 5 })
      assert.equal(await capped(scene, 1, 5), 0)
      assert.equal(readFileSync(path, 'utf8'), 'GPU-one=100\nGPU-one=60\nGPU-one=80\nGPU-one=55\n')
    } finally {
      await scene.close()
    }
  })
})
