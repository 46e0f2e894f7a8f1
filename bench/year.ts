import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runTwin, type TwinResult } from '../src/run/compose.ts'
import { compileScenario } from '../src/run/scenario.ts'
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
  run: () => measure('year-1m', { backfill: 'none' }),
}

export const yearEasy: Figure = {
  name: 'year-1m-easy',
  summary: 'the same with EASY backfill',
  run: () => measure('year-1m-easy', { backfill: 'easy' }),
}

/**
 * Of what everything at its rating would draw: about 90 % of the most that the running jobs would,
 * half of which is drawn by what cannot be capped.
 */
const POWER_LIMIT_RATIO = 0.89

/** Days of the year on which the grid asks for a tenth less for an hour. */
const EVENT_DAYS = [60, 130, 200, 250, 310]

export const yearPower: Figure = {
  name: 'year-1m-power',
  summary: 'the same year under a limit that binds, power control every 5 minutes, 5 curtailments',
  run: () => measure('year-1m-power', { backfill: 'none', power: 'price' }),
}

type Policies = { readonly backfill: string, readonly power?: string }

const EVENTS = EVENT_DAYS.map((day) => ({
  curtail: {
    at: `${day}d`, notice: '30m', rampIn: '5m', for: '1h', rampOut: '10m', target: '10%',
  },
}))

/** One run, journaled to disk, guarded and hashed; it counts the whole process from its start. */
function measure(name: string, { backfill, power }: Policies): Row[] {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-bench-'))
  try {
    const journalPath = join(folder, 'journal')
    const { plant, document } = power === undefined ? factoryOf(NODES, true)
      : factoryOf(NODES, true, POWER_LIMIT_RATIO, ['power:', '  meter:', '    every: 5m'])
    const source = new JobStream({
      jobs: JOBS, nodes: NODES, loadRatio: LOAD_RATIO, gpusPerNode: GPUS_PER_NODE,
      everyS: EVERY_S, atOnce: 0,
    })
    const result = runTwin({
      plant, document, source, traces: [], seed: 1, untilMs: Infinity, journalPath,
      policies: { order: 'fifo', backfill, place: 'pack', power },
      ...(power === undefined ? {} : { scenario: compileScenario({ events: EVENTS }, plant) }),
      checkEvery: 0,
    })
    return rowsOf(name, power !== undefined, result, source, statSync(journalPath).size)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function rowsOf(
  name: string, isPowered: boolean, { summary, problems }: TwinResult, source: JobStream,
  journalBytes: number): Row[] {
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
    decisions: summary.decisions,
    bindingHours: summary.price[0]?.bindingHours ?? 0,
    meanWaitS: waitMs.mean / 1e3,
    days: summary.horizonMs / 8.64e7,
    journalBytes,
    stateHash: summary.stateHash,
    journalHash: summary.journalHash,
  }
  return [
    { name, value: cpuS, unit: 'CPU s', goal: { most: isPowered ? 30 : 10 }, isCpu: true, detail },
    {
      name: `${name}/events`, value: summary.eventCount / cpuS, unit: 'events/CPU s',
      goal: isPowered ? { none: true } : { least: 800_000 }, isCpu: true,
      detail: { events: summary.eventCount },
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
