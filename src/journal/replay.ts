import { advance, apply, settle } from '../core/apply.ts'
import { decide, type Policy } from '../core/decide.ts'
import { createState, hashState, type State } from '../core/state.ts'
import { InputError, type Event, type Plant } from '../model/index.ts'
import { ByteWriter } from './bytes.ts'
import { encodeRecord, type JournalRecord } from './codec.ts'
import { catalogueOf, FORMAT } from './header.ts'
import type { JournalSource } from './source.ts'

export type Replayed = {
  readonly state: State
  readonly stateHash: string
  /** What the journal says the hash was when it was closed; '' where a repair closed it. */
  readonly expectedHash: string
  /** Whether the two hashes are over the same columns: a state of an older format had others. */
  readonly isComparable: boolean
  readonly journalHash: string
}

/**
 * Rebuilds the state from a journal (I12). Policies do not run, since their decisions are events;
 * with `policies` they run as well, on the same states, and must decide the same, else a
 * DifferenceError says where. The plant must be the one of the run. With `untilMs` it stops after
 * the last turn up to that moment, and moves the clock there; a shorter journal is read to its end.
 */
export function replay(
  reader: JournalSource, plant: Plant, policies?: readonly Policy[], untilMs = Infinity): Replayed {
  checkCatalogue(reader, plant)
  const state = createState(plant, (reader.header.policies.power ?? 'none') !== 'none')
  const records = new Lookahead(reader.records())
  let expectedHash = ''
  for (let record = records.take(); record !== undefined; record = records.take()) {
    if (record.type === 'turn') {
      advance(state, Math.min(record.atMs, untilMs))
      if (record.atMs > untilMs) break
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
  const isComparable = reader.header.format === FORMAT
  return { state, stateHash: hashState(state), expectedHash, isComparable, journalHash }
}

/** The factory document is compiled anew for a replay: the catalogue may have changed since. */
function checkCatalogue({ path, header }: JournalSource, plant: Plant): void {
  const now = catalogueOf(plant)
  if (header.catalogue === now) return
  throw new InputError(`${path}: the catalogue has changed since the run: its factory file gave `
    + `the plant ${header.catalogue} then and gives ${now} now, so the journal cannot be replayed. `
    + `Replay it with Millrace ${header.version} and the catalogue of the run, or run the twin `
    + 'again.', 3)
}

/** Applies the decisions of a round as they were. */
function repeat(state: State, records: Lookahead): void {
  while (isDecided(records.next)) apply(state, records.take() as Event)
  settle(state)
}

/** Runs the policies and compares each step with the journal's. */
function rehearse(state: State, policies: readonly Policy[], records: Lookahead): void {
  const at = `at ${state.totals.nowMs} ms`
  decide(state, policies, (step) => {
    const found = records.take()
    if (!isDecided(found) || !isSame(found, step)) {
      throw new DifferenceError(`${at} the journal has ${shown(found)}, `
        + `the policies decide ${shown(step)}`)
    }
    apply(state, step)
  }, { decisions: 0, refused: 0, lastProblem: '' })
  if (isDecided(records.next)) {
    throw new DifferenceError(
      `${at} the journal has ${shown(records.next)}, the policies stop before it`)
  }
}

/** The policies decide otherwise than the journal: from here on the two cannot be compared. */
export class DifferenceError extends InputError {
  override name = 'DifferenceError'

  constructor(message: string) {
    super(message, 3)
  }
}

/** Whether a record is an event; what follows a round in its turn was decided. */
function isDecided(record: JournalRecord | undefined): record is Event {
  return record !== undefined && record.type !== 'turn' && record.type !== 'end'
    && record.type !== 'round'
}

/** Two events are the same when their bytes are: the order of keys does not count. */
function isSame(found: Event, step: Event): boolean {
  return Buffer.compare(bytesOf(found), bytesOf(step)) === 0
}

function bytesOf(event: Event): Uint8Array {
  const writer = new ByteWriter(256)
  encodeRecord(event, writer, { atMs: 0 })
  return writer.bytes.subarray(0, writer.length)
}

/** A record for a message: spans of a large gang are long. */
function shown(record: JournalRecord | undefined): string {
  const text = record === undefined ? 'nothing' : JSON.stringify(record)
  return text.length <= SHOWN_MOST ? text : `${text.slice(0, SHOWN_MOST)} …`
}

const SHOWN_MOST = 300

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
