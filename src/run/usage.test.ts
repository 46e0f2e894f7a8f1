// Shows who used the factory, by queue and rolled up its tree, worked out by hand: hours, energy
// with what no job drew beside it, waits and shares; and that the parts come to the whole.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { MINUTE_MS, traceJob, type ToyJob } from '../../test/schedule.ts'
import { toyPlant, toyRow } from '../../test/toy-plant.ts'
import type { FailurePlan } from '../model/index.ts'
import { runTwin } from './compose.ts'
import type { JobRow } from './record.ts'
import type { Summary } from './summary.ts'

type Run = { readonly summary: Summary, readonly rows: readonly JobRow[] }

/** Four nodes of one GPU that draw 100 W idle and 1 kW in training, and 1.5 W at the site for 1. */
function run(jobs: readonly ToyJob[], minutes: number, failures: Partial<FailurePlan> = {}): Run {
  const plant = toyPlant({
    sites: toyRow(4), ratios: { hall0: 15_000 }, bases: { site0: 30 }, failures,
    systems: [{ nodeIdleW: 100, nodeTypicalW: 1000, nodeRatedW: 1100 }],
    queues: [{ name: 'lab' }, { name: 'car', parent: 0, weight: 3 }, { name: 'robot', parent: 0 },
      { name: 'guests' }],
  })
  const arrivals = jobs.map(traceJob)
  let next = 0
  const rows: JobRow[] = []
  const { summary } = runTwin({
    plant, document: {}, traces: [], seed: 1, untilMs: minutes * MINUTE_MS, checkEvery: 1,
    policies: { order: 'fifo', backfill: 'none', place: 'pack' },
    onJob: (row) => { rows.push(row) },
    source: {
      peekAtMs: () => arrivals[next]?.submitAtMs ?? Infinity,
      next: () => ({ job: arrivals[next]!, name: arrivals[next++]!.id }),
    },
  })
  return { summary, rows }
}

const JOBS: readonly ToyJob[] = [
  { id: 'a', work: 60, gpus: 4, queue: 'car' },
  { id: 'b', work: 60, gpus: 2, queue: 'robot' },
  { id: 'c', work: 120, gpus: 1, queue: 'guests' },
  { id: 'd', work: 30, gpus: 0, nodes: 1, cpusPerNode: 4, queue: 'robot' },
]

const rounded = (value: number) => Number(value.toFixed(6))

describe('use by queue', () => {
  test('hours, energy, jobs and waits, each queue with all below it', () => {
    // a takes all nodes for the first hour; then b, c and d start, and c is cut off at two hours.
    const { usage } = run(JOBS, 120).summary
    const line = ({ queue, parent, gpuHours, usefulGpuHours, coreHours, energyMWh, completed,
      meanWaitMs }: Summary['usage'][number]) => [queue, parent, gpuHours, usefulGpuHours,
      coreHours, rounded(energyMWh * 1000), completed, meanWaitMs / MINUTE_MS]
    // 900 W above idle, 1,350 W at the site, for each GPU.
    assert.deepEqual(usage.map(line), [
      ['lab', '', 6, 6, 2, 8.1, 3, 40],
      ['car', 'lab', 4, 4, 0, 5.4, 1, 0],
      ['robot', 'lab', 2, 2, 2, 2.7, 2, 60],
      ['guests', '', 1, 1, 0, 1.35, 0, 60],
    ])
  })

  test('what no job drew is a line of its own: idle nodes and base loads', () => {
    const { summary, rows } = run(JOBS, 120)
    // (4 × 100 W × 1.5 + 30 W) for two hours.
    assert.equal(rounded(summary.unassignedMWh * 1000), 1.26)
    // And 8.1 and 1.35 of the jobs.
    assert.equal(rounded(summary.energyMWh * 1000), 10.71)
    assert.deepEqual(Object.fromEntries(rows.map(({ job, energyJ }) => [job, energyJ / 3.6e6])),
      { a: 5.4, b: 2.7, c: 1.35, d: 0 })
  })

  test('share of what siblings used against their weights; cores count by GPUs for a core', () => {
    const { usage } = run(JOBS, 120).summary
    // 4 GPUs on 32 cores: an hour of four cores counts half a GPU-hour, and d has half of that.
    const robot = 2 + 2 * 4 / 32
    assert.deepEqual(usage.map(({ shareRatio, weightRatio }) =>
      [rounded(shareRatio), weightRatio]), [
      [rounded((4 + robot) / (5 + robot)), 0.5], [rounded(4 / (4 + robot)), 0.75],
      [rounded(robot / (4 + robot)), 0.25], [rounded(1 / (5 + robot)), 0.5],
    ])
  })

  test('a job on fewer nodes than it asks for is charged for those that it holds', () => {
    const { summary, rows } = run([{ id: 'a', work: 300, gpus: 2 },
      { id: 'e', work: 60, gpus: 4, nodes: 4, leastNodes: 1 }], 120)
    assert.deepEqual(rows.map(({ job, gpuMs }) => [job, gpuMs / MINUTE_MS]),
      [['e', 2 * 120], ['a', 2 * 120]])
    assert.equal(summary.gpuHours.allocated, 8)
  })

  test('nothing was used: no shares, and all energy is unassigned', () => {
    const { summary } = run([], 60)
    assert.ok(summary.usage.every((row) => row.shareRatio === 0 && row.energyMWh === 0))
    assert.equal(summary.unassignedMWh, summary.energyMWh)
  })
})

test('under faults, checkpoints and launches the parts still come to the whole', () => {
  const failures: Partial<FailurePlan> = {
    launchMs: 30_000, loadMs: 10_000, detectMs: 60_000, healthCheckMs: 60_000,
    checkpointStallMs: 1000,
    classes: [{ name: 'host', ratePerHour: 0.5, unit: 'node', reach: 'node',
      repairMs: [600_000, 3_600_000], slowRatio: 1 }],
  }
  const jobs = Array.from({ length: 60 }, (_, at): ToyJob => ({
    id: `j${at}`, at: at * 7, work: 20 + at, gpus: 1 + at % 4,
    queue: ['car', 'robot', 'guests', 'lab'][at % 4]!, checkpointEveryMs: 300_000 }))
  const { summary, rows } = run(jobs, 1500, failures)
  assert.ok(summary.restarts > 5)
  const tops = summary.usage.filter((row) => row.parent === '')
  const sum = (of: (row: Summary['usage'][number]) => number) =>
    tops.reduce((total, row) => total + of(row), 0)
  const close = (a: number, b: number) => assert.ok(Math.abs(a - b) <= 1e-9 * b, `${a} ${b}`)
  close(sum((row) => row.gpuHours), summary.gpuHours.allocated)
  close(sum((row) => row.usefulGpuHours), summary.gpuHours.useful)
  close(sum((row) => row.energyMWh) + summary.unassignedMWh, summary.energyMWh)
  assert.equal(sum((row) => row.completed), summary.jobs.completed)
  const jobsMWh = rows.reduce((total, row) => total + row.energyJ, 0) / 3.6e9
  close(rows.reduce((total, row) => total + row.gpuMs, 0) / 3.6e6, summary.gpuHours.allocated)
  close(jobsMWh, sum((row) => row.energyMWh))
  assert.ok(summary.unassignedMWh > 0)
})
