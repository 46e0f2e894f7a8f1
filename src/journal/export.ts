import { rmSync, writeSync } from 'node:fs'
import type { Plant } from '../model/index.ts'
import { lengthOf, startOf } from './archive.ts'
import { close, openNew, sync, writeAll } from './disk.ts'
import type { LiveReader } from './live-reader.ts'
import { endBlock } from './repair.ts'
import { replay } from './replay.ts'

/** What was written: the hash of the state at its end, and the fingerprint of the file. */
export type Exported = {
  readonly stateHash: string
  readonly journalHash: string
  readonly events: number
}

/**
 * Writes what a live journal holds so far to a file like that of a run, block for block, so that
 * the chain of digests is the same up to its end record. For that the journal is replayed once,
 * on the plant of its header, and read a second time.
 */
export function exportJournal(reader: LiveReader, plant: Plant, to: string): Exported {
  const { state, stateHash } = replay(reader, plant)
  const { events } = state.totals
  const file = openNew(to)
  let at = 0
  const put = (bytes: Uint8Array) => {
    writeAll(to, file, bytes, at, writeSync)
    at += bytes.length
  }
  try {
    for (const part of startOf(reader.headerText)) put(part)
    let last = reader.headerDigest
    for (const { bytes, digest } of reader.blocks()) {
      put(lengthOf(bytes))
      put(digest)
      put(bytes)
      last = digest
    }
    const end = endBlock(last, events, stateHash)
    put(end.bytes)
    sync(to, file)
    return { stateHash, journalHash: Buffer.from(end.digest).toString('hex'), events }
  } catch (error) {
    rmSync(to, { force: true })
    throw error
  } finally {
    close(to, file)
  }
}
