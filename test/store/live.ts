/** The journal of a small run as a live factory would have kept it: a batch for each turn. */
import { join } from 'node:path'
import { ByteWriter } from '../../src/journal/bytes.ts'
import { encodeRecord, type JournalRecord } from '../../src/journal/codec.ts'
import { JournalReader } from '../../src/journal/reader.ts'
import type { Batch } from '../../src/journal/store.ts'
import { smallRun } from '../small-run.ts'

export function smallBatches(folder: string) {
  const path = join(folder, 'run.mrj')
  const { summary } = smallRun(path)
  const reader = new JournalReader(path)
  const records = [...reader.records()].slice(0, -1)
  reader.close()
  return { header: reader.header, records, batches: batchesOf(records), summary }
}

function batchesOf(records: readonly JournalRecord[]): Batch[] {
  const batches: Batch[] = []
  const clock = { atMs: 0 }
  let writer = new ByteWriter(256)
  let fromMs = 0
  const flush = () => {
    const bytes = writer.bytes.subarray(0, writer.length)
    if (bytes.length > 0) batches.push({ fromMs, bytes, specs: [], audits: [] })
    writer = new ByteWriter(256)
    fromMs = clock.atMs
  }
  for (const record of records) {
    if (record.type === 'turn') flush()
    encodeRecord(record, writer, clock)
  }
  flush()
  return batches
}
