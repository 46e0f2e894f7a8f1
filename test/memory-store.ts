import { InputError, type OwnedSpec } from '../src/model/index.ts'
import type { JournalHeader } from '../src/journal/header.ts'
import {
  keptBy, ROW_BYTES, type Kept, type StoreSettings, type WallClock,
} from '../src/journal/settings.ts'
import type { Answered, AuditRow, Batch, Block, Store } from '../src/journal/store.ts'

/** What a store in memory holds: what is closed can be opened again while the process lives. */
export class Memory {
  header: JournalHeader | undefined
  epoch = 0
  isOpen = false
  seq = 0
  blocks: Block[] = []
  /** The last two, the newest last. */
  snapshots: { readonly seq: number, readonly bytes: Uint8Array }[] = []
  /** As text, so that nobody shares an object with it. */
  readonly specs = new Map<number, { readonly text: string, readonly submittedAtMs: number }>()
  readonly answers = new Map<string, Answered & { readonly atMs: number }>()
  audits: AuditRow[] = []
  audited = 0
}

/**
 * A store that is gone with the process: `--state :memory:`, and tests. Its blocks carry no chain,
 * there is no archive (old blocks are gone), and no copy of it can be made.
 */
export function openMemory(
  memory: Memory, fresh: JournalHeader | undefined, settings: StoreSettings = {},
  wallMs: WallClock = Date.now): Promise<Store> {
  return promised(() => {
    if (memory.isOpen) {
      throw new InputError(`this process (pid ${process.pid}) uses this journal in memory already. `
        + 'Close it first.', 4)
    }
    const header = memory.header ?? fresh
    if (header === undefined) throw new InputError('there is no journal in this memory yet.')
    memory.header = header
    memory.isOpen = true
    memory.epoch++
    return storeIn(memory, header, keptBy(settings), wallMs)
  })
}

function storeIn(memory: Memory, header: JournalHeader, kept: Kept, wallMs: WallClock): Store {
  let isClosed = false
  const call = <Value>(step: () => Value) => promised(() => {
    if (isClosed) throw new InputError('the journal is closed. Open it again.', 4)
    return step()
  })
  const last = memory.snapshots.at(-1)
  return {
    opened: {
      path: undefined, header, epoch: memory.epoch, snapshot: last?.bytes.slice(),
      snapshotSeq: last?.seq ?? 0, lastSeq: memory.seq,
    },
    append: (batch) => call(() => append(memory, batch)),
    keep: (snapshot, live) => call(() => {
      const others = memory.snapshots.filter(({ seq }) => seq !== memory.seq)
      memory.snapshots = [...others, { seq: memory.seq, bytes: snapshot.slice() }].slice(-2)
      forget(memory, kept, wallMs(), live)
      dropOld(memory, kept)
    }),
    blocksAfter: (seq, most) => call(() =>
      memory.blocks.filter((block) => block.seq > seq).slice(0, most).map(copyOf)),
    specOf: (number) => call(() => {
      const text = memory.specs.get(number)?.text
      return text === undefined ? undefined : JSON.parse(text) as OwnedSpec
    }),
    answered: (key) => call(() => {
      const found = memory.answers.get(key)
      return found && { digest: found.digest, answer: found.answer }
    }),
    audit: (before, most) => call(() =>
      memory.audits.filter(({ id }) => id < before).reverse().slice(0, most)),
    backup: (path) => call(() => {
      throw new InputError(`${path}: a journal in memory is not copied: it is gone with the `
        + 'server. Start with --state FOLDER to keep one.')
    }),
    close: () => promised(() => {
      if (!isClosed) memory.isOpen = false
      isClosed = true
    }),
  }
}

function append(memory: Memory, { fromMs, bytes, specs, audits }: Batch): void {
  memory.blocks.push({ seq: ++memory.seq, fromMs, bytes: bytes.slice() })
  for (const { number, spec } of specs) {
    memory.specs.set(number, { text: JSON.stringify(spec), submittedAtMs: spec.submittedAtMs })
  }
  for (const audit of audits) {
    memory.audits.push({ ...audit, id: ++memory.audited })
    const { key, digest, answer, atMs } = audit
    if (key !== '') memory.answers.set(key, { digest, answer, atMs })
  }
}

function forget(
  memory: Memory, kept: Kept, nowMs: number, live: readonly number[] | undefined): void {
  memory.audits = memory.audits.filter(({ atMs }) => atMs >= nowMs - kept.auditKeepMs)
    .map((row) => row.atMs >= nowMs - kept.keyKeepMs ? row : { ...row, key: '' })
  for (const [key, { atMs }] of memory.answers) {
    if (atMs < nowMs - kept.keyKeepMs) memory.answers.delete(key)
  }
  if (live === undefined) return
  const stay = new Set(live)
  for (const [number, { submittedAtMs }] of memory.specs) {
    if (submittedAtMs < nowMs - kept.specKeepMs && !stay.has(number)) memory.specs.delete(number)
  }
}

/** Blocks before the older of two snapshots go, from the oldest on, until the rest fits. */
function dropOld(memory: Memory, kept: Kept): void {
  const covered = memory.snapshots.length < 2 ? 0 : memory.snapshots[0]!.seq
  const count = (block: Block) => block.bytes.length + ROW_BYTES
  let over = memory.blocks.reduce((sum, block) => sum + count(block), 0) - kept.historyBytes
  let gone = 0
  for (const block of memory.blocks) {
    if (over <= 0 || block.seq > covered) break
    over -= count(block)
    gone++
  }
  memory.blocks.splice(0, gone)
}

function copyOf(block: Block): Block {
  return { ...block, bytes: block.bytes.slice() }
}

/** A promise of what is known at once; what is thrown rejects it. */
async function promised<Value>(step: () => Value): Promise<Value> {
  return step()
}
