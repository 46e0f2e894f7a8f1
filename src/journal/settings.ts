import { fromSeconds } from '../base/units.ts'

/** What a live journal keeps and for how long. All have a usual value. */
export type StoreSettings = {
  /**
   * Blocks that the last two snapshots cover stay in the database up to so many bytes, for readers
   * that look back; older ones go to the archive. Each counts ROW_BYTES more than its records.
   * Opening reads all that is in the database.
   */
  readonly historyBytes?: number
  /** Whether old blocks are kept in an archive at all; else they are gone, and `why` with them. */
  readonly isArchived?: boolean
  /** The database does not grow beyond it: a full journal stops the factory, not the machine. */
  readonly mostBytes?: number
  /** How long it is known who asked for what. */
  readonly auditKeepMs?: number
  /** How long a key is known: a client that repeats a request later has it carried out again. */
  readonly keyKeepMs?: number
  /** How long the spec of a job is kept after it was submitted, where the job is over. */
  readonly specKeepMs?: number
}

/** The wall clock, in ms since 1970, by which rows are old. */
export type WallClock = () => number

export type Kept = Required<StoreSettings>

const DAY_MS = fromSeconds(86_400)

/**
 * 64 MiB are a quarter of a million short blocks, which are read and checked in about a second.
 * A year of audits and a month: whoever looks back at the same month a year ago finds it.
 */
const USUAL: Kept = {
  historyBytes: 64 * 1024 * 1024, isArchived: true, mostBytes: Infinity,
  auditKeepMs: 400 * DAY_MS, keyKeepMs: 7 * DAY_MS, specKeepMs: 30 * DAY_MS,
}

/** What a block counts for beside its records: its head, its row, and the time to check it. */
export const ROW_BYTES = 200

export function keptBy(settings: StoreSettings): Kept {
  return { ...USUAL, ...settings }
}
