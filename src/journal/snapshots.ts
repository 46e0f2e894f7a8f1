import { createHash } from 'node:crypto'
import type { DatabaseSync } from 'node:sqlite'

/**
 * Snapshots in the database. They are written in parts, so that a batch need not wait until all of
 * a large one is on the disk; one without its row in `snapshots` was cut off and does not count.
 */

/** Bytes that are written at once: some milliseconds of a slow disk. */
export const PART_BYTES = 1 << 20

/** Snapshots that stay: the last, and the one before it, should that one be damaged. */
const KEPT = 2

export type Snapshot = { readonly seq: number, readonly bytes: Uint8Array }

/** Removes what was begun and never ended. */
export function dropUnfinished(db: DatabaseSync): void {
  db.exec('DELETE FROM parts WHERE seq NOT IN (SELECT seq FROM snapshots)')
}

/** Makes room for a snapshot of that block, where it is taken a second time. */
export function beginSnapshot(db: DatabaseSync, seq: number): void {
  db.exec('BEGIN IMMEDIATE')
  db.prepare('DELETE FROM snapshots WHERE seq = ?').run(seq)
  db.prepare('DELETE FROM parts WHERE seq = ?').run(seq)
  db.exec('COMMIT')
}

export function putPart(db: DatabaseSync, seq: number, part: number, bytes: Uint8Array): void {
  db.prepare('INSERT INTO parts VALUES (?, ?, ?)').run(seq, part, bytes)
}

/** All parts are there: from now on it counts, and older ones go. */
export function endSnapshot(
  db: DatabaseSync, seq: number, length: number, digest: Uint8Array): void {
  db.exec('BEGIN IMMEDIATE')
  db.prepare('INSERT INTO snapshots VALUES (?, ?, ?)').run(seq, length, digest)
  db.prepare('DELETE FROM snapshots WHERE seq NOT IN '
    + '(SELECT seq FROM snapshots ORDER BY seq DESC LIMIT ?)').run(KEPT)
  db.prepare('DELETE FROM parts WHERE seq < (SELECT min(seq) FROM snapshots)').run()
  db.exec('COMMIT')
}

/** The last one up to a block that is whole; a damaged one is passed over. */
export function latestSnapshot(db: DatabaseSync, untilSeq: number): Snapshot | undefined {
  const rows = db.prepare(
    'SELECT seq, length, digest FROM snapshots WHERE seq <= ? ORDER BY seq DESC').all(untilSeq)
  for (const { seq, length, digest } of rows as Head[]) {
    const bytes = bytesOf(db, seq, length)
    if (bytes !== undefined && digestOf(bytes).equals(digest)) return { seq, bytes }
  }
  return undefined
}

/** Blocks after which there is a snapshot, in order. */
export function snapshotSeqs(db: DatabaseSync): number[] {
  const rows = db.prepare('SELECT seq FROM snapshots ORDER BY seq').all() as { seq: number }[]
  return rows.map(({ seq }) => seq)
}

/** Blocks up to this one are not needed to open, whichever snapshot is damaged; 0 for none. */
export function coveredSeq(db: DatabaseSync): number {
  const { count, least } = db.prepare('SELECT count(*) AS count, min(seq) AS least FROM snapshots')
    .get() as { count: number, least: number }
  return count < KEPT ? 0 : least
}

export function digestOf(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest()
}

type Head = { readonly seq: number, readonly length: number, readonly digest: Uint8Array }

function bytesOf(db: DatabaseSync, seq: number, length: number): Uint8Array | undefined {
  const bytes = new Uint8Array(length)
  let at = 0
  const parts = db.prepare('SELECT bytes FROM parts WHERE seq = ? ORDER BY part')
  for (const { bytes: part } of parts.iterate(seq) as Iterable<{ bytes: Uint8Array }>) {
    if (at + part.length > length) return undefined
    bytes.set(part, at)
    at += part.length
  }
  return at === length ? bytes : undefined
}
