import { writeSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Row } from './chain.ts'
import { close, cutTo, openToAppend, sync, syncFolder, tooShort, writeAll } from './disk.ts'
import { headOf, HEAD_BYTES, MAGIC } from './writer.ts'

/**
 * Appends blocks to the archive, a journal file without its end whose chain goes on in the
 * database, and returns how long it is then, durably. `bytes` is how much of it the database knows
 * of: what lies behind came from an attempt that was cut off, and goes.
 */
export function appendToArchive(
  path: string, bytes: number, header: string, rows: readonly Row[]): number {
  const { file, size } = openToAppend(path)
  try {
    if (size < bytes) throw tooShort(path, size, bytes)
    cutTo(path, file, bytes)
    let at = bytes
    const put = (part: Uint8Array) => {
      writeAll(path, file, part, at, writeSync)
      at += part.length
    }
    if (bytes === 0) for (const part of startOf(header)) put(part)
    for (const { bytes: payload, digest } of rows) {
      put(lengthOf(payload))
      put(digest)
      put(payload)
    }
    sync(path, file)
    if (bytes === 0) syncFolder(dirname(path))
    return at
  } finally {
    close(path, file)
  }
}

/** The first bytes of a journal file: its magic, and the block with the header. */
export function startOf(header: string): readonly Uint8Array[] {
  const payload = Buffer.from(header)
  return [Buffer.from(MAGIC), headOf(new Uint8Array(HEAD_BYTES - 4), payload), payload]
}

/** The length before a block. */
export function lengthOf(payload: Uint8Array): Uint8Array {
  const length = Buffer.alloc(4)
  length.writeUInt32BE(payload.length, 0)
  return length
}
