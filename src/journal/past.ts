import { advance } from '../core/apply.ts'
import { createState, forkState, type State } from '../core/state.ts'
import { InputError, type Plant } from '../model/index.ts'
import { ByteReader } from './bytes.ts'
import type { JournalRecord } from './codec.ts'
import { catalogueOf } from './header.ts'
import { LiveReader } from './live-reader.ts'
import { play } from './play.ts'
import { decodeIn } from './reader.ts'
import { loadSnapshot } from './snapshot.ts'

/** A state after a block, from which later ones are played. */
type Key = { readonly seq: number, readonly clockMs: number, readonly state: State }

/** A state, and the last block that is in it, perhaps in part. */
export type Moment = { readonly state: State, readonly seq: number }

/** States on the way are kept after so many records: a second's work or less to play. */
const KEY_RECORDS = 200_000

/** Bytes of all states that are kept: five of a factory of a million GPUs. */
const KEPT_BYTES = 256 * 1024 * 1024

/** Of a small factory no more than these: they are as near as anybody looks. */
const KEPT_MOST = 32

/**
 * States of a live factory at moments that are past, each played from the nearest one that is
 * known: one kept on the way to an earlier answer, a snapshot of the journal, or its beginning.
 * Whoever writes the journal goes on meanwhile.
 */
export class Past {
  private readonly path: string
  private readonly plant: Plant
  private readonly catalogue: string
  private keys: Key[] = []
  /** Snapshots of the journal that were looked at, by block. */
  private readonly looked = new Set<number>()

  constructor(path: string, plant: Plant) {
    this.path = path
    this.plant = plant
    this.catalogue = catalogueOf(plant)
  }

  /**
   * The state at a moment, for the caller to keep, and the last block before it. Costs the records
   * from the nearest known state on: half a million a second or so.
   */
  stateAt(atMs: number): Moment {
    const reader = new LiveReader(this.path)
    try {
      if (reader.header.catalogue !== this.catalogue) {
        throw new InputError(`${this.path}: it is the journal of another plant.`, 3)
      }
      this.takeSnapshots(reader)
      return this.playTo(reader, atMs)
    } finally {
      reader.close()
    }
  }

  private playTo(reader: LiveReader, atMs: number): Moment {
    const near = this.keys.findLast(({ state }) => state.totals.nowMs <= atMs)
    const isPowered = (reader.header.policies.power ?? 'none') !== 'none'
    const state = near === undefined ? createState(this.plant, isPowered) : forkState(near.state)
    const clock = { atMs: near?.clockMs ?? 0 }
    let seq = near?.seq ?? 0
    let since = 0
    for (const block of reader.blocksAfter(seq)) {
      clock.atMs = block.fromMs ?? clock.atMs
      const before = clock.atMs
      const records = recordsOf(block.bytes, clock, reader, block.seq)
      if (records.some((record) => record.type === 'turn' && record.atMs > atMs)) {
        this.keep({ seq, clockMs: before, state: forkState(state) })
        play(state, records, atMs)
        seq = block.seq
        break
      }
      since += play(state, records)
      seq = block.seq
      if (since < KEY_RECORDS) continue
      since = 0
      this.keep({ seq, clockMs: clock.atMs, state: forkState(state) })
    }
    advance(state, Math.max(state.totals.nowMs, atMs))
    return { state, seq }
  }

  /** What the journal itself has kept is nearer than its beginning. */
  private takeSnapshots(reader: LiveReader): void {
    for (const seq of reader.snapshotSeqs()) {
      if (this.looked.has(seq)) continue
      this.looked.add(seq)
      const bytes = reader.snapshotOf(seq)
      if (bytes === undefined) continue
      const state = loadSnapshot(this.plant, bytes)
      this.keep({ seq, clockMs: state.totals.nowMs, state })
    }
  }

  /** Where there is no room, the one goes whose neighbours are nearest to one another. */
  private keep(key: Key): void {
    if (this.keys.some(({ seq }) => seq === key.seq)) return
    this.keys = [...this.keys, key].sort((a, b) => a.seq - b.seq)
    const { byteLength } = key.state.arena.buffer
    const most = Math.max(2, Math.min(KEPT_MOST, Math.floor(KEPT_BYTES / byteLength)))
    while (this.keys.length > most) this.keys.splice(crowded(this.keys), 1)
  }
}

/** Index of the key that is missed least. */
function crowded(keys: readonly Key[]): number {
  let found = 0
  let least = Infinity
  for (let at = 0; at < keys.length - 1; at++) {
    const gap = keys[at + 1]!.seq - (keys[at - 1]?.seq ?? 0)
    if (gap >= least) continue
    least = gap
    found = at
  }
  return found
}

function recordsOf(
  bytes: Uint8Array, clock: { atMs: number }, source: LiveReader, seq: number): JournalRecord[] {
  const reader = new ByteReader(bytes)
  const records: JournalRecord[] = []
  while (!reader.isAtEnd) records.push(decodeIn(reader, clock, source, seq))
  return records
}
