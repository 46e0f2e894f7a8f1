// Real jobs that do not play along, below a server that is killed: a supervisor that dies, a job
// that ignores signals, one that forks away; and a second server on the same folder.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { isAlive } from '../../src/engines/local/processes.ts'
import { checkAll } from './check.ts'
import { claimsIn, leftOf, type Claimed } from './left.ts'
import { Scene } from './scene.ts'

const scenes: Scene[] = []
after(async () => {
  for (const scene of scenes) await scene.close()
})

async function started(): Promise<Scene> {
  const scene = new Scene()
  scenes.push(scene)
  assert.ok(await scene.start(), scene.said)
  return scene
}

async function claimOf(scene: Scene, number: number): Promise<Claimed> {
  const find = () => claimsIn(scene.folder).find((each) => each.number === number)
  await scene.until(`the supervisor of job ${number}`, () => find() !== undefined)
  return find()!
}

function hasBegun(scene: Scene, number: number): boolean {
  return scene.lines('starts').some((line) => line.startsWith(`${number} `))
}

for (const isThere of [true, false]) {
  test(`a supervisor is killed while the server is ${isThere ? 'there' : 'away'}`, async () => {
    const scene = await started()
    const hit = scene.want(100)
    const other = scene.want(60)
    await scene.ask()
    await scene.until('the work of both', () => hasBegun(scene, hit.number)
      && hasBegun(scene, other.number))
    const claimed = await claimOf(scene, hit.number)
    await scene.until('its process', () => leftOf(claimed).length > 0)
    if (!isThere) await scene.killed(true)
    process.kill(claimed.claim.supervisor.pid, 'SIGKILL')
    if (!isThere) await scene.start()
    await scene.ended()
    assert.deepEqual(scene.lines('starts').filter((line) => line.startsWith(`${hit.number} `)),
      [`${hit.number} 1 1`, `${hit.number} 2 1`])
    await checkAll(scene, [hit.number])
  })
}

test('a job that ignores signals is ended all the same, without a server too', async () => {
  const scene = await started()
  const deaf = scene.shell(
    `trap '' TERM INT HUP USR1; echo $MILLRACE_JOB >>${scene.ground}/starts; `
    + 'while :; do sleep 0.05; done', { graceMs: 700 })
  deaf.outcome = 'cancelled'
  const other = scene.want(20)
  await scene.ask()
  await scene.until('its work', () => scene.lines('starts').includes(`${deaf.number}`))
  await scene.client.cancel(deaf.number)
  await scene.killed(true)
  await scene.start()
  await scene.ended()
  const claimed = await claimOf(scene, deaf.number)
  await scene.until('its end', () => !isAlive(claimed.claim.supervisor))
  assert.ok(other.number > 0)
  await checkAll(scene)
})

test('what a job forked away is ended with it, however the job ends', async () => {
  const scene = await started()
  const away = `setsid sh -c '(sh -c "echo \\$\\$ >>${scene.ground}/away; exec sleep 1000" &) &'; `
  const own = scene.shell(`${away} while [ ! -e ${scene.ground}/go ]; do sleep 0.02; done`)
  const told = scene.shell(`${away} sleep 1000`, { graceMs: 300 })
  told.outcome = 'cancelled'
  await scene.ask()
  await scene.until('what they forked', () => scene.lines('away').length === 2)
  const pids = scene.lines('away').map(Number)
  await scene.killed(true)
  assert.ok(pids.every(isRunning), 'they run on without a server')
  await scene.start()
  scene.note('go', '')
  await scene.client.cancel(told.number)
  await scene.ended()
  assert.ok(own.number > 0)
  await scene.until('the end of what they forked', () => !pids.some(isRunning))
  await checkAll(scene)
})

test('a supervisor whose folder was removed ends with its job', async () => {
  const scene = await started()
  const job = scene.want(30)
  await scene.ask()
  const { number } = job
  await scene.until('its work', () => hasBegun(scene, number))
  const { claim } = await claimOf(scene, number)
  await scene.killed(true)
  rmSync(scene.folder, { recursive: true })
  await scene.until('its last step', () => scene.has(`result-${number}`))
  await scene.until('the end of its supervisor', () => !isAlive(claim.supervisor))
})

test('a second server on a folder is refused with the pid of the first', async () => {
  const scene = await started()
  scene.want(5)
  const none = JSON.stringify({ step: 'none', count: 0, ms: 0 })
  const second = spawnSync(process.execPath,
    [join(import.meta.dirname, 'server.ts'), scene.folder, scene.ground, none],
    { encoding: 'utf8', timeout: 60_000 })
  assert.equal(second.status, 1)
  assert.match(second.stderr,
    new RegExp(`the process with pid ${scene.child!.pid} uses this folder`))
  await scene.ask()
  await scene.ended()
  await checkAll(scene)
})

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
