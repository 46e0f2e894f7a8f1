// The server or a supervisor is killed with SIGKILL at each step: no job is lost or started twice.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import {
  commandOf, gangOf, localScene, specOf, until, type LocalScene,
} from '../../../test/local-scene.ts'
import type { JobReport } from '../../model/index.ts'
import { identityOf, isAlive } from './processes.ts'

const SERVER = join(import.meta.dirname, '../../../test/local-server.ts')
const scenes: LocalScene[] = []
const ground = mkdtempSync(join(tmpdir(), 'millrace-ran-'))
let paths = 0

after(async () => {
  for (const scene of scenes) await scene.close()
  rmSync(ground, { recursive: true })
})

/** A file of its own that a job writes to. */
function freshPath(): string {
  return join(ground, `${++paths}`)
}

function isRunning(pid: number): boolean {
  const identity = identityOf(pid)
  return identity !== undefined && isAlive(identity)
}

/** A server that starts job 1 and is killed; then an engine on what it left behind. */
async function crash(step: string, delayMs: number, words: string): Promise<LocalScene> {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-local-'))
  const server = spawn(process.execPath, [SERVER, folder, step, `${delayMs}`, words], {
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  const [, name] = await once(server, 'exit') as [number, string]
  assert.equal(name, 'SIGKILL')
  const scene = await localScene({ folder })
  scenes.push(scene)
  return scene
}

/** Its words write a line each time they run. */
const counting = (path: string) => (
  `echo ran >>${path}; while [ ! -e ${path}.go ]; do sleep 0.02; done`)
const starts = (path: string) => readFileSync(path, 'utf8').trim().split('\n').length

function reconcile(scene: LocalScene, words: string): void {
  const command = commandOf('start', 1, { capW: 100, safeW: 100, order: 1 })
  const spec = specOf({ command: ['sh', '-c', words], graceMs: 200 })
  scene.engine.reconcile([{ command, spec, gang: gangOf(1) }])
}

for (const delayMs of [0, 1, 3, 6, 10, 20, 40, 100]) {
  test(`the server is killed ${delayMs} ms after it sent a start`, async () => {
    const path = freshPath()
    const scene = await crash('sent', delayMs, counting(path))
    reconcile(scene, counting(path))
    await scene.reported(1, 'job.up')
    await until('its line', () => existsSync(path))
    writeFileSync(`${path}.go`, '')
    const done = await scene.reported(1, 'job.done') as JobReport
    assert.equal(done.outcome, 'completed')
    assert.equal(starts(path), 1)
  })
}

test('the server is killed while a job runs, which ends before the next one is there', async () => {
  const path = freshPath()
  writeFileSync(`${path}.go`, '')
  const scene = await crash('up', 0, `${counting(path)}; exit 5`)
  await until('its end', () => existsSync(join(scene.attempt(1), 'exit.json')))
  reconcile(scene, counting(path))
  const done = await scene.reported(1, 'job.done') as JobReport
  assert.equal(done.cause, 'exit code 5')
  assert.deepEqual(
    scene.reports.map(({ type }) => type).filter((type) => type.startsWith('job.')),
    ['job.up', 'job.done'], 'it was up, though nobody was there to see it')
  assert.equal(starts(path), 1)
})

test('the server is killed before it could tell of an end', async () => {
  const path = freshPath()
  writeFileSync(`${path}.go`, '')
  const scene = await crash('done', 0, counting(path))
  reconcile(scene, counting(path))
  assert.equal((await scene.reported(1, 'job.done') as JobReport).outcome, 'completed')
  assert.equal(starts(path), 1)
})

test('what is not placed any more is ended', async () => {
  const path = freshPath()
  const scene = await crash('up', 0, counting(path))
  const { pid } = JSON.parse(readFileSync(join(scene.attempt(1), 'supervisor.json'), 'utf8'))
    .supervisor as { pid: number }
  assert.ok(isRunning(pid))
  scene.engine.reconcile([])
  await scene.until('its end', () => !isRunning(pid))
  const exit = readFileSync(join(scene.attempt(1), 'exit.json'), 'utf8')
  assert.equal(JSON.parse(exit).type, 'stopped')
})

for (const isThere of [true, false]) {
  test(`a supervisor is killed while the server is ${isThere ? 'there' : 'away'}`, async () => {
    const scene = await localScene()
    scenes.push(scene)
    scene.start(1, { command: ['sh', '-c', 'echo checkpoint >>$MILLRACE_STATUS; '
      + 'setsid sleep 1000 & echo $! $$; sleep 1000'] }, { keptMs: 7000 })
    await scene.until('a checkpoint', () => (scene.engine.progressOf!(1)?.savedAtMs ?? 0) > 0)
    await until('what it kept', () => existsSync(join(scene.attempt(1), 'saved.json')))
    const pids = scene.log(1).trim().split(' ').map(Number)
    const { supervisor } = JSON.parse(
      readFileSync(join(scene.attempt(1), 'supervisor.json'), 'utf8')) as {
        supervisor: { pid: number } }
    if (!isThere) await scene.engine.close()
    process.kill(supervisor.pid, 'SIGKILL')
    if (!isThere) {
      await scene.reopen()
      reconcile(scene, 'true')
    }
    const lost = await scene.reported(1, 'job.lost') as JobReport
    assert.equal(lost.cause, 'its supervisor was killed')
    assert.ok(lost.keptMs >= 7000 && lost.keptMs < 60_000, `${lost.keptMs} ms`)
    assert.ok(Number.isInteger(lost.keptMs), `${lost.keptMs} ms are whole, as journals ask`)
    for (const pid of pids) assert.ok(!isRunning(pid), `process ${pid} still runs`)
  })
}
