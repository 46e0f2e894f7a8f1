import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { backup, DatabaseSync } from 'node:sqlite'
import { InputError } from '../model/index.ts'
import { DamagedBlock, sound } from './chain.ts'
import { copyStart, sqliteInWords, syncFolder } from './disk.ts'
import { lockFolder } from './lock.ts'
import { ARCHIVE, DATABASE, metaOf, openReadOnly, rowsOf, setMeta } from './schema.ts'

/**
 * Copies a journal to a new folder as it is at one moment, while it is used. The copy has its name
 * only once it is whole and on the disk, and its chain was checked.
 */
export function copyStore(db: DatabaseSync, folder: string, to: string): Promise<Copied> {
  return copyAs(db, folder, to, check)
}

/**
 * Copies what is sound of a damaged journal to a new folder: blocks before the damaged one, and
 * what came with them. Whoever opens it goes on from there.
 */
export async function repairStore(path: string, to: string): Promise<Cut> {
  const db = openReadOnly(path)
  let lostBlocks = 0
  try {
    const { lastSeq } = await copyAs(db, dirname(path), to, (folder) => {
      lostBlocks = cutOff(join(folder, DATABASE))
      return check(folder)
    })
    return { lastSeq, lostBlocks }
  } finally {
    db.close()
  }
}

/** The last block that was kept, and how many were not. */
export type Cut = { readonly lastSeq: number, readonly lostBlocks: number }

/** `finish` makes sure that the copy is sound before it gets its name. */
async function copyAs(
  db: DatabaseSync, folder: string, to: string, finish: (folder: string) => Copied,
): Promise<Copied> {
  const partial = `${to}.partial`
  if (existsSync(to)) {
    throw new InputError(`${to}: there is something already, and it is not replaced; give another `
      + 'name.')
  }
  try {
    rmSync(partial, { recursive: true, force: true })
    mkdirSync(partial, { recursive: true, mode: 0o700 })
    // All pages in one step: where another process writes, steps would begin again and again.
    await backup(db, join(partial, DATABASE), { rate: ALL_PAGES })
    makeSingle(join(partial, DATABASE))
    const copied = finish(partial)
    const { archivedBytes } = copied
    if (archivedBytes > 0) {
      copyStart(join(folder, ARCHIVE), join(partial, ARCHIVE), archivedBytes)
    }
    syncFolder(partial)
    renameSync(partial, to)
    syncFolder(dirname(to))
    return copied
  } catch (error) {
    rmSync(partial, { recursive: true, force: true })
    throw sqliteInWords(to, 'copying the journal', error)
  }
}

/** A copy needs no log beside it: it can be read from a disk that cannot be written to. */
function makeSingle(path: string): void {
  const db = new DatabaseSync(path)
  try {
    db.exec('PRAGMA synchronous = FULL; PRAGMA journal_mode = DELETE')
  } finally {
    db.close()
  }
}

/** Whether in one step or many, the pages come out as they were at one moment. */
const ALL_PAGES = 0x7fffffff

/** What was copied: up to which block, and how much of the archive belongs to it. */
export type Copied = { readonly lastSeq: number, readonly archivedBytes: number }

/** `millrace backup`: copies the journal of a folder, whether a server uses it or not. */
export async function backupStore(folder: string, to: string): Promise<Copied> {
  const db = openReadOnly(join(folder, DATABASE))
  try {
    return await copyStore(db, folder, to)
  } finally {
    db.close()
  }
}

/**
 * `millrace restore`: puts a backup in place of what is in a folder, which nobody may use
 * meanwhile. What was there is moved beside it, never removed; it returns where to.
 */
export async function restoreStore(from: string, folder: string): Promise<Restored> {
  const copied = check(from)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const lock = lockFolder(folder)
  const incoming = join(folder, 'incoming')
  try {
    rmSync(incoming, { recursive: true, force: true })
    const db = openReadOnly(join(from, DATABASE))
    try {
      await copyStore(db, from, incoming)
    } finally {
      db.close()
    }
    raiseEpoch(join(incoming, DATABASE))
    const aside = moveAside(folder)
    // The archive first: without the database there is no journal yet, and it can be done again.
    for (const name of [ARCHIVE, DATABASE]) {
      if (existsSync(join(incoming, name))) renameSync(join(incoming, name), join(folder, name))
    }
    rmSync(incoming, { recursive: true })
    syncFolder(folder)
    return { lastSeq: copied.lastSeq, aside }
  } catch (error) {
    throw sqliteInWords(folder, 'restoring the journal', error)
  } finally {
    lock.release()
  }
}

/** `aside` is where that went which was there before; '' where there was nothing. */
export type Restored = { readonly lastSeq: number, readonly aside: string }

/** Reads a copy's whole chain; throws where it is not sound. */
function check(folder: string): Copied {
  const path = join(folder, DATABASE)
  const db = openReadOnly(path)
  try {
    return { lastSeq: readAll(db, path), archivedBytes: metaOf(db, path).archivedBytes }
  } catch (error) {
    throw sqliteInWords(path, 'reading the journal', error)
  } finally {
    db.close()
  }
}

/** Removes the first damaged block, and all that came with it and behind it; says how many. */
function cutOff(path: string): number {
  const db = new DatabaseSync(path)
  try {
    const seq = firstDamaged(db, path)
    if (seq === undefined) return 0
    db.exec('BEGIN IMMEDIATE')
    const { changes } = db.prepare('DELETE FROM blocks WHERE seq >= ?').run(seq)
    for (const table of ['specs', 'audits', 'snapshots', 'parts']) {
      db.prepare(`DELETE FROM ${table} WHERE seq >= ?`).run(seq)
    }
    setMeta(db, 'epoch', metaOf(db, path).epoch + EPOCH_STEP)
    db.exec('COMMIT')
    return Number(changes)
  } finally {
    db.close()
  }
}

function firstDamaged(db: DatabaseSync, path: string): number | undefined {
  try {
    readAll(db, path)
    return undefined
  } catch (error) {
    if (error instanceof DamagedBlock) return error.seq
    throw error
  }
}

/** Reads the whole chain that is in a database, and returns its last block. */
function readAll(db: DatabaseSync, path: string): number {
  const { archivedSeq, archivedDigest } = metaOf(db, path)
  let last = archivedSeq
  for (const { seq } of sound(rowsOf(db), archivedSeq, archivedDigest, path)) last = seq
  return last
}

/**
 * Engines may have had orders of later epochs than the backup knows, and refuse older ones. No
 * journal is opened so often between a backup and its return.
 */
const EPOCH_STEP = 1_000_000

function raiseEpoch(path: string): void {
  const db = new DatabaseSync(path)
  try {
    db.exec('PRAGMA synchronous = FULL')
    setMeta(db, 'epoch', metaOf(db, path).epoch + EPOCH_STEP)
  } finally {
    db.close()
  }
}

/** Moves the files of the journal that is there into a folder of their own. */
function moveAside(folder: string): string {
  const old = readdirSync(folder).filter((name) => name === ARCHIVE || name.startsWith(DATABASE))
  if (old.length === 0) return ''
  let number = 1
  while (existsSync(join(folder, `before-restore-${number}`))) number++
  const aside = join(folder, `before-restore-${number}`)
  mkdirSync(aside, { mode: 0o700 })
  for (const name of old) renameSync(join(folder, name), join(aside, name))
  return aside
}
