import { createHash } from 'node:crypto'
import { closeSync, openSync, writeSync } from 'node:fs'
import { ByteWriter } from './bytes.ts'
import { encodeRecord, type Clock, type JournalRecord } from './codec.ts'

/** First bytes of every journal: the name and the version of the format. */
export const MAGIC = 'MILLRACE-JOURNAL-1\n'

/** Bytes of a block's head: its length, then the digest that ends at this block. */
export const HEAD_BYTES = 36

/** A block is written when it is at least as long. */
const BLOCK_BYTES = 262_144

/** What a journal starts with: enough to build the same state again. */
export type JournalHeader = {
  readonly format: 1
  /** The factory file as it was read, checked, without comments. */
  readonly factory: unknown
  readonly seed: number
  readonly policies: { readonly order: string, readonly backfill: string, readonly place: string }
}

/**
 * Appends records to a file in blocks. Each block carries the SHA-256 over the digest of the block
 * before it and its own bytes, so that a cut, a lost or a changed block shows, and the last digest
 * names the whole journal.
 */
export class JournalWriter {
  private readonly file: number | undefined
  private readonly writer = new ByteWriter()
  private readonly clock: Clock = { atMs: 0 }
  private digest = Buffer.alloc(32)
  bytesWritten = 0

  /** Without a path it only hashes: the fingerprint is the same. */
  constructor(path: string | undefined, header: JournalHeader) {
    this.file = path === undefined ? undefined : openSync(path, 'wx')
    this.write(Buffer.from(MAGIC))
    this.writer.length = 0
    for (const byte of Buffer.from(JSON.stringify(header))) this.writer.byte(byte)
    this.flush()
  }

  append(record: JournalRecord): void {
    encodeRecord(record, this.writer, this.clock)
    if (this.writer.length >= BLOCK_BYTES) this.flush()
  }

  /** Ends the journal and returns its fingerprint. */
  close(stateHash: string, events: number): string {
    this.append({ type: 'end', stateHash, events })
    this.flush()
    this.abandon()
    return this.digest.toString('hex')
  }

  /** Closes the file as it is, without an end. */
  abandon(): void {
    if (this.file !== undefined) closeSync(this.file)
  }

  private flush(): void {
    if (this.writer.length === 0) return
    const payload = this.writer.bytes.subarray(0, this.writer.length)
    this.digest = createHash('sha256').update(this.digest).update(payload).digest()
    const head = Buffer.alloc(HEAD_BYTES)
    head.writeUInt32BE(payload.length, 0)
    this.digest.copy(head, 4)
    this.write(head)
    this.write(payload)
    this.writer.length = 0
  }

  private write(bytes: Uint8Array): void {
    this.bytesWritten += bytes.length
    if (this.file === undefined) return
    for (let at = 0; at < bytes.length;) at += writeSync(this.file, bytes, at)
  }
}
