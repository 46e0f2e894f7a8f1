// Disks that fail below a server with real jobs: a torn last write, a journal or a disk that is
// full, one that is read-only, one that reports errors, one that is slow. Nothing that was answered
// is lost, nothing is done twice, and all goes on by itself once the disk does.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, statfsSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test, type TestContext } from 'node:test'
import { Tokens } from '../../src/api/tokens.ts'
import { withDisk } from '../store/disk.ts'
import { checkAll } from './check.ts'
import { Scene, type Offer } from './scene.ts'
import { tear } from './torn.ts'

const scenes: Scene[] = []
after(async () => {
  for (const scene of scenes) await scene.close()
})

function made(options: ConstructorParameters<typeof Scene>[0] = {}): Scene {
  const scene = new Scene(options)
  scenes.push(scene)
  return scene
}

async function started(options: ConstructorParameters<typeof Scene>[0] = {}): Promise<Scene> {
  const scene = made(options)
  assert.ok(await scene.start(), scene.said)
  return scene
}

test('a last write that is torn was answered to nobody, and is made up for', async () => {
  const scene = made()
  for (const [at, bytes] of [1, 2000, 4119].entries()) {
    scene.want(20)
    await scene.start({ step: 'commit', count: at + 2, ms: 0 })
    while (scene.isAlive) {
      await scene.ask()
      scene.want(1)
    }
    await scene.killed()
    const last = lastSeq(scene)
    tear(join(scene.folder, 'journal.db-wal'), bytes)
    assert.ok(await scene.start(), scene.said)
    const opened = scene.lines('hashes').findLast((line) => line.endsWith(' opened'))!
    const [seq] = opened.split(' ')
    assert.equal(Number(seq), last, 'the turn that was durable and nobody knew of is gone')
    await scene.ask()
    await scene.killed(true)
  }
  await scene.start()
  await scene.ask()
  await scene.ended()
  await checkAll(scene)
})

test('a journal that may not grow refuses, and goes on by itself when it may', async () => {
  const scene = await started()
  const early = scene.want(30)
  await scene.ask()
  // How far it may grow is read when it is opened.
  await scene.killed(true)
  writeFileSync(join(scene.ground, 'most'), '300000')
  assert.ok(await scene.start(), scene.said)
  await refused(scene, /the disk is full, or the journal has grown to the most/)
  rmSync(join(scene.ground, 'most'))
  await scene.ask()
  await scene.ended()
  assert.ok(early.number > 0)
  await checkAll(scene)
})

test('a full disk refuses, jobs run on, and all goes on when there is room', async (context) => {
  await onDisk(context, async (scene, disk) => {
    const early = scene.want(30)
    await scene.ask()
    await scene.until('its work', () => scene.lines('starts').length === 1)
    fill(disk)
    await refused(scene, /the disk is full, or .* most that/)
    await scene.until('its last step', () => scene.has(`result-${early.number}`))
    rmSync(join(disk, 'ballast'))
    await scene.ask()
    await scene.ended()
    await checkAll(scene)
  })
})

test('tokens are known and kept on a disk that is full or nearly so', async (context) => {
  const mount = mkdtempSync(join(tmpdir(), 'millrace-disk-'))
  await withDisk(context, join(mount, 'disk'), 'size=1m', async (disk) => {
    let nowMs = Date.now()
    const tokens = new Tokens(disk, () => nowMs)
    const names = Array.from({ length: 40 }, (_, at) => `robot ${at}`)
    const robots = names.map((name) => tokens.make({
      name, role: 'viewer', account: '', expiresAtMs: 0, madeBy: '' }))
    const { size } = statSync(join(disk, 'tokens.json'))
    const { bsize } = statfsSync(disk)
    assert.ok(size > bsize, 'more than a page')
    for (const pages of [0, 1]) {
      fill(disk, pages)
      nowMs += 120_000
      for (const { token, record } of robots) assert.equal(tokens.find(token)?.name, record.name)
      tokens.close()
      const again = new Tokens(disk)
      for (const { token, record } of robots) assert.equal(again.find(token)?.name, record.name)
      rmSync(join(disk, 'ballast'))
    }
  })
  rmSync(mount, { recursive: true })
})

test('on a read-only disk a server says so; on it again, it goes on', async (context) => {
  await onDisk(context, async (scene, _, remount) => {
    scene.want(3)
    await scene.ask()
    await scene.ended()
    await scene.stop()
    remount('ro')
    assert.equal(await scene.start(), false)
    assert.match(scene.said, /read-only/)
    remount('rw')
    assert.ok(await scene.start(), scene.said)
    scene.want(3)
    await scene.ask()
    await scene.ended()
    await checkAll(scene)
  })
})

test('a disk that reports errors refuses, and all goes on when it stops that', async (context) => {
  const scene = await started()
  const early = scene.want(30)
  await scene.ask()
  await scene.until('its work', () => scene.lines('starts').length === 1)
  if (!limitFiles(scene, '20000')) {
    return context.diagnostic('there is no prlimit here: nothing is shown')
  }
  await refused(scene, /the disk reports an error, or a quota or a limit/)
  await scene.until('its last step', () => scene.has(`result-${early.number}`))
  limitFiles(scene, 'unlimited')
  await scene.ask()
  await scene.ended()
  await checkAll(scene)
})

test('a slow disk holds up nobody but who waits for it', async () => {
  const scene = await started()
  writeFileSync(join(scene.ground, 'slow'), '300')
  const offers = Array.from({ length: 20 }, () => scene.want(2))
  const before = lastSeq(scene)
  const isFirst = (what: string, step: Promise<unknown>) => step.then(() => what)
  const asked = scene.ask()
  assert.equal(await Promise.race([isFirst('write', asked), isFirst('read', scene.jobs())]), 'read')
  await asked
  const turns = lastSeq(scene) - before
  assert.ok(turns < offers.length, `${turns} writes for ${offers.length} requests`)
  await scene.killed(true)
  await scene.start()
  await scene.ended()
  await checkAll(scene)
})

/** A server whose state is on a small disk of its own, where this user may mount one. */
async function onDisk(context: TestContext, step: (
  scene: Scene, disk: string, remount: (option: string) => void) => Promise<void>): Promise<void> {
  const mount = mkdtempSync(join(tmpdir(), 'millrace-disk-'))
  const disk = join(mount, 'disk')
  await withDisk(context, disk, 'size=12m', async (_, remount) => {
    const scene = await started({ folder: join(disk, 'state') })
    try {
      await step(scene, disk, remount)
    } finally {
      await scene.close()
    }
  })
  rmSync(mount, { recursive: true })
}

/** Asks for large jobs until one is refused for want of a durable answer. */
async function refused(scene: Scene, why: RegExp): Promise<void> {
  const large: Offer[] = []
  await scene.until('a refusal', async () => {
    const environment = { BALLAST: '.'.repeat(30_000) }
    large.push(scene.want(1, { spec: { ...scene.want(1).job.spec!, environment } }))
    await scene.ask(1)
    return scene.refusals.length > 0
  })
  assert.match(scene.refusals.join('\n'), why)
  assert.ok(scene.isAlive)
}

/** Leaves nothing free but some pages. */
function fill(disk: string, pages = 0): void {
  const { bavail, bsize } = statfsSync(disk)
  try {
    writeFileSync(join(disk, 'ballast'), Buffer.alloc((bavail - pages) * bsize))
  } catch {
    // The server took a page meanwhile: it is full all the same.
  }
}

/** How large a file of the server may grow; false where this machine cannot say that. */
function limitFiles({ child }: Scene, bytes: string): boolean {
  const set = spawnSync('prlimit', ['--pid', `${child!.pid}`, `--fsize=${bytes}:`])
  return set.status === 0
}

function lastSeq(scene: Scene): number {
  return Number(scene.lines('hashes').at(-1)!.split(' ')[0])
}
