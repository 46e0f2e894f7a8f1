// A store in memory: it keeps what a journal's store keeps, for as long as the test runs.
import type { Answered, AuditRow, Batch, Block, Store } from '../src/journal/store.ts'
import type { JournalHeader } from '../src/journal/header.ts'
import type { OwnedSpec } from '../src/model/index.ts'

export function smallStore(header: JournalHeader): Store & { readonly blocks: readonly Block[] } {
  const blocks: Block[] = []
  const specs = new Map<number, OwnedSpec>()
  const audits: AuditRow[] = []
  const answers = new Map<string, Answered>()
  return {
    blocks,
    opened: {
      path: undefined, header, epoch: 1, snapshot: undefined, snapshotSeq: 0, lastSeq: 0 },
    append: async (batch: Batch) => {
      const { fromMs, bytes } = batch
      blocks.push({ seq: blocks.length + 1, fromMs, bytes: bytes.slice() })
      for (const { number, spec } of batch.specs) specs.set(number, spec)
      for (const audit of batch.audits) {
        audits.push({ ...audit, id: audits.length + 1 })
        if (audit.key !== '') answers.set(audit.key, audit)
      }
    },
    keep: async () => {},
    blocksAfter: async (seq, most) => blocks.slice(seq, seq + most),
    specOf: async (number) => specs.get(number),
    answered: async (key) => answers.get(key),
    audit: async (before, most) => audits.filter(({ id }) => id < before).reverse().slice(0, most),
    backup: async () => {},
    close: async () => {},
  }
}
