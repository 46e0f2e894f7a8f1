// The example that trains ends with the same weights, byte for byte, whether it runs undisturbed
// or is paused, requeued, killed with its supervisor and started again.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import {
  commandOf, gangOf, localScene, specOf, type LocalScene,
} from '../../../test/local-scene.ts'
import type { JobReport, OwnedSpec } from '../../model/index.ts'

const TRAIN = join(import.meta.dirname, '../../../examples/train/train.sh')
const STEPS = 300
const skip = spawnSync('python3', ['--version']).status === 0 ? false : 'there is no python3'

let scene: LocalScene
let undisturbed: Buffer
before(async () => {
  scene = await localScene()
  if (skip !== false) return
  const folder = mkdtempSync(join(tmpdir(), 'millrace-train-'))
  const { status, stderr } = spawnSync(TRAIN, ['--steps', `${STEPS}`, '--folder', folder])
  assert.equal(status, 0, `${stderr}`)
  undisturbed = readFileSync(join(folder, 'weights'))
  rmSync(folder, { recursive: true })
})
after(() => scene.close())

const TRAINING: Partial<OwnedSpec> = {
  command: [TRAIN, '--steps', `${STEPS}`, '--every', '1000'], checkpointSignal: 'SIGUSR1',
}

function weightsOf(number: number): Buffer {
  return readFileSync(join(scene.attempt(number), '../work/weights'))
}

/** Waits until it has come that far by its own word. */
async function reach(number: number, step: number): Promise<void> {
  await scene.until(`step ${step}`, () => (
    Number(/^step (\d+)/.exec(scene.engine.progressOf!(number)?.says ?? '')?.[1] ?? 0) >= step))
}

async function cap(number: number, order: number, capW: number): Promise<void> {
  scene.order('cap', number, { capW, safeW: capW, order })
  await scene.until(`the answer to order ${order}`, () => scene.reports.some((each) => (
    each.type === 'cap' && each.number === number && each.order === order)))
}

for (const [number, pause] of [[1, 'stop'], [2, 'restart']] as const) {
  test(`two pauses (${pause}) leave no trace in the weights`, { skip }, async () => {
    scene.start(number, { ...TRAINING, pause })
    await reach(number, 30)
    await cap(number, 2, 0)
    await cap(number, 3, 100)
    await reach(number, 80)
    await cap(number, 4, 0)
    await cap(number, 5, 100)
    const done = await scene.reported(number, 'job.done') as JobReport
    assert.equal(done.outcome, 'completed', scene.log(number))
    assert.ok(weightsOf(number).equals(undisturbed))
  })
}

test('a requeue and a killed supervisor leave none either', { skip }, async () => {
  const start = (attempt: number) => scene.engine.send(
    commandOf('start', 3, { attempt, capW: 100, order: 1 }), specOf(TRAINING), gangOf(3))
  start(1)
  await reach(3, 30)
  scene.order('stop', 3)
  await scene.reported(3, 'job.stopped')
  start(2)
  await reach(3, 60)
  scene.order('checkpoint', 3, { attempt: 2 })
  await scene.until('a checkpoint', () => (scene.engine.progressOf!(3)?.savedAtMs ?? 0) > 0)
  const { supervisor } = JSON.parse(readFileSync(
    join(scene.attempt(3, 2), 'supervisor.json'), 'utf8')) as { supervisor: { pid: number } }
  process.kill(supervisor.pid, 'SIGKILL')
  const lost = await scene.reported(3, 'job.lost') as JobReport
  assert.ok(lost.keptMs > 0)
  start(3)
  const done = await scene.reported(3, 'job.done') as JobReport
  assert.equal(done.outcome, 'completed')
  assert.ok(weightsOf(3).equals(undisturbed))
  const log = readFileSync(join(scene.attempt(3, 3), 'node-0.log'), 'utf8')
  assert.match(log, /^goes on after step \d+/)
})

test('without Python it says what is missing', () => {
  const empty = join(scene.folder, 'empty')
  mkdirSync(empty)
  const { status, stderr } = spawnSync('/bin/sh', [TRAIN], { env: { PATH: empty } })
  assert.equal(status, 127)
  assert.match(`${stderr}`, /needs Python 3/)
})
