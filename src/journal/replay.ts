import { advance, apply, settle } from '../core/apply.ts'
import { decide, type Policy } from '../core/decide.ts'
import { createState, hashState, type State } from '../core/state.ts'
import type { Plant } from '../model/index.ts'
import type { JournalRecord } from './codec.ts'
import type { JournalReader } from './reader.ts'

export type Replayed = {
  readonly state: State
  readonly stateHash: string
  /** What the journal says the hash was when it was closed. */
  readonly expectedHash: string
  readonly journalHash: string
}

/**
 * Rebuilds the state from a journal (I12). Policies do not run, since their decisions are events;
 * with `policies` they run as well, on the same states, and must decide the same, else a
 * DifferenceError says where.
 */
export function replay(
  reader: JournalReader, plant: Plant, policies?: readonly Policy[]): Replayed {
  const state = createState(plant)
  const records = new Lookahead(reader.records())
  let expectedHash = ''
  for (let record = records.take(); record !== undefined; record = records.take()) {
    if (record.type === 'turn') {
      advance(state, record.atMs)
    } else if (record.type === 'end') {
      expectedHash = record.stateHash
    } else if (record.type !== 'round') {
      apply(state, record)
    } else if (policies !== undefined) {
      rehearse(state, policies, records)
    } else {
      repeat(state, records)
    }
  }
  const { journalHash } = reader
  return { state, stateHash: hashState(state), expectedHash, journalHash }
}

/** Applies the decisions of a round as they were. */
function repeat(state: State, records: Lookahead): void {
  while (isDecided(records.next)) apply(state, records.take() as never)
  settle(state)
}

/** Runs the policies and compares each step with the journal's. */
function rehearse(state: State, policies: readonly Policy[], records: Lookahead): void {
  const at = `at ${state.totals.nowMs} ms`
  decide(state, policies, (step) => {
    const found = records.take()
    if (JSON.stringify(found) !== JSON.stringify(step)) {
      throw new DifferenceError(`${at} the journal has ${JSON.stringify(found)}, `
        + `the policies decide ${JSON.stringify(step)}`)
    }
    apply(state, step)
  }, { decisions: 0, refused: 0, lastProblem: '' })
  if (isDecided(records.next)) {
    throw new DifferenceError(
      `${at} the journal has ${JSON.stringify(records.next)}, the policies stop before it`)
  }
}

/** The policies decide otherwise than the journal: from here on the two cannot be compared. */
export class DifferenceError extends Error {
  override name = 'DifferenceError'
}

function isDecided(record: JournalRecord | undefined): boolean {
  return record !== undefined && record.type !== 'turn' && record.type !== 'end'
}

/** Records with a look at the next one. */
class Lookahead {
  next: JournalRecord | undefined
  private readonly records: Generator<JournalRecord>

  constructor(records: Generator<JournalRecord>) {
    this.records = records
    this.next = this.pull()
  }

  take(): JournalRecord | undefined {
    const record = this.next
    this.next = record === undefined ? undefined : this.pull()
    return record
  }

  private pull(): JournalRecord | undefined {
    const { value, done } = this.records.next()
    return done === true ? undefined : value
  }
}
