// Every type of record comes back as it was written, over the whole range of its fields; the table
// of tags in docs/journal.md is the one of the code.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import * as fc from 'fast-check'
import { LIMIT_KINDS, OUTCOMES, type Event } from '../model/index.ts'
import { ByteReader, ByteWriter } from './bytes.ts'
import { decodeRecord, encodeRecord, TAGS, type JournalRecord } from './codec.ts'

type Type = JournalRecord['type']

const row = fc.nat(2 ** 31 - 1)
const time = fc.oneof(fc.maxSafeNat(), fc.nat(100_000))
const text = fc.string({ unit: 'grapheme', maxLength: 200 })
const watts = fc.nat(2_000_000_000)
const real = fc.double({ noNaN: true })
const job = (type: Type) => fc.record({ type: fc.constant(type), job: row })
const nodes = (type: Type) => fc.record({
  type: fc.constant(type), first: row, end: row, cause: text,
})

/** Rows of first, end and mask, in any order, with masks of up to 32 devices. */
const spans = fc.array(fc.tuple(row, fc.nat(1000), fc.integer()), { maxLength: 40 })
  .map((list) => list.flatMap(([first, nodesOf, mask]) => [first, first + nodesOf, mask]))

const rank = fc.oneof(fc.double({ noNaN: true }), fc.integer(), fc.maxSafeInteger(),
  fc.constantFrom(0, -0, 0.5, Infinity, -Infinity, 4e15, -4e15, 4e15 + 2, -4e15 - 2))

const RECORDS: Readonly<Record<Type, fc.Arbitrary<unknown>>> = {
  'turn': fc.record({ type: fc.constant('turn'), atMs: time }),
  'round': fc.constant({ type: 'round' }),
  'end': fc.record({ type: fc.constant('end'), stateHash: text, events: time }),
  'job.submitted': fc.record({
    type: fc.constant('job.submitted'),
    job: row,
    number: fc.maxSafeNat(),
    name: fc.oneof(text, fc.constantFrom('', 'x'.repeat(5000), '語'.repeat(5000), '\uFEFFx')),
    queue: fc.nat(65_535),
    gpus: fc.nat(2_000_000_000),
    nodes: fc.nat(2_000_000_000),
    cpusPerNode: fc.nat(2_000_000_000),
    memoryPerNodeGiB: fc.nat(2_000_000_000),
    device: fc.integer({ min: -1, max: 100 }),
    level: fc.nat(4),
    priority: fc.integer({ min: -2_000_000_000, max: 2_000_000_000 }),
    limitMs: time,
    rank,
    leastNodes: fc.nat(2_000_000_000),
    leastRunMs: time,
    deadlineAtMs: time,
    isHero: fc.boolean(),
    array: fc.maxSafeNat(),
    after: fc.array(fc.record({ job: row, on: fc.constantFrom('completed', 'ended') },
      { noNullPrototype: true }), { maxLength: 5 }),
    speeds: fc.array(fc.double({ noNaN: true, min: 0 }), { maxLength: 5 }),
    curve: fc.nat(255),
    leastSpeed: fc.constantFrom(0, 0.75, 1),
    worth: fc.constantFrom(1, 0.5, 1000),
  }),
  'job.started': fc.record(
    { type: fc.constant('job.started'), job: row, pool: row, spans, capW: fc.nat(2000) },
    { requiredKeys: ['type', 'job', 'pool', 'spans'], noNullPrototype: true }),
  'job.capped': fc.record({
    type: fc.constant('job.capped'), job: row, capW: watts, safeW: watts,
  }),
  'power.due': fc.record({ type: fc.constant('power.due'), atMs: time }),
  'cap.confirmed': fc.record({ type: fc.constant('cap.confirmed'), job: row, capW: watts }),
  'job.measured': fc.record({
    type: fc.constant('job.measured'), job: row, capW: watts, speed: real, drawW: real,
  }),
  'feeder.metered': fc.record({
    type: fc.constant('feeder.metered'), feeder: row, drawW: real, observedAtMs: time,
  }),
  'feeder.ratio': fc.record({
    type: fc.constant('feeder.ratio'), feeder: row, ratioPer10k: fc.nat(100_000),
  }),
  'limit.set': fc.record({
    type: fc.constant('limit.set'), limit: row, feeder: row, kind: fc.constantFrom(...LIMIT_KINDS),
    watts, fromW: watts, startAtMs: time, holdAtMs: time, holdEndAtMs: time, endAtMs: time,
    cause: text,
  }),
  'power.priced': fc.array(fc.tuple(row, real, real)).map((list) => ({
    type: 'power.priced', feeders: list.map(([feeder]) => feeder),
    prices: list.map(([, price]) => price), drawPrices: list.map(([,, price]) => price),
  })),
  'limit.cleared': fc.record({ type: fc.constant('limit.cleared'), limit: row }),
  'supplies.read': fc.record({ site: row, cells: fc.uniqueArray(row), real }).map(
    ({ site, cells, real: value }) => ({ type: 'supplies.read', site,
      cells: cells.sort((a, b) => a - b), values: cells.map((cell) => value + cell) })),
  'supply.lost': fc.record({
    type: fc.constant('supply.lost'), site: row, supply: row, units: row, untilMs: time,
  }),
  'job.running': job('job.running'),
  'job.interrupted': fc.record({
    type: fc.constant('job.interrupted'), job: row, cause: text, keptMs: time,
  }),
  'job.ended': fc.record({
    type: fc.constant('job.ended'), job: row, outcome: fc.constantFrom(...OUTCOMES),
  }),
  'job.credited': fc.record({ type: fc.constant('job.credited'), job: row, keptMs: time }),
  'job.preempted': job('job.preempted'),
  'job.requeued': fc.record({ type: fc.constant('job.requeued'), job: row, cause: text }),
  'job.checkpoint': job('job.checkpoint'),
  'clock.set': fc.record({ type: fc.constant('clock.set'), epochMs: time }),
  'round.due': fc.record({ type: fc.constant('round.due'), atMs: time }),
  'window.cleared': fc.record({ type: fc.constant('window.cleared'), window: row }),
  'window.set': fc.record({
    type: fc.constant('window.set'), window: row, first: row, end: row, startAtMs: time,
    endAtMs: time, queue: fc.integer({ min: -1, max: 1000 }), cause: text,
  }),
  'job.reserved': fc.record({
    type: fc.constant('job.reserved'), job: row, domain: row, startAtMs: time,
  }),
  'job.held': job('job.held'),
  'job.released': job('job.released'),
  'nodes.down': nodes('nodes.down'),
  'nodes.up': nodes('nodes.up'),
  'nodes.drained': nodes('nodes.drained'),
  'nodes.resumed': nodes('nodes.resumed'),
}

describe('a record comes back as it was written', () => {
  for (const [type, arbitrary] of Object.entries(RECORDS)) {
    test(type, () => {
      fc.assert(fc.property(arbitrary, (value) => {
        const record = value as JournalRecord
        assert.deepEqual(roundTrip([record]), [{ ...record }])
      }), { numRuns: 200 })
    })
  }
})

test('records of all types one after another, with times as steps', () => {
  const events = Object.entries(RECORDS).filter(([type]) => type !== 'turn')
    .map(([, arbitrary]) => arbitrary)
  const turns = fc.array(fc.tuple(fc.nat(1_000_000), fc.array(fc.oneof(...events))))
  fc.assert(fc.property(turns, (list) => {
    let atMs = 0
    const records = list.flatMap(([stepMs, others]) => {
      atMs += stepMs
      return [{ type: 'turn', atMs }, ...others] as JournalRecord[]
    })
    assert.deepEqual(roundTrip(records), records.map((record) => ({ ...record })))
  }), { numRuns: 50 })
})

test('a small rank is short and -0 stays itself', () => {
  const submitted = (value: number) => ({
    ...(fc.sample(RECORDS['job.submitted'], { numRuns: 1, seed: 1 })[0] as Event), rank: value,
  }) as JournalRecord
  const sizeOf = (value: number) => encode([submitted(value)]).length
  assert.equal(sizeOf(0.5) - sizeOf(1), 7)
  const [back] = roundTrip([submitted(-0)])
  assert.ok(back?.type === 'job.submitted' && Object.is(back.rank, -0))
})

test('bytes cut at any place, an unknown tag or outcome are a RangeError', () => {
  const whole = encode(Object.values(RECORDS).flatMap((arbitrary) =>
    fc.sample(arbitrary, { numRuns: 1, seed: 7 }) as JournalRecord[]))
  for (let length = 0; length < whole.length; length++) {
    assert.throws(() => decodeAll(whole.subarray(0, length), Infinity), RangeError)
  }
  const ended = TAGS.indexOf('job.ended')
  for (const bytes of [[TAGS.length], [255], [ended, 1, OUTCOMES.length]]) {
    assert.throws(() => decodeAll(Uint8Array.from(bytes), Infinity), RangeError)
  }
})

test('docs/journal.md has a row for each tag, with its fields in order', () => {
  const path = new URL('../../docs/journal.md', import.meta.url)
  const rows = readFileSync(path, 'utf8').matchAll(/^\| (\d+) \| `([a-z.]+)` \| (.*) \|$/gm)
  const found = [...rows].map(([, tag, type, fields]) => ({
    tag: Number(tag),
    type,
    fields: [...fields!.matchAll(/`([A-Za-z0-9]+)`/g)].map(([, name]) => name),
  }))
  assert.deepEqual(found, TAGS.map((type, tag) => {
    const [record] = fc.sample(RECORDS[type], { numRuns: 1, seed: 1 })
    const keys = Object.keys(decodeAll(encode([record as JournalRecord]), 1)[0]!)
    return { tag, type, fields: keys.slice(1) }
  }))
})

function roundTrip(records: readonly JournalRecord[]): JournalRecord[] {
  return decodeAll(encode(records), records.length)
}

function encode(records: readonly JournalRecord[]): Uint8Array {
  const writer = new ByteWriter(8)
  const clock = { atMs: 0 }
  for (const record of records) encodeRecord(record, writer, clock)
  return writer.bytes.slice(0, writer.length)
}

function decodeAll(bytes: Uint8Array, count: number): JournalRecord[] {
  const reader = new ByteReader(bytes)
  const clock = { atMs: 0 }
  const records: JournalRecord[] = []
  while (records.length < count) records.push(decodeRecord(reader, clock))
  if (count !== 0) assert.ok(reader.isAtEnd, 'no byte is left over')
  return records
}
