import {
  closeSync, fstatSync, fsyncSync, ftruncateSync, openSync, readSync, statSync,
  writeSync,
} from 'node:fs'
import { InputError } from '../model/index.ts'

/** Files of journals: what the disk refuses is said in words. */

/** Writes bytes from one position on and returns how many were taken. */
export type Write = (file: number, bytes: Uint8Array, from: number) => number

/** Opens a file to read. Never waits, as opening a pipe would. */
export function openToRead(path: string): { readonly file: number, readonly size: number } {
  const kind = attempt(path, 'reading the journal', () => {
    const stat = statSync(path)
    return stat.isDirectory() ? 'a folder' : stat.isFile() ? '' : 'a device or a pipe'
  })
  if (kind !== '') {
    throw new InputError(`${path}: this is ${kind}, not a journal. `
      + "Give the journal.mrj of a run's output folder.")
  }
  return attempt(path, 'reading the journal', () => {
    const file = openSync(path, 'r')
    return { file, size: fstatSync(file).size }
  })
}

/** Creates a file that must not be there yet. */
export function openNew(path: string): number {
  return attempt(path, 'creating the journal', () => openSync(path, 'wx'))
}

/** Copies the first bytes of a file to a new one, durably. */
export function copyStart(from: string, to: string, bytes: number): void {
  const source = openToRead(from)
  try {
    const file = openNew(to)
    try {
      for (let at = 0; at < bytes; at += COPY_BYTES) {
        const part = readAt(from, source.file, at, Math.min(COPY_BYTES, bytes - at))
        if (part === undefined) throw tooShort(from, source.size, bytes)
        writeAll(to, file, part, at, writeSync)
      }
      sync(to, file)
    } finally {
      close(to, file)
    }
  } finally {
    close(from, source.file)
  }
}

const COPY_BYTES = 1 << 20

/** A file of which the database knows more than there is. */
export function tooShort(path: string, size: number, bytes: number): InputError {
  return new InputError(`${path}: the archive has ${size} bytes and had ${bytes}: it was cut or `
    + 'removed. Put it back from a backup.', 3)
}

/** Opens a file to write behind what it has; it need not be there yet. */
export function openToAppend(path: string): { readonly file: number, readonly size: number } {
  return attempt(path, 'opening the journal', () => {
    const file = openSync(path, 'a')
    return { file, size: fstatSync(file).size }
  })
}

export function cutTo(path: string, file: number, bytes: number): void {
  attempt(path, 'writing the journal', () => ftruncateSync(file, bytes))
}

/** Returns once all that was written to a file is on the disk. */
export function sync(path: string, file: number): void {
  attempt(path, 'writing the journal', () => fsyncSync(file))
}

/** A new file is there after a power cut only once its folder is on the disk too. */
export function syncFolder(folder: string): void {
  attempt(folder, 'writing the folder', () => {
    const file = openSync(folder, 'r')
    try {
      fsyncSync(file)
    } finally {
      closeSync(file)
    }
  })
}

/** Bytes of a file, or undefined where it ends before them. */
export function readAt(
  path: string, file: number, from: number, length: number): Uint8Array | undefined {
  return attempt(path, `reading the journal at byte ${from}`, () => {
    const bytes = new Uint8Array(length)
    let read = 0
    while (read < length) {
      const count = readSync(file, bytes, read, length - read, from + read)
      if (count === 0) return undefined
      read += count
    }
    return bytes
  })
}

/** Writes all of the bytes. `done` bytes lie before them, for the message. */
export function writeAll(
  path: string, file: number, bytes: Uint8Array, done: number, write: Write): void {
  let at = 0
  try {
    while (at < bytes.length) at += write(file, bytes, at)
  } catch (error) {
    throw inWords(path, `writing the journal at byte ${done + at}`, error)
  }
}

export function close(path: string, file: number): void {
  attempt(path, 'closing the journal', () => closeSync(file))
}

function attempt<Value>(path: string, doing: string, step: () => Value): Value {
  try {
    return step()
  } catch (error) {
    throw inWords(path, doing, error)
  }
}

/** What is asked for cannot be: exit code 2. Anything else is the outside failing: 4. */
const WRONG_PATH: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file or folder; check the path',
  ENOTDIR: 'a part of the path is a file; check the path',
  ENAMETOOLONG: 'the name is too long; check the path',
  ELOOP: 'a link leads back to itself; check the path',
  EEXIST: 'there is a file already, and it is not replaced; give another name',
  EACCES: 'this user may not use that file; change its permissions or give another one',
  EPERM: 'this user may not use that file; change its permissions or give another one',
}

const OUTSIDE: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full; free some space or write to another disk, then run again',
  EDQUOT: 'the quota of this user is used up; free some space, then run again',
  EROFS: 'the disk is read-only; write to another one',
  EFBIG: 'a file may not grow so large here; raise the limit (ulimit -f), then run again',
  EIO: 'the disk reports an error; copy what you can to another one',
}

function inWords(path: string, doing: string, error: unknown): unknown {
  if (!(error instanceof Error && 'code' in error)) return error
  const code = String(error.code)
  const wrong = WRONG_PATH[code]
  const advice = wrong ?? OUTSIDE[code] ?? `${error.message}; mend that, then run again`
  return new InputError(
    `${path}: ${doing} stopped: ${advice} (${code}).`, wrong === undefined ? 4 : 2)
}

/** SQLite's codes that say what to do; the lower byte of an extended one is the plain one. */
const OF_SQLITE: Readonly<Record<number, readonly [advice: string, exitCode: number]>> = {
  5: ['another process uses it; stop that one, then try again', 4],
  7: ['the memory is used up; free some, then start again', 4],
  8: ['the disk or the file is read-only; make it writable, then start again', 4],
  10: ['the disk reports an error, or a quota or a limit (ulimit -f) is reached; free some space '
    + 'or copy what you can to another disk, then start again', 4],
  11: ['the database is damaged; take the last backup with "millrace restore"', 3],
  13: ['the disk is full, or the journal has grown to the most that it may have; free some space '
    + 'or raise that setting, then start again', 4],
  14: ['there is no such file or folder, this user may not use it, or the disk is read-only; check '
    + 'the path', 2],
  26: ['this is not a database; check the path, or take the last backup with "millrace restore"',
    3],
}

/** What SQLite refuses, in words. Anything else comes back as it is. */
export function sqliteInWords(path: string, doing: string, error: unknown): unknown {
  if (!(error instanceof Error && 'errcode' in error)) return inWords(path, doing, error)
  const code = Number(error.errcode)
  const [advice, exitCode] = OF_SQLITE[code & 0xff] ?? [`${error.message}; mend that`, 4]
  return new InputError(`${path}: ${doing} stopped: ${advice} (SQLite ${code}: ${error.message}).`,
    exitCode)
}
