/** Tears the end off a log of SQLite, as a machine does that stops in the middle of a write. */
import { readFileSync, truncateSync } from 'node:fs'

/** Of its head and of the head of each page in it, see sqlite.org/fileformat2.html. */
const HEAD_BYTES = 32
const FRAME_HEAD_BYTES = 24
const SALT_AT = 16
const FRAME_SALT_AT = 8
const PAGE_SIZE_AT = 8

/**
 * Cuts so many bytes off the last page that belongs to the log. Pages of an earlier round of the
 * log may lie behind it: they have another salt.
 */
export function tear(path: string, bytes: number): void {
  const log = readFileSync(path)
  const frameBytes = FRAME_HEAD_BYTES + log.readUInt32BE(PAGE_SIZE_AT)
  const salt = log.subarray(SALT_AT, SALT_AT + 8)
  let end = HEAD_BYTES
  while (end + frameBytes <= log.length
    && log.subarray(end + FRAME_SALT_AT, end + FRAME_SALT_AT + 8).equals(salt)) end += frameBytes
  if (end === HEAD_BYTES) throw new Error(`${path}: there is no page in it`)
  truncateSync(path, end - bytes)
}
