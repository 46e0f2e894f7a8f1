import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runTwin, type TwinResult } from '../src/run/compose.ts'
import { factoryOf } from './factory.ts'
import { cpuMs, type Figure, type Row } from './figure.ts'
import { JobStream } from './jobs.ts'

/** 125,000 nodes of eight GPUs. */
export const NODES = 125_000
export const GPUS_PER_NODE = 8
/** A million of these is a year and a little. */
export const EVERY_S = 31.6
const JOBS = 1_000_000
const LOAD_RATIO = 0.92

const BYTES_PER_MB = 1e6

export const year: Figure = {
  name: 'year-1m',
  summary: 'a year of 1,000,000 GPUs, 1,000,000 jobs, failures, checkpoints; FIFO, no backfill',
  run: () => measure('year-1m', 'none'),
}

export const yearEasy: Figure = {
  name: 'year-1m-easy',
  summary: 'the same with EASY backfill',
  run: () => measure('year-1m-easy', 'easy'),
}

/** One run, journaled to disk, guarded and hashed; it counts the whole process from its start. */
function measure(name: string, backfill: string): Row[] {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-bench-'))
  try {
    const journalPath = join(folder, 'journal')
    const { plant, document } = factoryOf(NODES, true)
    const source = new JobStream({
      jobs: JOBS, nodes: NODES, loadRatio: LOAD_RATIO, gpusPerNode: GPUS_PER_NODE,
      everyS: EVERY_S, atOnce: 0,
    })
    const result = runTwin({
      plant, document, source, traces: [], seed: 1, untilMs: Infinity, journalPath,
      policies: { order: 'fifo', backfill, place: 'pack' },
      checkEvery: 0,
    })
    return rowsOf(name, result, source, statSync(journalPath).size)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function rowsOf(
  name: string, { summary, problems }: TwinResult, source: JobStream, journalBytes: number): Row[] {
  const cpuS = cpuMs() / 1e3
  const rssMB = process.resourceUsage().maxRSS * 1024 / BYTES_PER_MB
  const { jobs, waitMs } = summary
  const detail = {
    jobs: jobs.submitted,
    completed: jobs.completed,
    events: summary.eventCount,
    failures: summary.failures,
    restarts: summary.restarts,
    offeredRatio: source.offeredRatio(),
    utilizationRatio: summary.utilizationRatio,
    goodputRatio: summary.goodputRatio,
    meanWaitS: waitMs.mean / 1e3,
    days: summary.horizonMs / 8.64e7,
    journalBytes,
    stateHash: summary.stateHash,
    journalHash: summary.journalHash,
  }
  return [
    { name, value: cpuS, unit: 'CPU s', goal: { most: 10 }, isCpu: true, detail },
    {
      name: `${name}/events`, value: summary.eventCount / cpuS, unit: 'events/CPU s',
      goal: { least: 800_000 }, isCpu: true, detail: { events: summary.eventCount },
    },
    {
      name: `${name}/rss`, value: rssMB, unit: 'MB', goal: { most: 1000 }, isCpu: false, detail: {},
    },
    {
      name: `${name}/broken`, value: problems.length, unit: 'invariants', goal: { most: 0 },
      isCpu: false, detail: { first: problems[0] ?? '' },
    },
  ]
}
