import { unreachable } from '../base/assert.ts'
import type {
  Dependency, Event, JobStarted, JobSubmitted, NodesChanged, Outcome, WindowSet,
} from '../model/index.ts'
import { OUTCOMES } from '../model/index.ts'
import type { ByteReader, ByteWriter } from './bytes.ts'
import { decodePower, encodePower } from './codec-power.ts'

/**
 * The bytes of a journal's records: a turn of the loop, then the events of that turn, each a tag
 * and its fields in order. docs/journal.md has the table. Tags are never used again for
 * something else.
 */
export type JournalRecord =
  | { readonly type: 'turn', readonly atMs: number }
  /** The policies looked at the state: the events that follow in this turn are theirs. */
  | { readonly type: 'round' }
  | Event
  | JournalEnd

/** The last record of a journal that was closed in good order. */
export type JournalEnd = {
  readonly type: 'end', readonly stateHash: string, readonly events: number
}

/** By number: the tag of a record is its place here. */
export const TAGS = [
  'turn', 'round', 'end', 'job.submitted', 'job.started', 'job.running', 'job.interrupted',
  'job.ended', 'job.credited', 'job.preempted', 'job.reserved', 'job.held', 'job.released',
  'nodes.down', 'nodes.up', 'nodes.drained', 'nodes.resumed', 'window.set', 'window.cleared',
  'round.due', 'job.capped', 'power.due', 'cap.confirmed', 'job.measured', 'feeder.metered',
  'feeder.ratio', 'limit.set', 'limit.cleared', 'power.priced', 'job.requeued', 'job.checkpoint',
  'clock.set', 'supplies.read', 'supply.lost',
] as const satisfies readonly JournalRecord['type'][]

const TAG_OF = Object.fromEntries(TAGS.map((type, tag) => [type, tag])) as
  Record<JournalRecord['type'], number>

/** Times are written as the step from the turn before: `clock` holds that turn's time. */
export type Clock = { atMs: number }

/** A turn's record without an object for it: there is one for each instant of a run. */
export function encodeTurn(atMs: number, to: ByteWriter, clock: Clock): void {
  to.byte(TAG_OF.turn)
  encodeStep(atMs, to, clock)
}

function encodeStep(atMs: number, to: ByteWriter, clock: Clock): void {
  to.whole(atMs - clock.atMs)
  clock.atMs = atMs
}

export function encodeRecord(record: JournalRecord, to: ByteWriter, clock: Clock): void {
  to.byte(TAG_OF[record.type])
  switch (record.type) {
    case 'turn': return encodeStep(record.atMs, to, clock)
    case 'round': return
    case 'end':
      to.text(record.stateHash)
      return to.whole(record.events)
    case 'job.submitted': return encodeSubmitted(record, to)
    case 'job.started':
      to.whole(record.job)
      to.whole(record.pool)
      encodeSpans(record.spans, to)
      return to.whole(record.capW === undefined ? 0 : record.capW + 1)
    case 'job.interrupted':
      to.whole(record.job)
      to.text(record.cause)
      return to.whole(record.keptMs)
    case 'job.ended':
      to.whole(record.job)
      return to.byte(OUTCOMES.indexOf(record.outcome))
    case 'job.credited':
      to.whole(record.job)
      return to.whole(record.keptMs)
    case 'job.reserved':
      to.whole(record.job)
      to.whole(record.domain)
      return to.whole(record.startAtMs)
    case 'job.running':
    case 'job.preempted':
    case 'job.held':
    case 'job.checkpoint':
    case 'job.released': return to.whole(record.job)
    case 'job.requeued':
      to.whole(record.job)
      return to.text(record.cause)
    case 'clock.set': return to.whole(record.epochMs)
    case 'nodes.down':
    case 'nodes.up':
    case 'nodes.drained':
    case 'nodes.resumed': return encodeNodes(record, to)
    case 'window.set': return encodeWindow(record, to)
    case 'window.cleared': return to.whole(record.window)
    case 'round.due':
    case 'power.due': return to.whole(record.atMs)
    case 'job.capped':
    case 'cap.confirmed':
    case 'job.measured':
    case 'feeder.metered':
    case 'feeder.ratio':
    case 'limit.set':
    case 'limit.cleared':
    case 'power.priced':
    case 'supplies.read':
    case 'supply.lost': return encodePower(record, to)
    default: return unreachable(record)
  }
}

/** Reads one record. Throws RangeError where the bytes are not one. */
export function decodeRecord(from: ByteReader, clock: Clock): JournalRecord {
  const tag = from.byte()
  const type = TAGS[tag]
  switch (type) {
    case undefined: throw new RangeError(`${tag} is not the tag of a record`)
    case 'turn':
      clock.atMs += from.whole()
      return { type, atMs: clock.atMs }
    case 'round': return { type }
    case 'end': return { type, stateHash: from.text(), events: from.whole() }
    case 'job.submitted': return decodeSubmitted(from)
    case 'job.started': return decodeStarted(from)
    case 'job.interrupted':
      return { type, job: from.whole(), cause: from.text(), keptMs: from.whole() }
    case 'job.ended': return { type, job: from.whole(), outcome: decodeOutcome(from) }
    case 'job.credited': return { type, job: from.whole(), keptMs: from.whole() }
    case 'job.reserved':
      return { type, job: from.whole(), domain: from.whole(), startAtMs: from.whole() }
    case 'job.running':
    case 'job.preempted':
    case 'job.held':
    case 'job.checkpoint':
    case 'job.released': return { type, job: from.whole() }
    case 'job.requeued': return { type, job: from.whole(), cause: from.text() }
    case 'clock.set': return { type, epochMs: from.whole() }
    case 'nodes.down':
    case 'nodes.up':
    case 'nodes.drained':
    case 'nodes.resumed': return decodeNodes(type, from)
    case 'window.set': return decodeWindow(from)
    case 'window.cleared': return { type, window: from.whole() }
    case 'round.due':
    case 'power.due': return { type, atMs: from.whole() }
    case 'job.capped':
    case 'cap.confirmed':
    case 'job.measured':
    case 'feeder.metered':
    case 'feeder.ratio':
    case 'limit.set':
    case 'limit.cleared':
    case 'power.priced':
    case 'supplies.read':
    case 'supply.lost': return decodePower(type, from)
  }
}

function encodeNodes({ first, end, cause }: NodesChanged, to: ByteWriter): void {
  to.whole(first)
  to.whole(end)
  to.text(cause)
}

function encodeSubmitted(event: JobSubmitted, to: ByteWriter): void {
  to.whole(event.job)
  to.whole(event.number)
  to.text(event.name)
  to.whole(event.queue)
  to.whole(event.gpus)
  to.whole(event.nodes)
  to.whole(event.cpusPerNode)
  to.whole(event.memoryPerNodeGiB)
  to.signed(event.device)
  to.byte(event.level)
  to.signed(event.priority)
  to.whole(event.limitMs)
  encodeRank(event.rank, to)
  encodeExtras(event, to)
}

/** What few jobs ask for: a bit for each that is there, then those in this order. */
function encodeExtras(event: JobSubmitted, to: ByteWriter): void {
  const { leastNodes, leastRunMs, deadlineAtMs, array, after, speeds, curve } = event
  const isPlain = curve === 0 && event.leastSpeed === 0 && event.worth === 1
  const numbers = [leastNodes, leastRunMs, deadlineAtMs, array]
  let bits = (event.isHero ? HERO_BIT : 0) | (after.length > 0 ? AFTER_BIT : 0)
  if (speeds.length > 0) bits |= SPEEDS_BIT
  if (!isPlain) bits |= POWER_BIT
  numbers.forEach((value, at) => { if (value !== 0) bits |= 1 << at })
  to.byte(bits)
  for (const value of numbers) if (value !== 0) to.whole(value)
  if (after.length > 0) {
    to.whole(after.length)
    for (const { job, on } of after) to.whole(job * 2 + (on === 'ended' ? 1 : 0))
  }
  if (speeds.length > 0) {
    to.whole(speeds.length)
    for (const speed of speeds) to.float(speed)
  }
  if (isPlain) return
  to.whole(curve)
  to.float(event.leastSpeed)
  to.float(event.worth)
}

const HERO_BIT = 16
const AFTER_BIT = 32
const SPEEDS_BIT = 64
const POWER_BIT = 128

/** Ranks are any number: small whole ones are short, all others (and -0) take eight bytes. */
function encodeRank(rank: number, to: ByteWriter): void {
  const isShort = Number.isInteger(rank) && Math.abs(rank) <= RANK_SHORT && !Object.is(rank, -0)
  to.byte(isShort ? 0 : 1)
  if (isShort) to.signed(rank)
  else to.float(rank)
}

/** Below it, twice the rank is a whole number that a journal holds. */
const RANK_SHORT = 4_000_000_000_000_000

function decodeSubmitted(from: ByteReader): JobSubmitted {
  return {
    type: 'job.submitted',
    job: from.whole(),
    number: from.whole(),
    name: from.text(),
    queue: from.whole(),
    gpus: from.whole(),
    nodes: from.whole(),
    cpusPerNode: from.whole(),
    memoryPerNodeGiB: from.whole(),
    device: from.signed(),
    level: from.byte(),
    priority: from.signed(),
    limitMs: from.whole(),
    rank: from.byte() === 0 ? from.signed() : from.float(),
    ...decodeExtras(from),
  }
}

function decodeExtras(from: ByteReader) {
  const bits = from.byte()
  const number = (bit: number) => (bits & bit) !== 0 ? from.whole() : 0
  const leastNodes = number(1)
  const leastRunMs = number(2)
  const deadlineAtMs = number(4)
  const array = number(8)
  const after: Dependency[] = []
  for (let left = number(AFTER_BIT); left > 0; left--) {
    const value = from.whole()
    after.push({ job: Math.floor(value / 2), on: value % 2 === 1 ? 'ended' : 'completed' })
  }
  const speeds: number[] = []
  for (let left = number(SPEEDS_BIT); left > 0; left--) speeds.push(from.float())
  const isHero = (bits & HERO_BIT) !== 0
  const isPlain = (bits & POWER_BIT) === 0
  const curve = isPlain ? 0 : from.whole()
  const leastSpeed = isPlain ? 0 : from.float()
  const worth = isPlain ? 1 : from.float()
  return {
    leastNodes, leastRunMs, deadlineAtMs, isHero, array, after, speeds, curve, leastSpeed, worth,
  }
}

function decodeStarted(from: ByteReader): JobStarted {
  const job = from.whole()
  const pool = from.whole()
  const spans = decodeSpans(from)
  const cap = from.whole()
  const start = { type: 'job.started', job, pool, spans } as const
  return cap === 0 ? start : { ...start, capW: cap - 1 }
}

function encodeWindow(event: WindowSet, to: ByteWriter): void {
  to.whole(event.window)
  to.whole(event.first)
  to.whole(event.end)
  to.whole(event.startAtMs)
  to.whole(event.endAtMs)
  to.signed(event.queue)
  to.text(event.cause)
}

function decodeWindow(from: ByteReader): WindowSet {
  return {
    type: 'window.set', window: from.whole(), first: from.whole(), end: from.whole(),
    startAtMs: from.whole(), endAtMs: from.whole(), queue: from.signed(), cause: from.text(),
  }
}

/** Spans lie near one another: each as its step from the end of the one before. */
function encodeSpans(spans: readonly number[], to: ByteWriter): void {
  to.whole(spans.length / 3)
  let last = 0
  for (let at = 0; at < spans.length; at += 3) {
    to.signed(spans[at]! - last)
    last = spans[at + 1]!
    to.whole(last - spans[at]!)
    to.whole(spans[at + 2]! >>> 0)
  }
}

function decodeSpans(from: ByteReader): number[] {
  const count = from.whole()
  const spans: number[] = []
  let last = 0
  for (let at = 0; at < count; at++) {
    const first = last + from.signed()
    last = first + from.whole()
    spans.push(first, last, from.whole() | 0)
  }
  return spans
}

function decodeOutcome(from: ByteReader): Outcome {
  const outcome = OUTCOMES[from.byte()]
  if (outcome === undefined) throw new RangeError('that is not an outcome')
  return outcome
}

function decodeNodes(type: NodesChanged['type'], from: ByteReader): NodesChanged {
  return { type, first: from.whole(), end: from.whole(), cause: from.text() }
}
