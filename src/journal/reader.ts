import { createHash } from 'node:crypto'
import { closeSync, existsSync, fstatSync, openSync, readSync, writeFileSync } from 'node:fs'
import { InputError } from '../model/index.ts'
import { ByteReader } from './bytes.ts'
import { decodeRecord, type Clock, type JournalRecord } from './codec.ts'
import { HEAD_BYTES, MAGIC, type JournalHeader } from './writer.ts'

/** Longest block that is read: a header of a large factory fits many times over. */
const BLOCK_MOST = 64 * 1024 * 1024

/** One block as it lies in the file. */
type Block = { readonly payload: Uint8Array, readonly digest: string, readonly endAt: number }

/**
 * Reads a journal block by block, checking each digest. Errors name the file, the byte and what
 * can be done. Holds one block in memory.
 */
export class JournalReader {
  readonly header: JournalHeader
  private readonly path: string
  private readonly file: number
  private readonly size: number
  private readonly clock: Clock = { atMs: 0 }
  private digest = Buffer.alloc(32)
  private at: number
  private blocks = 0

  constructor(path: string) {
    this.path = path
    if (!existsSync(path)) throw new InputError(`${path}: there is no such journal.`)
    this.file = openSync(path, 'r')
    this.size = fstatSync(this.file).size
    const magic = this.bytes(0, MAGIC.length)
    if (magic === undefined || Buffer.from(magic).toString('latin1') !== MAGIC) {
      throw new InputError(`${path}: this is not a Millrace journal of version 1: it does not `
        + `begin with "${MAGIC.trim()}". Give the journal.mrj of a run's output folder.`)
    }
    this.at = MAGIC.length
    const first = this.block()
    if (first === undefined) throw this.cut('before its header is complete')
    try {
      this.header = JSON.parse(Buffer.from(first.payload).toString('utf8')) as JournalHeader
    } catch {
      throw new InputError(`${path}: the header, byte ${this.at}, is not JSON.`)
    }
  }

  /** Fingerprint of all blocks read so far. */
  get journalHash(): string {
    return this.digest.toString('hex')
  }

  /** Every record in order. Ends with the `end` record, or throws where the journal breaks off. */
  *records(): Generator<JournalRecord> {
    let isEnded = false
    for (let block = this.block(); block !== undefined; block = this.block()) {
      const reader = new ByteReader(block.payload)
      while (!reader.isAtEnd) {
        const startedAt = reader.at
        let record: JournalRecord
        try {
          record = decodeRecord(reader, this.clock)
        } catch (error) {
          if (!(error instanceof RangeError || error instanceof TypeError)) throw error
          throw new InputError(`${this.path}: block ${this.blocks}, record at byte ${startedAt} of `
            + `the block: ${error.message}. The journal comes from another version of Millrace.`)
        }
        if (record.type === 'end') isEnded = true
        yield record
      }
    }
    if (!isEnded) throw this.cut('without its end record')
  }

  close(): void {
    closeSync(this.file)
  }

  private block(): Block | undefined {
    if (this.at === this.size) return undefined
    const head = this.bytes(this.at, HEAD_BYTES)
    if (head === undefined) throw this.cut('in the middle of a block')
    const length = Buffer.from(head).readUInt32BE(0)
    if (length > BLOCK_MOST) {
      throw this.changed(`block ${this.blocks} claims a length of ${length} bytes`)
    }
    const payload = this.bytes(this.at + HEAD_BYTES, length)
    if (payload === undefined) throw this.cut('in the middle of a record')
    const digest = createHash('sha256').update(this.digest).update(payload).digest()
    if (!digest.equals(head.subarray(4))) {
      throw this.changed(`block ${this.blocks} does not match its SHA-256`)
    }
    this.digest = digest
    this.at += HEAD_BYTES + length
    this.blocks++
    return { payload, digest: digest.toString('hex'), endAt: this.at }
  }

  private bytes(from: number, length: number): Uint8Array | undefined {
    if (from + length > this.size) return undefined
    const bytes = new Uint8Array(length)
    let read = 0
    while (read < length) {
      const count = readSync(this.file, bytes, read, length - read, from + read)
      if (count === 0) return undefined
      read += count
    }
    return bytes
  }

  private cut(where: string): InputError {
    return new InputError(`${this.path}: the journal ends ${where}, at byte ${this.size}; whole `
      + `blocks reach to byte ${this.at}. The run was cut off or its disk was full. `
      + 'Run "millrace journal FILE --repair NEW" to keep what is whole.', 3)
  }

  private changed(what: string): InputError {
    return new InputError(`${this.path}: ${what} (byte ${this.at}). The file was changed after it `
      + 'was written, or its disk is failing. What comes before that byte is sound: run '
      + '"millrace journal FILE --repair NEW" to keep it.', 3)
  }

  /** Copies the whole, sound blocks to a new file; returns how many bytes were kept. */
  static repair(path: string, to: string): { kept: number, lost: number } {
    const reader = new JournalReader(path)
    try {
      while (reader.block() !== undefined);
    } catch (error) {
      if (!(error instanceof InputError)) throw error
    }
    const kept = reader.at
    writeFileSync(to, reader.bytes(0, kept)!, { flag: 'wx' })
    reader.close()
    return { kept, lost: reader.size - kept }
  }
}
