import { PLAIN } from '../src/model/index.ts'
import { JournalWriter } from '../src/journal/writer.ts'
import type { JournalRecord } from '../src/journal/codec.ts'
import { catalogueOf, FORMAT, type JournalHeader } from '../src/journal/header.ts'
import { VERSION } from '../src/run/version.ts'
import { factoryOf } from './factory.ts'
import { cpuMs, median, type Figure } from './figure.ts'

const JOBS = 50_000
const REPEATS = 7

export const journal: Figure = {
  name: 'journal-write',
  summary: 'records encoded and hashed, as a year writes them',
  run: () => {
    const { plant, document } = factoryOf(80, true)
    const header: JournalHeader = {
      format: FORMAT, version: VERSION, factory: document, catalogue: catalogueOf(plant), seed: 1,
      policies: { order: 'fifo', backfill: 'none', place: 'pack' },
    }
    const records = recordsOf(JOBS)
    let bytes = 0
    const write = () => {
      const writer = new JournalWriter(undefined, header)
      for (const record of records) writer.append(record)
      writer.close('0'.repeat(16), records.length)
      bytes = writer.bytesWritten
    }
    write()
    const times = Array.from({ length: REPEATS }, () => {
      const beforeMs = cpuMs()
      write()
      return cpuMs() - beforeMs
    })
    return [{
      name: 'journal-write', value: records.length / (median(times) / 1e3),
      unit: 'records/CPU s', goal: { least: 3_000_000 }, isCpu: true,
      detail: { repeats: REPEATS, records: records.length, bytesPerRecord: bytes / records.length },
    }]
  },
}

/** Each job's way through the journal: it comes, starts, comes up and ends. */
function recordsOf(jobs: number): JournalRecord[] {
  const records: JournalRecord[] = []
  for (let job = 0; job < jobs; job++) {
    const atMs = job * 31_600
    const first = (job * 37) % 100_000
    records.push(
      { type: 'turn', atMs },
      {
        type: 'job.submitted', job: job % 17_000, number: job + 1, name: `${job + 1}`, queue: 0,
        gpus: 64, nodes: 0, cpusPerNode: 0, memoryPerNodeGiB: 0, device: -1, level: 4,
        priority: 0, limitMs: 550_000_000, rank: 0, ...PLAIN,
      },
      { type: 'round' },
      { type: 'job.started', job: job % 17_000, pool: 0, spans: [first, first + 8, 0] },
      { type: 'turn', atMs: atMs + 9_000 },
      { type: 'job.running', job: job % 17_000 },
      { type: 'turn', atMs: atMs + 20_000 },
      { type: 'job.ended', job: job % 17_000, outcome: 'completed' },
    )
  }
  return records
}
