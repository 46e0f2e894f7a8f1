// Shows what a run is summed up to, for a handful of jobs worked out by hand.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createState } from '../core/state.ts'
import { Twin } from '../engines/twin/twin.ts'
import { JournalWriter } from '../journal/writer.ts'
import { MINUTE_MS, traceJob, type ToyJob } from '../../test/schedule.ts'
import { toyPlant, toyRow } from '../../test/toy-plant.ts'
import { policiesOf } from '../policies/index.ts'
import { runLoop } from './loop.ts'
import { Recorder, type JobRow } from './record.ts'

/** Four nodes of two GPUs; a has all, b half, c and d one GPU each and d fails. */
const JOBS: readonly ToyJob[] = [
  { id: 'a', gpus: 8, work: 10 }, { id: 'b', gpus: 4, work: 20 },
  { id: 'c', gpus: 1, work: 5, at: 2 }, { id: 'd', gpus: 1, work: 5, at: 2, outcome: 'failed' },
  { id: 'e', gpus: 9, work: 1, at: 3 },
]

function record(untilMinute: number) {
  const state = createState(toyPlant({ sites: toyRow(4), systems: [{ gpus: 2 }] }))
  const twin = new Twin(state, 1)
  const rows: JobRow[] = []
  const recorder = new Recorder(state, twin, (row) => { rows.push(row) })
  const jobs = JOBS.map(traceJob)
  let next = 0
  const names = { order: 'fifo', backfill: 'none', place: 'pack' }
  runLoop({
    state, twin, recorder, ...policiesOf(names), round: { decisions: 0, refused: 0,
      lastProblem: '' }, checkEvery: 1,
    journal: new JournalWriter(undefined, { format: 4, version: '', factory: {}, catalogue: '',
      seed: 1, policies: names }),
    source: {
      peekAtMs: () => jobs[next]?.submitAtMs ?? Infinity,
      next: () => ({ job: jobs[next]!, name: jobs[next++]!.id }),
    },
    onBroken: (problems) => { throw new Error(problems.join('; ')) },
  }, untilMinute * MINUTE_MS, () => {})
  return { recorder, rows }
}

/** GPU-minutes as hours. */
function hours(gpuMinutes: number): number {
  return gpuMinutes / 60
}

test('counts, waits and hours of a run to its end', () => {
  // a runs 0 to 10, then b, c and d start together: b until 30, c and d until 15. e is refused.
  const { recorder } = record(Infinity)
  assert.deepEqual(recorder.counts(), { submitted: 5, started: 4, completed: 3, failed: 1,
    cancelled: 0, refused: 1, running: 0, waiting: 0 })
  const { waitMs, jctMs } = recorder.spreads()
  assert.equal(waitMs.mean, ((0 + 10 + 8 + 8) / 4) * MINUTE_MS)
  assert.deepEqual([waitMs.p50, waitMs.p99], [8 * MINUTE_MS, 10 * MINUTE_MS])
  // Only jobs that completed have a time to completion: 10, 30 and 13 minutes.
  assert.equal(jctMs.mean, (53 / 3) * MINUTE_MS)
  assert.equal(recorder.lastEndAtMs, 30 * MINUTE_MS)
  const { capacity, allocated, useful, down } = recorder.gpuHours()
  assert.deepEqual([capacity, allocated, useful, down],
    [hours(240), hours(80 + 80 + 10), hours(170), 0])
  assert.deepEqual(recorder.peaks(), { drawW: 800, grantW: 800 })
})

test('waits by the size of the gang', () => {
  const sizes = record(Infinity).recorder.waitsBySize()
  assert.deepEqual(sizes.map(({ gpus, jobs, started, gpuHours }) =>
    ({ gpus, jobs, started, gpuHours })), [
    { gpus: '1', jobs: 2, started: 2, gpuHours: hours(10) },
    { gpus: '2-7', jobs: 1, started: 1, gpuHours: hours(80) },
    { gpus: '8', jobs: 1, started: 1, gpuHours: hours(80) },
  ])
})

test('what held the first waiting job, as shares of the time in which one waited', () => {
  assert.deepEqual(record(Infinity).recorder.limitedBy(),
    [{ reason: 'nodes', at: 'pool0-chip0', ratio: 1 }])
  // Of twelve minutes the first ten are b's wait; the reason ends with it.
  assert.equal(record(12).recorder.limitedBy()[0]!.ratio, 1)
  assert.deepEqual(record(0).recorder.limitedBy(), [])
})

test('a row for each job, and for those that are still there at the end', () => {
  const row = (job: string, gpus: number, submit: number, start: number, end: number,
    outcome: string): JobRow => ({ job, queue: 'queue0', gpus, submitMs: submit * MINUTE_MS,
    startMs: start * MINUTE_MS, endMs: end < 0 ? -1 : end * MINUTE_MS,
    gpuMs: gpus * ((end < 0 ? 12 : end) - start) * MINUTE_MS, outcome, restarts: 0,
    energyJ: 0.1 * gpus * ((end < 0 ? 12 : end) - start) * MINUTE_MS })
  const ofCut = record(12).rows.filter(({ outcome }) => outcome !== 'refused')
  assert.deepEqual(ofCut.sort((x, y) => (x.job < y.job ? -1 : 1)), [
    row('a', 8, 0, 0, 10, 'completed'), row('b', 4, 0, 10, -1, 'running'),
    row('c', 1, 2, 10, -1, 'running'), row('d', 1, 2, 10, -1, 'running'),
  ])
})

test('a series has a mean for each minute', () => {
  const { gpusBusy, gpusWaiting, jobsWaiting, drawW, intervalMs } = record(Infinity).recorder
    .runSeries()
  assert.equal(intervalMs, MINUTE_MS)
  assert.deepEqual([...gpusBusy], [...Array(10).fill(8), ...Array(5).fill(6), ...Array(15).fill(4)])
  assert.deepEqual(gpusWaiting.slice(0, 11), [4, 4, 6, 6, 6, 6, 6, 6, 6, 6, 0])
  assert.deepEqual(jobsWaiting.slice(0, 4), [1, 1, 3, 3])
  assert.deepEqual(drawW.slice(9, 11), [800, 600])
})
