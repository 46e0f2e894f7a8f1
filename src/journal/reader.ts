import { createHash } from 'node:crypto'
import { InputError } from '../model/index.ts'
import { ByteReader } from './bytes.ts'
import { decodeRecord, type Clock, type JournalRecord } from './codec.ts'
import { close, openToRead, readAt, tooShort } from './disk.ts'
import { otherFormat, readHeader, type JournalHeader } from './header.ts'
import { repair, type Repaired } from './repair.ts'
import type { JournalSource } from './source.ts'
import { HEAD_BYTES, MAGIC } from './writer.ts'

/** Longest block that is read: a header of a large factory fits many times over. */
const BLOCK_MOST = 64 * 1024 * 1024

/**
 * Reads a journal block by block, checking each digest. Errors name the file, the byte and what
 * can be done; where the file is damaged their exit code is 3. Holds one block in memory.
 */
export class JournalReader implements JournalSource {
  readonly isLive = false
  readonly header: JournalHeader
  readonly path: string
  readonly size: number
  private readonly file: number
  private readonly clock: Clock = { atMs: 0 }
  private sum: Buffer = Buffer.alloc(32)
  private at = 0
  private blocks = 0
  private hasEnd = false

  /** With `bytes` what lies behind them is not looked at. */
  constructor(path: string, bytes?: number) {
    this.path = path
    const { file, size } = openToRead(path)
    this.file = file
    this.size = bytes ?? size
    try {
      if (size < this.size) throw tooShort(path, size, this.size)
      this.checkMagic()
      const first = this.block()
      if (first === undefined) throw this.cut('before its header is complete')
      this.header = readHeader(path, first)
    } catch (error) {
      this.close()
      throw error
    }
  }

  /** Fingerprint of all blocks read so far. */
  get journalHash(): string {
    return this.sum.toString('hex')
  }

  /** Digest that the last block read ends with, and where that block ends. */
  get position(): { readonly digest: Uint8Array, readonly at: number } {
    return { digest: this.sum, at: this.at }
  }

  /** Whether the end record was read. */
  get isEnded(): boolean {
    return this.hasEnd
  }

  /** Every record in order. Ends with the `end` record, or throws where the journal breaks off. */
  *records(): Generator<JournalRecord> {
    for (let block = this.block(); block !== undefined; block = this.block()) {
      const reader = new ByteReader(block)
      while (!reader.isAtEnd) {
        const record = decodeIn(reader, this.clock, this, this.blocks)
        this.hasEnd = record.type === 'end'
        if (this.hasEnd && !(reader.isAtEnd && this.at === this.size)) {
          throw this.damaged('there are bytes after the end record')
        }
        yield record
        if (this.hasEnd) return
      }
    }
    throw this.cut('without its end record')
  }

  close(): void {
    close(this.path, this.file)
  }

  /** Copies the whole, sound blocks to a new file and ends it; says how many bytes were kept. */
  static repair(path: string, to: string): Repaired {
    const reader = new JournalReader(path)
    try {
      return repair(reader, to)
    } finally {
      reader.close()
    }
  }

  /** Bytes of the file that were read before and are sound. */
  bytes(from: number, length: number): Uint8Array | undefined {
    return from + length > this.size ? undefined : readAt(this.path, this.file, from, length)
  }

  private checkMagic(): void {
    const found = this.bytes(0, Math.min(this.size, MAGIC.length)) ?? new Uint8Array(0)
    const text = Buffer.from(found).toString('latin1')
    if (text !== MAGIC) {
      if (MAGIC.startsWith(text)) throw this.cut('before its header is complete')
      const other = /^MILLRACE-JOURNAL-(\d+)/.exec(text)
      if (other !== null) throw otherFormat(this.path, other[1]!, '')
      throw new InputError(`${this.path}: this is not a Millrace journal: it does not begin with `
        + `"${MAGIC.trim()}". Give the journal.mrj of a run's output folder.`)
    }
    this.at = MAGIC.length
  }

  /** The bytes of the next block, or undefined at the end of the file. */
  block(): Uint8Array | undefined {
    if (this.at === this.size) return undefined
    const head = this.bytes(this.at, HEAD_BYTES)
    if (head === undefined) throw this.cut('in the middle of a block')
    const length = Buffer.from(head).readUInt32BE(0)
    if (length > BLOCK_MOST) {
      throw this.damaged(`block ${this.blocks + 1} claims a length of ${length} bytes`)
    }
    const payload = this.bytes(this.at + HEAD_BYTES, length)
    if (payload === undefined) throw this.cut('in the middle of a block')
    const sum = createHash('sha256').update(this.sum).update(payload).digest()
    if (!sum.equals(head.subarray(4))) {
      throw this.damaged(`block ${this.blocks + 1} does not match its SHA-256`)
    }
    this.sum = sum
    this.at += HEAD_BYTES + length
    this.blocks++
    return payload
  }

  private cut(where: string): InputError {
    return new InputError(`${this.path}: the journal ends ${where}, at byte ${this.size}; whole `
      + `blocks reach to byte ${this.at}. The run was cut off, its disk was full, or the file was `
      + `not copied whole. ${this.remedy()}`, 3)
  }

  private damaged(what: string): InputError {
    return new InputError(`${this.path}: ${what}, at byte ${this.at}. The file was changed after `
      + `it was written, or its disk is failing. ${this.remedy()}`, 3)
  }

  private remedy(): string {
    return this.blocks === 0 ? 'Nothing of it can be used: run the twin again.'
      : 'What comes before that byte is sound: run "millrace journal FILE --repair NEW" to keep it.'
  }
}

/** The next record of a block, which is sound: one that cannot be read is of another version. */
export function decodeIn(
  reader: ByteReader, clock: Clock, { path, header }: Pick<JournalSource, 'path' | 'header'>,
  block: number): JournalRecord {
  const startedAt = reader.at
  try {
    return decodeRecord(reader, clock)
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    throw new InputError(`${path}: block ${block}, record at byte ${startedAt} of the block: `
      + `${error.message}. The journal comes from another version of Millrace: read it with `
      + `Millrace ${header.version}.`)
  }
}
