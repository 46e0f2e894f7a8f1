import { existsSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { DatabaseSync } from 'node:sqlite'
import { InputError } from '../model/index.ts'
import { firstDigest, type Row } from './chain.ts'
import { sqliteInWords } from './disk.ts'

/** Files of a live journal's folder. */
export const DATABASE = 'journal.db'
export const ARCHIVE = 'archive.mrj'

/** Marks a database as ours: "MRJ" and a byte, in the head of the file. */
const APPLICATION_ID = 0x4d_52_4a_01

/** Version of the tables below; the records in them have the format of the header. */
const VERSION = 1

/**
 * `seq` of specs and audits is the block that they came with: what is cut off with a damaged block.
 * `tally` guards what the chain of digests does not cover: the seq and the clock of a block, the
 * text of a spec. It finds bits that flipped; it is no defence against an adversary.
 */
const TABLES = `
  CREATE TABLE meta (name TEXT PRIMARY KEY, value ANY NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE blocks (
    seq INTEGER PRIMARY KEY, fromMs INTEGER NOT NULL, bytes BLOB NOT NULL, digest BLOB NOT NULL,
    tally INTEGER NOT NULL) STRICT;
  CREATE TABLE specs (
    number INTEGER PRIMARY KEY, submittedAtMs INTEGER NOT NULL, spec TEXT NOT NULL,
    seq INTEGER NOT NULL, tally INTEGER NOT NULL) STRICT;
  CREATE INDEX specs_by_time ON specs (submittedAtMs);
  CREATE TABLE audits (
    id INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT NOT NULL, digest TEXT NOT NULL,
    who TEXT NOT NULL, origin TEXT NOT NULL, atMs INTEGER NOT NULL, intent TEXT NOT NULL,
    answer TEXT NOT NULL, seq INTEGER NOT NULL) STRICT;
  CREATE UNIQUE INDEX audits_by_key ON audits (key) WHERE key <> '';
  CREATE INDEX audits_by_time ON audits (atMs);
  CREATE TABLE snapshots (
    seq INTEGER PRIMARY KEY, length INTEGER NOT NULL, digest BLOB NOT NULL) STRICT;
  CREATE TABLE parts (
    seq INTEGER NOT NULL, part INTEGER NOT NULL, bytes BLOB NOT NULL,
    PRIMARY KEY (seq, part)) STRICT;
`

/** What there is one of. Blocks up to `archivedSeq` are in the archive, in so many bytes of it. */
export type Meta = {
  /** The header as it was written: the chain starts with its bytes. */
  readonly header: string
  /** Where the chain starts: over the header. */
  readonly headerDigest: Uint8Array
  readonly epoch: number
  readonly archivedSeq: number
  readonly archivedBytes: number
  /** Digest that the archived blocks end with. */
  readonly archivedDigest: Uint8Array
}

/** Makes the tables of a new journal, all of them or none. */
export function create(db: DatabaseSync, header: string): void {
  const headerDigest = firstDigest(header)
  const meta: Meta = {
    header, headerDigest, epoch: 0, archivedSeq: 0, archivedBytes: 0, archivedDigest: headerDigest,
  }
  db.exec('BEGIN IMMEDIATE')
  db.exec(`PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${VERSION}`)
  db.exec(TABLES)
  for (const [name, value] of Object.entries(meta)) setMeta(db, name as keyof Meta, value)
  db.exec('COMMIT')
}

/** Whether it has no tables yet: it is new, or whoever made it got no further. */
export function isEmpty(db: DatabaseSync): boolean {
  return db.prepare('SELECT count(*) AS count FROM sqlite_schema').get()!['count'] === 0
}

/** Refuses a database that is not a journal, or one of another version. */
export function checkKind(db: DatabaseSync, path: string): void {
  const { id, version } = db.prepare('SELECT application_id AS id, user_version AS version '
    + 'FROM pragma_application_id, pragma_user_version').get() as { id: number, version: number }
  if (id !== APPLICATION_ID) {
    throw new InputError(`${path}: this is a database of something else, not a Millrace journal. `
      + 'Give the folder of a factory below the state folder.')
  }
  if (version === VERSION) return
  throw new InputError(`${path}: its tables have version ${version}; this Millrace reads version `
    + `${VERSION}. Use the Millrace that wrote it.`)
}

/** Digest of a block in the database; undefined where it is not there. */
export function digestAt(db: DatabaseSync, seq: number): Uint8Array | undefined {
  return db.prepare('SELECT digest FROM blocks WHERE seq = ?').get(seq)?.['digest'] as
    Uint8Array | undefined
}

/** Blocks in the database after one, in order. By pages: row by row takes twice the time. */
export function* rowsOf(db: DatabaseSync, after: number = -1): Generator<Row> {
  const page = db.prepare('SELECT * FROM blocks WHERE seq > ? ORDER BY seq LIMIT ?')
  for (let last = after; ;) {
    const rows = page.all(last, PAGE_ROWS) as Row[]
    yield* rows
    if (rows.length < PAGE_ROWS) return
    last = rows[PAGE_ROWS - 1]!.seq
  }
}

/** Large blocks are few: those of a factory that catches up have some hundred thousand bytes. */
const PAGE_ROWS = 200

/** Throws where the header was changed. */
export function metaOf(db: DatabaseSync, path: string): Meta {
  const rows = db.prepare('SELECT name, value FROM meta').all()
  const meta = Object.fromEntries(rows.map(({ name, value }) => [name, value])) as unknown as Meta
  if (Buffer.compare(firstDigest(meta.header), meta.headerDigest) === 0) return meta
  throw new InputError(`${path}: the header does not match its SHA-256. The file was changed after `
    + 'it was written, or its disk is failing. Take the last backup with "millrace restore".', 3)
}

export function setMeta<Name extends keyof Meta>(
  db: DatabaseSync, name: Name, value: Meta[Name]): void {
  db.prepare('INSERT OR REPLACE INTO meta VALUES (?, ?)').run(name, value)
}

/**
 * Opens a journal's database to read; whoever writes it may go on meanwhile. A disk that cannot be
 * written to does too, where the writer closed it.
 */
export function openReadOnly(path: string): DatabaseSync {
  if (!existsSync(path)) {
    throw new InputError(`${path}: there is no such file; check the path.`)
  }
  const step = (location: string | URL) => {
    const db = new DatabaseSync(location, { readOnly: true, timeout: BUSY_MS })
    try {
      checkKind(db, path)
      return db
    } catch (error) {
      db.close()
      throw error
    }
  }
  try {
    return step(path)
  } catch (error) {
    if (error instanceof InputError || existsSync(`${path}-wal`)) {
      throw sqliteInWords(path, 'reading the journal', error)
    }
  }
  try {
    return step(fixed(path))
  } catch (error) {
    throw sqliteInWords(path, 'reading the journal', error)
  }
}

/** A reader waits as long for a writer that just opens or checkpoints. */
const BUSY_MS = 5000

/** A file that SQLite may take as one that nobody changes: it needs no files beside it then. */
function fixed(path: string): URL {
  const url = pathToFileURL(path)
  url.searchParams.set('immutable', '1')
  return url
}
