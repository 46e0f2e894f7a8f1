/** What must be so after any fault: nothing lost, nothing twice, every count right. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { brokenInvariants } from '../../src/core/invariants.ts'
import { hashState } from '../../src/core/state.ts'
import { openStore } from '../../src/journal/sqlite.ts'
import type { Store } from '../../src/journal/store.ts'
import { rebuild } from '../../src/run/live/rebuild.ts'
import { smallFactory } from './factory.ts'
import { claimsIn, leftOf } from './left.ts'
import { TRAIN, type Offer, type Scene } from './scene.ts'

/**
 * Jobs that were taken have ended as they should, each attempt was started once, and only those of
 * `again` had more than one. Closes the server, then holds the journal against what it had told.
 */
export async function checkAll(scene: Scene, again: readonly number[] = []): Promise<void> {
  await checkJobs(scene)
  await scene.stop()
  checkStarts(scene, again)
  await checkReplay(scene)
  for (const claimed of claimsIn(scene.folder)) {
    assert.deepEqual(leftOf(claimed), [], `processes of job ${claimed.number} are left`)
    assert.ok(existsSync(join(claimed.folder, 'exit.json')), `how ${claimed.number} ended`)
  }
}

/** A training job has the weights of an undisturbed run, byte for byte. */
export async function checkWeights(scene: Scene, { number }: Offer): Promise<void> {
  const alone = join(scene.root, 'alone')
  mkdirSync(alone)
  const [program = '', ...words] = TRAIN
  const ran = spawnSync(program, [...words, '--folder', alone], { encoding: 'utf8' })
  assert.equal(ran.status, 0, ran.stderr)
  const weights = readFileSync(join(scene.folder, 'jobs', 'jobs', `${number}`, 'work', 'weights'))
  assert.ok(weights.equals(readFileSync(join(alone, 'weights'))), 'the same weights')
}

async function checkJobs(scene: Scene): Promise<void> {
  const jobs = await scene.jobs()
  assert.equal(jobs.length, scene.offers.length, 'as many jobs as were asked for')
  for (const { key, number, job, outcome } of scene.offers) {
    const found = jobs.find((each) => each.number === number)
    assert.equal(found?.name, key)
    assert.equal(found?.outcome, outcome, `${key}, job ${number}`)
    const words = job.spec!.command!
    const steps = Number(words.at(-1))
    if (!words[1]!.endsWith('count.sh') || outcome !== 'completed') continue
    const [result] = scene.lines(`result-${number}`)
    assert.equal(result, `${steps} ${sumOf(steps)}`, `the count of job ${number}`)
  }
}

/** What `count.sh` comes to. */
function sumOf(steps: number): number {
  let sum = 1
  for (let step = 1; step <= steps; step++) sum = (sum * 31 + step) % 1_000_003
  return sum
}

function checkStarts(scene: Scene, again: readonly number[]): void {
  const starts = scene.lines('starts')
  assert.deepEqual(starts, [...new Set(starts)], 'each attempt was started once')
  for (const { number } of scene.offers) {
    const own = starts.filter((line) => line.startsWith(`${number} `))
    const most = again.includes(number) ? 2 : 1
    assert.ok(own.length <= most, `job ${number} was started as ${own.join(', ')}`)
  }
}

/** The state that servers had after a durable turn is what the journal tells of it. */
async function checkReplay({ folder, ground }: Scene): Promise<void> {
  const { plant } = smallFactory()
  const store = await openStore(folder, undefined)
  try {
    const { lastSeq } = store.opened
    const upTo = (last: number): Store => ({
      ...store, opened: { ...store.opened, snapshot: undefined, snapshotSeq: 0 },
      blocksAfter: (seq, most) => store.blocksAfter(seq, Math.min(most, last - seq)),
    })
    const seen = new Map(readFileSync(join(ground, 'hashes'), 'utf8').trim().split('\n')
      .map((line) => line.split(' ') as [string, string]))
    // One in seven of them, and the last: a replay of each from the start would take long.
    for (let seq = 1; seq <= lastSeq; seq += seq + 7 > lastSeq ? 1 : 7) {
      const { state } = await rebuild(upTo(seq), plant, seq)
      const told = seen.get(`${seq}`)
      if (told !== undefined) assert.equal(hashState(state), told, `the state after block ${seq}`)
      assert.deepEqual(brokenInvariants(state), [])
    }
    const whole = await rebuild(upTo(lastSeq), plant, lastSeq)
    const short = await rebuild(store, plant, lastSeq)
    assert.equal(hashState(short.state), hashState(whole.state), 'from the snapshot')
    assert.equal(seen.get(`${lastSeq}`), hashState(whole.state), 'at the end')
  } finally {
    await store.close()
  }
}
