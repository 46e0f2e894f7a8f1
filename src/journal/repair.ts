import { rmSync, writeSync } from 'node:fs'
import { InputError } from '../model/index.ts'
import { ByteWriter } from './bytes.ts'
import { encodeRecord } from './codec.ts'
import { close, openNew, writeAll } from './disk.ts'
import type { JournalReader } from './reader.ts'
import { headOf } from './writer.ts'

/** Bytes of the old file that are in the new one, and bytes that are not. */
export type Repaired = { readonly kept: number, readonly lost: number }

/** Bytes that are copied at once. */
const CHUNK = 1 << 20

/**
 * Copies the whole, sound blocks of a journal to a new file. One that was not closed gets an end
 * record without a state hash, since nobody knows what state the run had there.
 */
export function repair(reader: JournalReader, to: string): Repaired {
  const events = readSound(reader)
  const { at: kept, digest } = reader.position
  const file = openNew(to)
  try {
    for (let at = 0; at < kept; at += CHUNK) {
      const bytes = reader.bytes(at, Math.min(CHUNK, kept - at))!
      writeAll(to, file, bytes, at, writeSync)
    }
    if (!reader.isEnded) writeAll(to, file, endBlock(digest, events, '').bytes, kept, writeSync)
  } catch (error) {
    close(to, file)
    rmSync(to, { force: true })
    throw error
  }
  close(to, file)
  return { kept, lost: reader.size - kept }
}

/** Reads to where the damage begins and counts events. A journal of another version throws. */
function readSound(reader: JournalReader): number {
  let events = 0
  try {
    for (const { type } of reader.records()) {
      if (type !== 'turn' && type !== 'round' && type !== 'end') events++
    }
  } catch (error) {
    if (!(error instanceof InputError) || error.exitCode !== 3) throw error
  }
  return events
}

/** The last block of a file, behind the one with that digest, and the digest that it ends with. */
export function endBlock(
  digest: Uint8Array, events: number, stateHash: string,
): { readonly bytes: Uint8Array, readonly digest: Uint8Array } {
  const writer = new ByteWriter()
  encodeRecord({ type: 'end', stateHash, events }, writer, { atMs: 0 })
  const payload = writer.bytes.subarray(0, writer.length)
  const head = headOf(digest, payload)
  return { bytes: Buffer.concat([head, payload]), digest: head.subarray(4) }
}
