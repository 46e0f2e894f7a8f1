import { createHash } from 'node:crypto'
import { writeSync } from 'node:fs'
import { ByteWriter } from './bytes.ts'
import { encodeRecord, encodeTurn, type Clock, type JournalRecord } from './codec.ts'
import { close, openNew, writeAll, type Write } from './disk.ts'
import type { JournalHeader } from './header.ts'

/** First bytes of every journal: the name and the version of the format. */
export const MAGIC = 'MILLRACE-JOURNAL-1\n'

/** Bytes of a block's head: its length, then the digest that ends at this block. */
export const HEAD_BYTES = 36

/** A block is written when it is at least as long. */
export const BLOCK_BYTES = 262_144

/**
 * Appends records to a file in blocks. Each block carries the SHA-256 over the digest of the block
 * before it and its own bytes, so that a cut, a lost or a changed block shows, and the last digest
 * names the whole journal. When a write fails, the journal is closed as it is, without an end, and
 * every later call fails with the same error.
 */
export class JournalWriter {
  private readonly path: string
  private readonly put: Write
  private file: number | undefined
  private failure: unknown
  private readonly writer = new ByteWriter()
  private readonly clock: Clock = { atMs: 0 }
  private digest: Buffer = Buffer.alloc(32)
  bytesWritten = 0

  /** Without a path it only hashes: the fingerprint is the same. */
  constructor(path: string | undefined, header: JournalHeader, put: Write = writeSync) {
    this.path = path ?? ''
    this.put = put
    this.file = path === undefined ? undefined : openNew(path)
    this.write(Buffer.from(MAGIC))
    for (const byte of Buffer.from(JSON.stringify(header))) this.writer.byte(byte)
    this.flush()
  }

  append(record: JournalRecord): void {
    encodeRecord(record, this.writer, this.clock)
    if (this.writer.length >= BLOCK_BYTES) this.flush()
  }

  /** The record of a turn. */
  turn(atMs: number): void {
    encodeTurn(atMs, this.writer, this.clock)
    if (this.writer.length >= BLOCK_BYTES) this.flush()
  }

  /** Ends the journal and returns its fingerprint. */
  close(stateHash: string, events: number): string {
    this.append({ type: 'end', stateHash, events })
    this.flush()
    this.abandon()
    return this.digest.toString('hex')
  }

  /** Closes the file as it is, without an end. May be called again. */
  abandon(): void {
    const { file } = this
    this.file = undefined
    if (file !== undefined) close(this.path, file)
  }

  private flush(): void {
    if (this.writer.length === 0) return
    const payload = this.writer.bytes.subarray(0, this.writer.length)
    const head = headOf(this.digest, payload)
    this.digest = head.subarray(4)
    this.write(head)
    this.write(payload)
    this.writer.length = 0
  }

  private write(bytes: Uint8Array): void {
    if (this.failure !== undefined) throw this.failure
    if (this.file !== undefined) {
      try {
        writeAll(this.path, this.file, bytes, this.bytesWritten, this.put)
      } catch (error) {
        this.failure = error
        this.abandon()
        throw error
      }
    }
    this.bytesWritten += bytes.length
  }
}

/** The head of the block that follows the one with that digest. */
export function headOf(digest: Uint8Array, payload: Uint8Array): Buffer {
  const head = Buffer.alloc(HEAD_BYTES)
  head.writeUInt32BE(payload.length, 0)
  createHash('sha256').update(digest).update(payload).digest().copy(head, 4)
  return head
}
