// Replaying a journal gives the state of the run (I12); running the policies again gives the same
// decisions, and one that was changed is found; another catalogue than the run's is refused.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { SMALL_POLICIES, smallPlant, smallRun } from '../../test/small-run.ts'
import { InputError, type Plant } from '../model/index.ts'
import { policiesOf } from '../policies/index.ts'
import type { JournalRecord } from './codec.ts'
import { JournalReader } from './reader.ts'
import { DifferenceError, replay, type Replayed } from './replay.ts'
import { JournalWriter } from './writer.ts'

const folder = mkdtempSync(join(tmpdir(), 'millrace-replay-'))
after(() => rmSync(folder, { recursive: true }))
const path = join(folder, 'run.mrj')
const { summary } = smallRun(path)
const plant = smallPlant()
const policies = policiesOf(SMALL_POLICIES).policies

test('the state of a replay is the one of the run, for every seed', () => {
  for (let seed = 1; seed <= 8; seed++) {
    const own = join(folder, `seed-${seed}`)
    const run = smallRun(own, seed).summary
    const { state, stateHash, expectedHash, journalHash } = replayed(own)
    assert.equal(stateHash, run.stateHash)
    assert.equal(expectedHash, run.stateHash)
    assert.equal(journalHash, run.journalHash)
    assert.equal(state.totals.events, run.eventCount)
    assert.equal(replayed(own, policies).stateHash, run.stateHash)
  }
})

test('a replay up to a moment is the state after the last turn by then', () => {
  const reader = new JournalReader(path)
  const turnsAtMs = [...reader.records()].flatMap((record) =>
    record.type === 'turn' ? [record.atMs] : [])
  reader.close()
  for (const untilMs of [0, turnsAtMs[9]! - 1, turnsAtMs[9]!, turnsAtMs[40]! + 1]) {
    let isBefore = true
    const cut = rewritten(`until-${untilMs}`, (record) => {
      const isLast = isBefore && record.type === 'turn' && record.atMs > untilMs
      if (isLast) isBefore = false
      return isLast ? [{ type: 'turn', atMs: untilMs }] : isBefore ? [record] : []
    })
    const { stateHash, expectedHash, state } = replayed(path, undefined, plant, untilMs)
    assert.equal(stateHash, replayed(cut).stateHash)
    assert.equal(expectedHash, '')
    assert.equal(state.totals.nowMs, untilMs)
  }
  assert.equal(replayed(path, undefined, plant, 1e12).expectedHash, summary.stateHash)
})

test('an event that was changed shows in the hash of the state', () => {
  const changed = rewritten('submitted', (record) => record.type === 'job.submitted'
    ? [{ ...record, limitMs: record.limitMs + 1 }] : [record])
  const { stateHash, expectedHash } = replayed(changed)
  assert.equal(expectedHash, summary.stateHash)
  assert.notEqual(stateHash, summary.stateHash)
})

describe('a decision that is not the one of the policies', () => {
  test('another way to place, another backfill', () => {
    differs(path, policiesOf({ ...SMALL_POLICIES, place: 'spread' }).policies,
      /^at \d+ ms the journal has .*"job.started".*, the policies decide .*"job.started"/)
    differs(path, policiesOf({ ...SMALL_POLICIES, backfill: 'none' }).policies,
      /^at \d+ ms the journal has .*job.*the policies (stop before it|decide )/)
    differs(path, [], /the policies stop before it/)
  })

  test('one number of it changed', () => {
    const changed = rewritten('changed', (record) => record.type === 'job.reserved'
      ? [{ ...record, startAtMs: record.startAtMs + 1 }] : [record])
    differs(changed, policies, /the journal has \{"type":"job.reserved".*the policies decide/)
  })

  test('one left out, with nothing in its place', () => {
    const changed = rewritten('left-out', (record) => (
      record.type === 'job.reserved' ? [] : [record]))
    differs(changed, policies, /the policies decide \{"type":"job.reserved"/)
  })

  test('the order of keys is no difference', () => {
    const turned = policies.map(({ name, run }) => ({
      name,
      *run(view: Parameters<typeof run>[0]) {
        const decisions = run(view)
        for (let next = decisions.next(true); next.done !== true;) {
          const steps = next.value.steps.map((step) => (
            Object.fromEntries(Object.entries(step).toReversed()) as typeof step))
          next = decisions.next(yield { steps })
        }
      },
    }))
    assert.equal(replayed(path, turned).stateHash, summary.stateHash)
  })

  test('a long record is cut in the message', () => {
    const changed = rewritten('long', (record) => record.type === 'job.started'
      ? [{ ...record, spans: Array.from({ length: 999 }, () => 1) }] : [record])
    assert.ok(differs(changed, policies, / …, the policies decide/).length < 800)
  })
})

test('a plant of another catalogue or factory is refused before anything is replayed', () => {
  const [system] = plant.systems
  const hotter = { ...plant, systems: [{ ...system!, deviceRatedW: system!.deviceRatedW + 1 }] }
  assert.throws(() => replayed(path, undefined, hotter), (error) => {
    assert.ok(error instanceof InputError)
    assert.equal(error.exitCode, 3)
    assert.match(error.message, /: the catalogue has changed since the run: .*Millrace \d+\.\d+\./)
    return true
  })
})

test('a journal without its end does not pass for a replay', () => {
  const open = join(folder, 'open')
  const writer = new JournalWriter(open, headerOf(path))
  writer.abandon()
  assert.throws(() => replayed(open), /ends without its end record/)
})

function differs(own: string, others: typeof policies, pattern: RegExp): string {
  let message = ''
  assert.throws(() => replayed(own, others), (error) => {
    assert.ok(error instanceof DifferenceError, String(error))
    assert.equal(error.exitCode, 3)
    assert.match(error.message, pattern)
    message = error.message
    return true
  })
  return message
}

function replayed(
  own: string, others?: typeof policies, ofPlant: Plant = plant, untilMs?: number): Replayed {
  const reader = new JournalReader(own)
  try {
    return replay(reader, ofPlant, others, untilMs)
  } finally {
    reader.close()
  }
}

/** The journal of the run with other records, whole and sound. */
function rewritten(
  name: string, change: (record: JournalRecord) => readonly JournalRecord[]): string {
  const own = join(folder, name)
  const writer = new JournalWriter(own, headerOf(path))
  const reader = new JournalReader(path)
  for (const record of reader.records()) {
    if (record.type === 'end') writer.close(record.stateHash, record.events)
    else for (const each of change(record)) writer.append(each)
  }
  reader.close()
  return own
}

function headerOf(own: string) {
  const reader = new JournalReader(own)
  reader.close()
  return reader.header
}
