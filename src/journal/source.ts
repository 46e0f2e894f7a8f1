import type { JournalRecord } from './codec.ts'
import type { JournalHeader } from './header.ts'

/** A journal that is read from its start: the file of a run, or what a live factory keeps. */
export type JournalSource = {
  readonly path: string
  readonly header: JournalHeader
  /** It may go on: there is no end record, and so no hash to compare with. */
  readonly isLive: boolean
  /** Fingerprint of all blocks read so far. */
  readonly journalHash: string
  /** Every record in order; throws where it is damaged. */
  readonly records: () => Generator<JournalRecord>
  readonly close: () => void
}
