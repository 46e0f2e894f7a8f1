// Shows that whole runs come out exactly: the W1 lists against the numbers of three other
// simulators, a run of a day with failures whose books balance, and what it is worth under a limit
// to start where a watt does most.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { fromHours } from '../base/units.ts'
import { loadCatalogue } from '../catalog/catalogue.ts'
import { compilePlant } from '../catalog/plant.ts'
import { JournalReader } from '../journal/reader.ts'
import { replay } from '../journal/replay.ts'
import type { Plant, TraceJob } from '../model/index.ts'
import { factorySchema } from '../model/schema.ts'
import { plainJob } from '../../test/plain-job.ts'
import { readTrace } from '../traces/read.ts'
import { policiesOf } from '../policies/index.ts'
import { runTwin } from './compose.ts'
import { readFactory } from './factory-file.ts'
import { smallPlant, smallRun, SMALL_POLICIES } from '../../test/small-run.ts'

const EXAMPLES = join(import.meta.dirname, '..', '..', 'examples')
const FIFO = { order: 'fifo', backfill: 'none', place: 'pack' }

function runJobs(plant: Plant, jobs: readonly TraceJob[], policies = FIFO) {
  let next = 0
  const { summary, problems } = runTwin({
    plant, document: {}, traces: [], policies, seed: 1, untilMs: Infinity, checkEvery: 1000,
    source: {
      peekAtMs: () => jobs[next]?.submitAtMs ?? Infinity,
      next: () => {
        const job = jobs[next++]!
        return { job, name: job.id }
      },
    },
  })
  assert.deepEqual(problems, [])
  return summary
}

describe('the W1 lists under strict FIFO on whole nodes', () => {
  const lists = [
    { nodes: 128, jobs: 5000, waitS: 7749.2184, jctS: 11_381.4938, makespanS: 1_070_227 },
    { nodes: 9472, jobs: 20_000, waitS: 7.1154, jctS: 3641.1376, makespanS: 64_870 },
  ]
  for (const { nodes, jobs, waitS, jctS, makespanS } of lists) {
    test(`${nodes} nodes and ${jobs} jobs`, async () => {
      const { plant } = readFactory(join(EXAMPLES, 'w1', `factory-${nodes}.yaml`))
      const trace = await readTrace('swf', join(EXAMPLES, 'traces', `w1_${nodes}_${jobs}.swf.gz`))
      const summary = runJobs(plant, [...trace.jobs])
      assert.equal(summary.jobs.completed, jobs)
      assert.equal((summary.waitMs.mean / 1000).toFixed(4), waitS.toFixed(4))
      assert.equal((summary.jctMs.mean / 1000).toFixed(4), jctS.toFixed(4))
      assert.equal(summary.makespanMs / 1000, makespanS)
    })
  }

  test('1,024 nodes, by hand: three jobs that fit, and one that waits for two of them', () => {
    const { plant } = readFactory(join(EXAMPLES, 'w1', 'factory-1024.yaml'))
    const list = [plainJob('a', 0, 500, 40_000), plainJob('b', 0, 300, 60_000),
      plainJob('c', 1000, 224, 90_000), plainJob('d', 2000, 700, 10_000)]
    const { waitMs, jctMs, makespanMs, gpuHours } = runJobs(plant, list)
    // a and b fill 800, c the last 224. d needs 700: the 500 of a at 40 s and 300 of b at 60 s.
    assert.equal(waitMs.mean, 58_000 / 4)
    assert.equal(jctMs.mean, (40_000 + 60_000 + 90_000 + 68_000) / 4)
    assert.equal(makespanMs, 91_000)
    const gpuMs = 500 * 40_000 + 300 * 60_000 + 224 * 90_000 + 700 * 10_000
    assert.ok(Math.abs(gpuHours.allocated - gpuMs / 3_600_000) < 1e-9)
    assert.ok(Math.abs(gpuHours.useful - gpuHours.allocated) < 1e-9)
  })
})

describe('a day with failures and a limit', () => {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-compose-'))
  const path = join(folder, 'small.mrj')
  const { summary, problems, state, series } = smallRun(path)

  test('its books balance', () => {
    assert.deepEqual(problems, [])
    const { gpuHours, jobs } = summary
    assert.ok(gpuHours.lostDetection > 0 && gpuHours.lostRestart > 0 && gpuHours.down > 0)
    const sum = gpuHours.useful + gpuHours.lostCheckpoint + gpuHours.lostRework
      + gpuHours.lostDetection + gpuHours.lostRestart + gpuHours.lostSlow
      + gpuHours.lostCapped + gpuHours.lostPaused
    assert.ok(Math.abs(sum - gpuHours.allocated) < 1e-3 * gpuHours.allocated)
    assert.ok(gpuHours.allocated + gpuHours.down <= gpuHours.capacity)
    assert.equal(jobs.submitted,
      jobs.completed + jobs.failed + jobs.cancelled + jobs.running + jobs.waiting)
    assert.ok(summary.peakDrawW <= summary.peakGrantW && summary.peakGrantW <= summary.limitW)
    const byClass = Object.values(summary.failuresByClass).reduce((total, each) => total + each, 0)
    assert.equal(byClass, summary.failures)
  })

  test('its series cover it', () => {
    const { intervalMs, atMs, gpusBusy, drawW } = series
    assert.equal(atMs.length, Math.ceil(summary.horizonMs / intervalMs))
    assert.equal(gpusBusy.length, drawW.length)
    assert.ok(drawW.every((watts) => watts > 0 && watts <= summary.peakDrawW))
  })

  test('its journal replays to the same state, and the policies decide the same (I12)', () => {
    for (const policies of [undefined, policiesOf(SMALL_POLICIES).policies]) {
      const reader = new JournalReader(path)
      const replayed = replay(reader, smallPlant(), policies)
      reader.close()
      assert.equal(replayed.stateHash, summary.stateHash)
      assert.equal(replayed.journalHash, summary.journalHash)
    }
    assert.equal(state.totals.events, summary.eventCount)
    rmSync(folder, { recursive: true })
  })
})

/** Jobs of 8 GPUs and 4 hours on an H100 that a day of 512 H100 and 512 B200 under 1 MW ends. */
function completed(place: string): { jobs: number, grantW: number } {
  const document = factorySchema.parse({
    name: 'two-types', failures: 'none',
    sites: [{ name: 'here', limit: '1 MW', racks: [
      { system: 'dgx-h100', nodes: 64 }, { system: 'dgx-b200', nodes: 64 }] }],
  })
  let next = 0
  const { summary } = runTwin({
    plant: compilePlant(document, loadCatalogue()), document, traces: [], seed: 1,
    untilMs: fromHours(24), checkEvery: 1000,
    policies: { order: 'fifo', backfill: 'none', place },
    source: {
      peekAtMs: () => next < 600 ? 0 : Infinity,
      next: () => ({ job: plainJob(`${next++}`, 0, 8, fromHours(4), fromHours(4)), name: '' }),
    },
  })
  return { jobs: summary.jobs.completed, grantW: summary.peakGrantW }
}

test('a day under 1 MW completes 47 % more where B200 come before H100', () => {
  const pack = completed('pack')
  const efficient = completed('efficient')
  assert.ok(Math.max(pack.grantW, efficient.grantW) <= 1_000_000)
  // Above 805 kW of base load: 38 jobs on H100 (627 W a GPU) six times, or 28 on B200 (863 W)
  // twelve times, each in 4 h / 2.006.
  assert.deepEqual([pack.jobs, efficient.jobs], [228, 336])
})
