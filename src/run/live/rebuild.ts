import { createState, type State } from '../../core/state.ts'
import { ByteReader } from '../../journal/bytes.ts'
import { decodeRecord, type JournalRecord } from '../../journal/codec.ts'
import { catalogueOf } from '../../journal/header.ts'
import { play } from '../../journal/play.ts'
import { loadSnapshot } from '../../journal/snapshot.ts'
import type { Block, Store } from '../../journal/store.ts'
import { InputError, PHASE, type Plant } from '../../model/index.ts'
import type { PolicyNames } from '../../policies/policy.ts'

/** Blocks that are read at once: they are a few hundred bytes to a few hundred thousand each. */
const BLOCKS_AT_ONCE = 1000

/** The state up to a block: the store's snapshot, and the records of the blocks behind it. */
export async function rebuild(
  store: Store, plant: Plant, lastSeq: number,
): Promise<{ readonly state: State, readonly records: number }> {
  const { header, snapshot, snapshotSeq } = store.opened
  const state = snapshot === undefined
    ? createState(plant, (header.policies.power ?? 'none') !== 'none')
    : loadSnapshot(plant, snapshot)
  let records = 0
  for (let seq = snapshot === undefined ? 0 : snapshotSeq; seq < lastSeq;) {
    const blocks = await store.blocksAfter(seq, BLOCKS_AT_ONCE)
    for (const block of blocks) {
      if (block.seq !== seq + 1) throw gap(seq, block.seq)
      seq = block.seq
      records += replayBlock(state, block)
    }
    if (blocks.length === 0) throw gap(seq, lastSeq)
  }
  return { state, records }
}

/** Numbers of the jobs that wait or run: specs of all others may go. */
export function liveNumbers({ tables, totals }: State): number[] {
  const { phase, number } = tables.jobs
  const found: number[] = []
  for (let job = 0; job < totals.jobRows; job++) {
    if (phase[job] !== PHASE.free) found.push(number[job]!)
  }
  return found
}

/** Applies the records of a block. Returns how many. */
function replayBlock(state: State, { seq, fromMs, bytes }: Block): number {
  return play(state, recordsIn(new ByteReader(bytes), { atMs: fromMs }, seq))
}

function* recordsIn(
  reader: ByteReader, clock: { atMs: number }, seq: number): Generator<JournalRecord> {
  while (!reader.isAtEnd) yield read(reader, clock, seq)
}

function read(reader: ByteReader, clock: { atMs: number }, seq: number): JournalRecord {
  try {
    return decodeRecord(reader, clock)
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    throw new InputError(`The journal's block ${seq} holds a record that is not one: `
      + `${error.message}. Its disk may be failing: restore the last backup.`, 3)
  }
}

function gap(seq: number, found: number): InputError {
  return new InputError(`The journal goes on from block ${seq} to block ${found}: blocks between `
    + 'them are gone. Restore the last backup.', 3)
}

/** What a journal was begun with and cannot change. Throws an InputError where it did. */
export function checkHeader({ opened }: Store, plant: Plant, policies: PolicyNames): void {
  const { power: before = 'none' } = opened.header.policies
  const { power: after = 'none' } = policies
  const wasOn = before !== 'none'
  const isOn = after !== 'none'
  if (wasOn !== isOn) {
    throw new InputError(`Factory ${plant.name} was begun with power policy ${before} and is to `
      + `go on with ${after}: whether power is controlled at all cannot change. Keep it, or start `
      + 'with another --state folder.')
  }
  const now = catalogueOf(plant)
  if (opened.header.catalogue === now) return
  throw new InputError(`The journal is of another plant: its factory file gave ${
    opened.header.catalogue} then, and this one gives ${now}. Bring the factory file (and the `
    + `Millrace ${opened.header.version}) of then back, or start with another --state folder.`)
}
