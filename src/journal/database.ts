import { closeSync, existsSync, mkdirSync, openSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { DatabaseSync, type StatementSync } from 'node:sqlite'
import { crc32 } from 'node:zlib'
import { InputError, type OwnedSpec } from '../model/index.ts'
import { appendToArchive } from './archive.ts'
import { chained, sound, tallyOf, type Row } from './chain.ts'
import { copyStore } from './copy.ts'
import { sqliteInWords } from './disk.ts'
import { lockFolder, type Lock } from './lock.ts'
import { ARCHIVE, checkKind, create, DATABASE, isEmpty, metaOf, rowsOf, setMeta } from './schema.ts'
import { ROW_BYTES, type Kept } from './settings.ts'
import {
  beginSnapshot, coveredSeq, dropUnfinished, endSnapshot, latestSnapshot, putPart,
} from './snapshots.ts'
import type { Answered, AuditRow, Batch, Block, Opened } from './store.ts'

/** As opened, with the header as text: it is checked where there is a schema for it. */
export type OpenedRaw = Omit<Opened, 'header' | 'path'> & { readonly header: string }

/** Pages of the database's file. */
const PAGE_BYTES = 4096

/** The log of SQLite is cut back to it after a burst. */
const LOG_BYTES = 16 * 1024 * 1024

/** Old blocks that are moved at once; batches may come between. */
const MOVE_BYTES = 1 << 20

/**
 * The database of one live journal, in the thread that calls. Whatever fails while it writes makes
 * it fail from then on, until it is opened anew: what it holds in memory may not be what is on the
 * disk.
 */
export class Database {
  readonly opened: OpenedRaw
  private readonly folder: string
  private readonly path: string
  private readonly kept: Kept
  private readonly lock: Lock
  private readonly db: DatabaseSync
  private readonly header: string
  private readonly puts: Puts
  private failure: unknown
  private seq: number
  private digest: Uint8Array
  /** What the blocks in the database count for, see ROW_BYTES. */
  private history = 0

  /** Makes the journal, where there is none, with a header; '' only opens. */
  constructor(folder: string, header: string, kept: Kept) {
    this.folder = folder
    this.path = join(folder, DATABASE)
    this.kept = kept
    if (header !== '') makeFolder(folder)
    else if (!existsSync(this.path)) throw noJournal(this.path)
    this.lock = lockFolder(folder)
    let db: DatabaseSync | undefined
    try {
      makePrivate(this.path)
      db = new DatabaseSync(this.path)
      this.db = db
      prepare(db, this.path, header, kept)
      const meta = metaOf(db, this.path)
      this.header = meta.header
      this.seq = meta.archivedSeq
      this.digest = meta.archivedDigest
      this.readBlocks()
      dropUnfinished(db)
      const epoch = meta.epoch + 1
      setMeta(db, 'epoch', epoch)
      const last = latestSnapshot(db, this.seq)
      if (last === undefined && meta.archivedSeq > 0) throw this.lost(meta.archivedSeq)
      this.opened = {
        header: meta.header, epoch, snapshot: last?.bytes, snapshotSeq: last?.seq ?? 0,
        lastSeq: this.seq,
      }
      this.puts = putsOf(db)
    } catch (error) {
      db?.close()
      this.lock.release()
      throw sqliteInWords(this.path, 'opening the journal', error)
    }
  }

  append({ fromMs, bytes, specs, audits }: Batch): void {
    const seq = this.seq + 1
    const digest = chained(this.digest, bytes)
    this.write('appending to the journal', () => {
      this.db.exec('BEGIN IMMEDIATE')
      this.puts.block.run(seq, fromMs, bytes, digest, tallyOf(seq, fromMs))
      for (const { number, spec } of specs) {
        const text = JSON.stringify(spec)
        this.puts.spec.run(number, spec.submittedAtMs, text, seq, crc32(text))
      }
      for (const audit of audits) {
        const { key, digest: asked, who, from, atMs, intent, answer } = audit
        this.puts.audit.run(key, asked, who, from, atMs, intent, answer, seq)
      }
      this.db.exec('COMMIT')
    })
    this.seq = seq
    this.digest = digest
    this.history += bytes.length + ROW_BYTES
  }

  /** Starts a snapshot of the state after the last block, and returns that block. */
  beginSnapshot(): number {
    this.write('keeping a snapshot', () => beginSnapshot(this.db, this.seq))
    return this.seq
  }

  putPart(seq: number, part: number, bytes: Uint8Array): void {
    this.write('keeping a snapshot', () => putPart(this.db, seq, part, bytes))
  }

  endSnapshot(seq: number, length: number, digest: Uint8Array): void {
    this.write('keeping a snapshot', () => endSnapshot(this.db, seq, length, digest))
  }

  /** Removes what is older than it is kept for. `live` are the jobs whose specs stay. */
  forget(nowMs: number, live: readonly number[] | undefined): void {
    const { auditKeepMs, keyKeepMs, specKeepMs } = this.kept
    this.write('removing old rows', () => {
      this.db.exec('BEGIN IMMEDIATE')
      this.db.prepare('DELETE FROM audits WHERE atMs < ?').run(nowMs - auditKeepMs)
      this.db.prepare("UPDATE audits SET key = '' WHERE key <> '' AND atMs < ?")
        .run(nowMs - keyKeepMs)
      if (live !== undefined) {
        this.db.prepare('DELETE FROM specs WHERE submittedAtMs < ? AND number NOT IN '
          + '(SELECT value FROM json_each(?))').run(nowMs - specKeepMs, JSON.stringify(live))
      }
      this.db.exec('COMMIT')
    })
  }

  /** Moves some old blocks to the archive; false when there is nothing more to move. */
  archive(): boolean {
    const rows = this.oldRows()
    const last = rows.at(-1)
    if (last === undefined) return false
    const { archivedBytes, archivedSeq } = metaOf(this.db, this.path)
    const isWhole = archivedSeq === 0 || archivedBytes > 0
    const bytes = isWhole && this.kept.isArchived
      ? appendToArchive(join(this.folder, ARCHIVE), archivedBytes, this.header, rows) : 0
    this.write('archiving old blocks', () => {
      this.db.exec('BEGIN IMMEDIATE')
      this.db.prepare('DELETE FROM blocks WHERE seq <= ?').run(last.seq)
      setMeta(this.db, 'archivedSeq', last.seq)
      setMeta(this.db, 'archivedBytes', bytes)
      setMeta(this.db, 'archivedDigest', last.digest)
      this.db.exec('COMMIT')
    })
    for (const row of rows) this.history -= row.bytes.length + ROW_BYTES
    return true
  }

  blocksAfter(seq: number, most: number): readonly Block[] {
    return this.read(() => this.db.prepare('SELECT seq, fromMs, bytes FROM blocks '
      + 'WHERE seq > ? ORDER BY seq LIMIT ?').all(seq, most) as Block[])
  }

  specOf(number: number): OwnedSpec | undefined {
    const row = this.read(() => this.db.prepare('SELECT spec, tally FROM specs WHERE number = ?')
      .get(number)) as { spec: string, tally: number } | undefined
    if (row === undefined) return undefined
    if (crc32(row.spec) === row.tally) return JSON.parse(row.spec) as OwnedSpec
    throw new InputError(`${this.path}: the spec of job ${number} was changed after it was `
      + 'written, or the disk is failing. Take the last backup with "millrace restore".', 3)
  }

  answered(key: string): Answered | undefined {
    if (key === '') return undefined
    // The index is of keys that are given: SQLite uses it only where the question says so.
    return this.read(() => this.db.prepare('SELECT digest, answer FROM audits WHERE key = ? '
      + "AND key <> ''").get(key)) as Answered | undefined
  }

  audit(before: number, most: number): readonly AuditRow[] {
    return this.read(() => this.db.prepare('SELECT id, key, digest, who, origin AS "from", '
      + 'atMs, intent, answer FROM audits WHERE id < ? ORDER BY id DESC LIMIT ?')
      .all(before, most) as AuditRow[])
  }

  async backup(to: string): Promise<void> {
    if (this.failure !== undefined) throw this.failure
    await copyStore(this.db, this.folder, to)
  }

  close(): void {
    try {
      this.db.close()
    } finally {
      this.lock.release()
    }
  }

  /** Checks every block in the database and goes to the last one. */
  private readBlocks(): void {
    for (const { seq, digest, bytes } of sound(rowsOf(this.db), this.seq, this.digest, this.path)) {
      this.seq = seq
      this.digest = digest
      this.history += bytes.length + ROW_BYTES
    }
  }

  /** Blocks that snapshots cover and that are more than is kept, the oldest, some at once. */
  private oldRows(): Row[] {
    const rows: Row[] = []
    let over = this.history - this.kept.historyBytes
    let bytes = 0
    if (over <= 0) return rows
    this.read(() => {
      const old = this.db.prepare('SELECT * FROM blocks WHERE seq <= ? ORDER BY seq')
        .iterate(coveredSeq(this.db)) as Iterable<Row>
      for (const row of old) {
        if (over <= 0 || bytes >= MOVE_BYTES) break
        rows.push(row)
        over -= row.bytes.length + ROW_BYTES
        bytes += row.bytes.length + ROW_BYTES
      }
    })
    return rows
  }

  private write(doing: string, step: () => void): void {
    if (this.failure !== undefined) throw this.failure
    try {
      step()
    } catch (error) {
      this.failure = sqliteInWords(this.path, doing, error)
      if (this.db.isTransaction) this.undo()
      throw this.failure
    }
  }

  /** What cannot be undone either is undone by whoever opens it next. */
  private undo(): void {
    try {
      this.db.exec('ROLLBACK')
    } catch {
      // The failure that led here is what is told.
    }
  }

  private read<Value>(step: () => Value): Value {
    if (this.failure !== undefined) throw this.failure
    try {
      return step()
    } catch (error) {
      throw sqliteInWords(this.path, 'reading the journal', error)
    }
  }

  private lost(archivedSeq: number): InputError {
    return new InputError(`${this.path}: no snapshot is whole, and blocks up to ${archivedSeq} `
      + 'are in the archive, so the state cannot be built from the database alone. Take the last '
      + 'backup with "millrace restore".', 3)
  }
}

type Puts = {
  readonly block: StatementSync
  readonly spec: StatementSync
  readonly audit: StatementSync
}

function putsOf(db: DatabaseSync): Puts {
  return {
    block: db.prepare('INSERT INTO blocks VALUES (?, ?, ?, ?, ?)'),
    spec: db.prepare('INSERT INTO specs VALUES (?, ?, ?, ?, ?)'),
    audit: db.prepare('INSERT INTO audits (key, digest, who, origin, atMs, intent, answer, '
      + 'seq) VALUES (?, ?, ?, ?, ?, ?, ?, ?)'),
  }
}

/** Settings of the connection, then the tables, where it is new. */
function prepare(db: DatabaseSync, path: string, header: string, kept: Kept): void {
  if (!isEmpty(db)) checkKind(db, path)
  else if (header === '') throw noJournal(path)
  db.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
    PRAGMA journal_size_limit = ${LOG_BYTES}`)
  if (isEmpty(db)) create(db, header)
  if (kept.mostBytes === Infinity) return
  db.exec(`PRAGMA max_page_count = ${Math.max(1, Math.floor(kept.mostBytes / PAGE_BYTES))}`)
}

function makeFolder(folder: string): void {
  try {
    // Where the disk is read-only, the recursive way says that there is no such folder.
    if (existsSync(dirname(folder))) {
      if (!existsSync(folder)) mkdirSync(folder, { mode: 0o700 })
    } else mkdirSync(folder, { recursive: true, mode: 0o700 })
  } catch (error) {
    throw sqliteInWords(folder, 'making the folder', error)
  }
}

/** Commands and environments of jobs are nobody else's: SQLite gives its log the same mode. */
function makePrivate(path: string): void {
  if (!existsSync(path)) closeSync(openSync(path, 'ax', 0o600))
}

function noJournal(path: string): InputError {
  return new InputError(`${path}: there is no journal here; check the path.`)
}
