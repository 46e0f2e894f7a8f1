import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { InputError } from '../model/index.ts'
import { sqliteInWords } from './disk.ts'

/** SQLite's code for a lock that another has. */
const BUSY = 5

export type Lock = { readonly release: () => void }

/**
 * Holds a folder for this process, or refuses with the process that has it. It is a lock of SQLite
 * on an empty database: the system drops it when the process ends, however it ends. The journal
 * has one of its own, and not SQLite's exclusive mode, so that others may read while one writes.
 * Nothing may open `lock` otherwise: a process that closes any handle of a file loses its locks.
 */
export function lockFolder(folder: string): Lock {
  const path = join(folder, 'lock')
  const holder = join(folder, 'lock.pid')
  let db: DatabaseSync | undefined
  try {
    db = new DatabaseSync(path, { timeout: 0 })
    db.exec('BEGIN EXCLUSIVE')
    writeFileSync(holder, `${process.pid}\n`)
  } catch (error) {
    db?.close()
    if (error instanceof Error && 'errcode' in error && error.errcode === BUSY) {
      throw new InputError(`${folder}: ${nameOf(holder)} uses this folder. Only one can; stop that `
        + 'one, or give another folder.', 4)
    }
    throw sqliteInWords(path, 'locking the folder', error)
  }
  const held = db
  return { release: () => held.close() }
}

/** Who has the lock: it wrote down its number right after it got it. */
function nameOf(holder: string): string {
  try {
    const pid = Number(readFileSync(holder, 'utf8'))
    if (pid === process.pid) return `this process (pid ${pid})`
    if (pid > 0) return `the process with pid ${pid}`
  } catch {
    // It is about to write it.
  }
  return 'another process'
}
