import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs'
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
