import type { OwnedSpec } from '../model/index.ts'
import type { JournalHeader } from './header.ts'

/**
 * Where a live factory keeps its journal, and with it, in the same transaction, what must be as
 * durable: specs of jobs, and who asked for what. SQLite is one; another store passes the same
 * suite.
 */
export type Store = {
  /** As it was opened: the factory's header, and what was there. */
  readonly opened: Opened
  /**
   * Appends one turn of the loop; its block has the next seq. Resolves when all of it is durable.
   * Rejects when it is not known to be: opened again, all of it is there or nothing (a disk that
   * fails while it syncs may have kept it), and until then every later call rejects too. One at a
   * time; its bytes are copied before it returns.
   */
  readonly append: (batch: Batch) => Promise<void>
  /**
   * Keeps a snapshot of the state after the last appended batch; the two latest stay. `live` are
   * numbers of the jobs in that state: specs of others go after a while; without it none goes.
   * What else is older than it is kept for goes too. A batch may be appended meanwhile.
   */
  readonly keep: (snapshot: Uint8Array, live?: readonly number[]) => Promise<void>
  /**
   * Blocks after `seq`, at most `most` of them, in order. Old ones may be in the archive: then
   * the first has a seq that is not the next one.
   */
  readonly blocksAfter: (seq: number, most: number) => Promise<readonly Block[]>
  readonly specOf: (number: number) => Promise<OwnedSpec | undefined>
  /** What was answered to this key, if it came before, and lately. */
  readonly answered: (key: string) => Promise<Answered | undefined>
  /** Rows with an id below `before`, the newest first. */
  readonly audit: (before: number, most: number) => Promise<readonly AuditRow[]>
  /** A consistent copy of all of it, while it is used, in a new folder. */
  readonly backup: (path: string) => Promise<void>
  readonly close: () => Promise<void>
}

export type Opened = {
  /** Of the database, for readers beside it; undefined where it is in memory alone. */
  readonly path: string | undefined
  readonly header: JournalHeader
  /** Grows with each opening: engines refuse the orders of an older one. */
  readonly epoch: number
  /** The last snapshot, and the block after which it was taken. */
  readonly snapshot: Uint8Array | undefined
  readonly snapshotSeq: number
  /** The last block; 0 where there is none. */
  readonly lastSeq: number
}

/** Records of one turn of the loop as bytes of the codec; times count on from the block before. */
export type Block = {
  readonly seq: number
  /** The clock before its first record: where a reader that begins here starts to count. */
  readonly fromMs: number
  readonly bytes: Uint8Array
}

export type Batch = {
  readonly fromMs: number
  readonly bytes: Uint8Array
  readonly specs: readonly { readonly number: number, readonly spec: OwnedSpec }[]
  readonly audits: readonly Audit[]
}

/** An intent that was carried out or refused. */
export type Audit = {
  /**
   * Of the client, so that the same request is not carried out twice; '' where it gave none. Two
   * clients may choose the same: whoever appends puts the client's name before it.
   */
  readonly key: string
  /** Digest of what was asked: the same key with another request is refused. */
  readonly digest: string
  readonly who: string
  readonly from: string
  /** Wall-clock milliseconds since 1970. */
  readonly atMs: number
  /** What was asked, as JSON without secrets. */
  readonly intent: string
  /** What was answered, as JSON. */
  readonly answer: string
}

export type AuditRow = Audit & { readonly id: number }

export type Answered = { readonly digest: string, readonly answer: string }
