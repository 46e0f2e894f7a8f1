// A run of a small factory with failures and backfill: its journal holds a few thousand bytes.
import { compilePlant } from '../src/catalog/plant.ts'
import { loadCatalogue } from '../src/catalog/catalogue.ts'
import { factorySchema } from '../src/model/schema.ts'
import type { Plant, TraceJob } from '../src/model/index.ts'
import { runTwin, type TwinResult } from '../src/run/compose.ts'
import { plainJob } from './plain-job.ts'

const DOCUMENT = factorySchema.parse({
  name: 'small',
  sites: [{ name: 'here', limit: '170 kW', racks: [{ system: 'dgx-h100', count: 4 }] }],
  failures: { classes: { host: { mtbf: '60h' }, link: { mtbf: '80h' } } },
})

export const SMALL_POLICIES = { order: 'priority', backfill: 'easy', place: 'pack' }

export function smallPlant(): Plant {
  return compilePlant(DOCUMENT, loadCatalogue())
}

/** Runs it, with a journal at `path`. Jobs of one to twelve nodes come every ten minutes. */
export function smallRun(path: string, seed = 1): TwinResult {
  const jobs = Array.from({ length: 24 }, (_, at) => smallJob(at))
  let next = 0
  return runTwin({
    plant: smallPlant(),
    document: DOCUMENT,
    source: {
      peekAtMs: () => jobs[next]?.submitAtMs ?? Infinity,
      next: () => {
        const job = jobs[next++]!
        return { job, name: job.id }
      },
    },
    traces: [],
    policies: SMALL_POLICIES,
    seed,
    untilMs: Infinity,
    journalPath: path,
    checkEvery: 1,
  })
}

function smallJob(at: number): TraceJob {
  const gpus = [8, 96, 4, 24, 64, 1][at % 6]!
  const workMs = [4_000_000, 9_000_000, 1_500_000][at % 3]!
  const job = plainJob(`tâche ${at}`, at * 600_000, gpus, workMs, workMs * 2)
  return { ...job, priority: at % 5 === 0 ? 3 : -1 }
}
