import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ByteWriter } from '../src/journal/bytes.ts'
import { encodeRecord } from '../src/journal/codec.ts'
import { Database } from '../src/journal/database.ts'
import { FORMAT, type JournalHeader } from '../src/journal/header.ts'
import { keptBy } from '../src/journal/settings.ts'
import { openStore } from '../src/journal/sqlite.ts'
import type { Audit, Batch, Store } from '../src/journal/store.ts'
import { PLAIN, specSchema, type OwnedSpec } from '../src/model/index.ts'
import { VERSION } from '../src/run/version.ts'
import { quantile, type Figure } from './figure.ts'

/** Clients that each wait for their answer and then ask again. */
const CLIENTS = 100
const SUBMISSIONS = 20_000

/** Calls whose way into the thread and back is taken, and batches without the thread. */
const CALLS = 5000

const HEADER: JournalHeader = {
  format: FORMAT, version: VERSION, factory: {}, catalogue: '', seed: 1,
  policies: { order: 'fifo', backfill: 'none', place: 'pack' },
}

/**
 * Submissions as the live loop keeps them: what came while a batch was on its way to the disk goes
 * into the next one. Only the store is measured, no decisions and no HTTP.
 */
export const storeAppend: Figure = {
  name: 'store-append',
  summary: 'submissions made durable in the live journal, by groups, each synced',
  run: async () => {
    const folder = mkdtempSync(join(tmpdir(), 'millrace-bench-'))
    try {
      const store = await openStore(join(folder, 'store'), HEADER)
      const commits: number[] = []
      const waits: number[] = []
      const startMs = performance.now()
      await submitAll(store, commits, waits)
      const ms = performance.now() - startMs
      const roundTripP50Us = await roundTrip(store)
      await store.close()
      return [{
        name: 'store-append', value: SUBMISSIONS / (ms / 1e3), unit: 'durable/s',
        goal: { least: 1000 }, isCpu: false,
        detail: {
          submissions: SUBMISSIONS, clients: CLIENTS, batches: commits.length,
          commitP50Ms: quantile(commits, 0.5), commitP99Ms: quantile(commits, 0.99),
          answerP50Ms: quantile(waits, 0.5), answerP99Ms: quantile(waits, 0.99), roundTripP50Us,
          commitInThisThreadP50Ms: withoutThread(join(folder, 'direct'), commits.length),
        },
      }]
    } finally {
      rmSync(folder, { recursive: true })
    }
  },
}

async function submitAll(store: Store, commits: number[], waits: number[]): Promise<void> {
  let asked = 0
  let waiting: number[] = []
  const ask = () => {
    if (asked < SUBMISSIONS) {
      asked++
      waiting.push(performance.now())
    }
  }
  for (let client = 0; client < CLIENTS; client++) ask()
  for (let first = 1; waiting.length > 0;) {
    const group = waiting
    waiting = []
    const batch = batchOf(first, group.length)
    const startMs = performance.now()
    await store.append(batch)
    const nowMs = performance.now()
    commits.push(nowMs - startMs)
    for (const sinceMs of group) {
      waits.push(nowMs - sinceMs)
      ask()
    }
    first += group.length
  }
}

/** Microseconds of a call that only looks up a key which is not there: half of them take less. */
async function roundTrip(store: Store): Promise<number> {
  const times: number[] = []
  for (let call = 0; call < CALLS; call++) {
    const startMs = performance.now()
    await store.answered('none')
    times.push(performance.now() - startMs)
  }
  return quantile(times, 0.5) * 1e3
}

/** The same batches in this thread: what the way into the other one costs, and what it saves. */
function withoutThread(folder: string, batches: number): number {
  const database = new Database(folder, JSON.stringify(HEADER), keptBy({}))
  const each = Math.ceil(SUBMISSIONS / batches)
  const commits = Array.from({ length: batches }, (_, at) => {
    const batch = batchOf(at * each + 1, each)
    const startMs = performance.now()
    database.append(batch)
    return performance.now() - startMs
  })
  database.close()
  return quantile(commits, 0.5)
}

/** Jobs that come in one turn and start at once, each with its command and its key. */
function batchOf(first: number, count: number): Batch {
  const writer = new ByteWriter()
  const atMs = first * 1000
  const clock = { atMs }
  const numbers = Array.from({ length: count }, (_, at) => first + at)
  encodeRecord({ type: 'turn', atMs: atMs + 1 }, writer, clock)
  for (const number of numbers) {
    encodeRecord({
      type: 'job.submitted', job: number % 17_000, number, name: `train-${number}`, queue: 0,
      gpus: 64, nodes: 0, cpusPerNode: 0, memoryPerNodeGiB: 0, device: -1, level: 4, priority: 0,
      limitMs: 550_000_000, rank: 0, ...PLAIN,
    }, writer, clock)
  }
  encodeRecord({ type: 'round' }, writer, clock)
  for (const number of numbers) {
    encodeRecord({
      type: 'job.started', job: number % 17_000, pool: 0,
      spans: [number * 8 % 100_000, number * 8 % 100_000 + 8, 0],
    }, writer, clock)
  }
  return {
    fromMs: atMs, bytes: writer.bytes.subarray(0, writer.length),
    specs: numbers.map((number) => ({ number, spec: SPEC })), audits: numbers.map(auditOf),
  }
}

const SPEC: OwnedSpec = {
  ...specSchema.parse({
    command: ['torchrun', '--nproc-per-node', '8', 'train.py', '--config', 'large.yaml'],
    directory: '/data/runs/large', environment: { NCCL_DEBUG: 'WARN', OMP_NUM_THREADS: '8' },
  }),
  owner: 'ann', account: 'ann', submittedAtMs: 1_790_000_000_000,
}

function auditOf(number: number): Audit {
  return {
    key: `ann/0b5c7a52-9f0e-4d61-8f5b-${number}`, digest: 'd'.repeat(64), who: 'ann',
    from: '127.0.0.1', atMs: 1_790_000_000_000,
    intent: JSON.stringify({ type: 'submit', request: { gpus: 64, name: `train-${number}` } }),
    answer: JSON.stringify({ number, seq: number }),
  }
}
