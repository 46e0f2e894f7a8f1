import { statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { InputError } from '../model/index.ts'
import { ByteReader } from './bytes.ts'
import { sound, type Row } from './chain.ts'
import type { JournalRecord } from './codec.ts'
import { sqliteInWords } from './disk.ts'
import { readHeader, type JournalHeader } from './header.ts'
import { decodeIn, JournalReader } from './reader.ts'
import {
  ARCHIVE, DATABASE, digestAt, metaOf, openReadOnly, rowsOf, type Meta,
} from './schema.ts'
import { latestSnapshot, snapshotSeqs } from './snapshots.ts'
import type { JournalSource } from './source.ts'

/** Opens a journal to read: the file of a run, or the folder or database of a live factory. */
export function openJournal(path: string): JournalSource {
  const live = databaseOf(path)
  return live === undefined ? new JournalReader(path) : new LiveReader(live)
}

/**
 * By its name, never by a look inside: a process that closes a file loses the locks that SQLite
 * has on it.
 */
export function databaseOf(path: string): string | undefined {
  if (basename(path) === DATABASE) return path
  const inside = join(path, DATABASE)
  return statSync(inside, { throwIfNoEntry: false }) === undefined ? undefined : inside
}

type Later = {
  readonly seq: number, readonly bytes: Uint8Array, readonly fromMs: number | undefined
}

/**
 * Reads a live journal as it was when it was opened here, archive first, checking each digest.
 * Whoever writes it goes on meanwhile.
 */
export class LiveReader implements JournalSource {
  readonly isLive = true
  readonly path: string
  readonly header: JournalHeader
  private readonly db: DatabaseSync
  private readonly meta: Meta
  private sum: Uint8Array

  constructor(path: string) {
    this.path = path
    this.db = openReadOnly(path)
    try {
      // One transaction for as long as it is read: blocks that are archived meanwhile stay.
      this.db.exec('BEGIN')
      this.meta = metaOf(this.db, path)
      this.header = readHeader(path, Buffer.from(this.meta.header))
      this.sum = this.meta.headerDigest
    } catch (error) {
      this.db.close()
      throw sqliteInWords(path, 'reading the journal', error)
    }
  }

  get journalHash(): string {
    return Buffer.from(this.sum).toString('hex')
  }

  /** As it was written, and the digest that the chain starts with. */
  get headerText(): string {
    return this.meta.header
  }

  get headerDigest(): Uint8Array {
    return this.meta.headerDigest
  }

  *records(): Generator<JournalRecord> {
    const clock = { atMs: 0 }
    let seq = 0
    for (const { bytes, digest } of this.blocks()) {
      const reader = new ByteReader(bytes)
      this.sum = digest
      seq++
      while (!reader.isAtEnd) yield decodeIn(reader, clock, this, seq)
    }
  }

  /**
   * Blocks after one, each checked against the one before it. `fromMs`, the clock before it, is
   * known of those in the database; to those in the archive it counts on from the block before.
   */
  *blocksAfter(seq: number): Generator<Later> {
    const { archivedSeq, archivedDigest } = this.meta
    let at = 0
    if (seq < archivedSeq) {
      for (const { bytes } of this.archived()) {
        at++
        if (at > seq) yield { seq: at, bytes, fromMs: undefined }
      }
    }
    const first = Math.max(seq, archivedSeq)
    const digest = first === archivedSeq ? archivedDigest : digestAt(this.db, first)
    if (digest !== undefined) yield* sound(rowsOf(this.db, first), first, digest, this.path)
  }

  /** Blocks after which the journal has a snapshot, in order. */
  snapshotSeqs(): number[] {
    return snapshotSeqs(this.db)
  }

  /** Undefined where it is damaged. */
  snapshotOf(seq: number): Uint8Array | undefined {
    const found = latestSnapshot(this.db, seq)
    return found?.seq === seq ? found.bytes : undefined
  }

  /** Every block from the first on, each checked. */
  *blocks(): Generator<Pick<Row, 'bytes' | 'digest'>> {
    const { archivedSeq, archivedDigest } = this.meta
    yield* this.archived()
    try {
      yield* sound(rowsOf(this.db), archivedSeq, archivedDigest, this.path)
    } catch (error) {
      throw sqliteInWords(this.path, 'reading the journal', error)
    }
  }

  close(): void {
    this.db.close()
  }

  private *archived(): Generator<Pick<Row, 'bytes' | 'digest'>> {
    const { archivedSeq, archivedBytes, archivedDigest } = this.meta
    if (archivedSeq === 0) return
    const path = join(dirname(this.path), ARCHIVE)
    if (archivedBytes === 0) {
      throw new InputError(`${this.path}: it begins at block ${archivedSeq + 1}: it was told to `
        + 'keep no archive, so what came before cannot be read.')
    }
    const archive = new JournalReader(path, archivedBytes)
    try {
      for (let bytes = archive.block(); bytes !== undefined; bytes = archive.block()) {
        yield { bytes, digest: archive.position.digest }
      }
      if (Buffer.compare(archive.position.digest, archivedDigest) === 0) return
      throw new InputError(`${path}: the archive ends with another block than the one that `
        + `${DATABASE} goes on from. Put the archive of this journal back from a backup.`, 3)
    } finally {
      archive.close()
    }
  }
}
