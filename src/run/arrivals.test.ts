// Jobs that a journal has after a moment come in a look ahead as they did in the run, those too
// that wait for others: with exact limits each starts and ends when it did.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { MINUTE_MS as MINUTE, runScene, type Scene } from '../../test/schedule.ts'
import { toyPlant, toyRow } from '../../test/toy-plant.ts'
import { JournalReader } from '../journal/reader.ts'
import { replay } from '../journal/replay.ts'
import { lookAhead } from './ahead.ts'
import { arrivalsOf } from './arrivals.ts'
import { policiesOf } from '../policies/index.ts'

const folder = mkdtempSync(join(tmpdir(), 'millrace-arrivals-'))
after(() => rmSync(folder, { recursive: true }))

const plant = toyPlant({ sites: toyRow(4) })
const SCENE: Scene = {
  plant,
  policies: 'fifo none pack',
  jobs: [
    { id: 'a', work: 10 }, { id: 'b', work: 30 }, { id: 'c', work: 5, at: 1, after: 'afterok:a' },
    { id: 'd', work: 4, at: 12, after: 'afterok:b' },
    { id: 'e', work: 4, at: 13, after: 'afterany:d' },
    { id: 'f', work: 4, at: 14, after: 'afterany:a' }, { id: 'g', gpus: 4, work: 2, at: 15 },
  ],
}

test('who waits for whom is told in a way that holds in a fork', () => {
  const path = join(folder, 'run.mrj')
  const starts = new Map<string, number>()
  const ends = new Map<string, number>()
  runScene(SCENE, path, ({ names, totals }, event) => {
    if (event.type === 'job.started') starts.set(names[event.job]!, totals.nowMs)
    if (event.type === 'job.ended') ends.set(names[event.job]!, totals.nowMs)
  })
  // When it is 11, a has ended: its row is another's by then, and nobody waits for it.
  const arrivals = arrivalsOf(path, 11 * MINUTE, 14 * MINUTE)
  assert.deepEqual(arrivals.map(({ atMs, request, after: waits }) =>
    [atMs / MINUTE, request.name, waits]), [
    [12, 'd', [{ on: 'completed', number: 2, arrival: -1 }]],
    [13, 'e', [{ on: 'ended', number: -1, arrival: 0 }]],
    [14, 'f', []],
  ])
  for (const minute of [0, 0.5, 1, 11, 13]) {
    const reader = new JournalReader(path)
    const { state } = replay(reader, plant, undefined, minute * MINUTE)
    reader.close()
    const ahead = lookAhead(state, {
      ...policiesOf({ order: 'fifo', backfill: 'none', place: 'pack' }), seed: 1,
      untilMs: 100 * MINUTE, failures: true,
      arrivals: arrivalsOf(path, minute * MINUTE, Infinity),
    })
    const jobs = [...ahead.jobs, ...ahead.arrivals.map((job) => job!)]
    assert.equal(jobs.length, 7 - [...ends.values()].filter((atMs) => atMs <= minute * MINUTE)
      .length)
    for (const job of jobs) {
      assert.deepEqual([job.name, job.startAtMs, job.endAtMs],
        [job.name, starts.get(job.name), ends.get(job.name)])
    }
  }
})
