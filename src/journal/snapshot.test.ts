// A state that was saved comes back with the same hash and goes on as the first would have; one of
// another version or plant, cut at any byte or changed at any, is refused with what to do.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { smallPlant, smallRun } from '../../test/small-run.ts'
import { advance, apply, settle } from '../core/apply.ts'
import { createState, hashState, jobName, type State } from '../core/state.ts'
import { InputError } from '../model/index.ts'
import type { JournalRecord } from './codec.ts'
import { JournalReader } from './reader.ts'
import { loadSnapshot, saveSnapshot } from './snapshot.ts'

const folder = mkdtempSync(join(tmpdir(), 'millrace-snapshot-'))
after(() => rmSync(folder, { recursive: true }))
const plant = smallPlant()
const path = join(folder, 'run.mrj')
const { summary } = smallRun(path)
const records = recordsOf(path)

test('a snapshot after any turn has the hash of its state, and replay goes on from it', () => {
  const state = createState(plant)
  records.forEach((record, at) => {
    if (record.type === 'turn' && at % 7 === 0) {
      const loaded = loadSnapshot(plant, saveSnapshot(state))
      assert.equal(hashState(loaded), hashState(state))
      for (let job = 0; job < state.totals.jobRows; job++) {
        assert.equal(jobName(loaded, job), jobName(state, job))
      }
      goOn(loaded, at)
      assert.equal(hashState(loaded), summary.stateHash)
    }
    goOn(state, at, at + 1)
  })
})

test('a snapshot shares nothing with the state', () => {
  const state = createState(plant)
  const bytes = saveSnapshot(state)
  const loaded = loadSnapshot(plant, bytes)
  goOn(loaded, 0)
  assert.equal(hashState(state), hashState(createState(plant)))
  assert.equal(hashState(loadSnapshot(plant, bytes)), hashState(state))
})

test('cut anywhere, or changed anywhere, it is refused', () => {
  const bytes = saveSnapshot(stateAfter(20))
  const steps = 400
  for (let at = 0; at < bytes.length; at += at < steps ? 1 : Math.ceil(bytes.length / steps)) {
    const cut = refused(bytes.subarray(0, at))
    assert.equal(cut.exitCode, 3)
    assert.match(cut.message, /does not match its SHA-256.*Replay the journal/)
    const changed = bytes.slice()
    changed[at] = changed[at]! ^ 1
    assert.match(refused(changed).message, /The snapshot .*Replay the journal of the run instead/)
  }
})

test('another version or another plant is said in words', () => {
  const bytes = saveSnapshot(stateAfter(20))
  const newer = Buffer.from(bytes)
  newer.write('3', newer.indexOf('"version":2') + '"version":'.length)
  const { message, exitCode } = refused(newer)
  assert.match(message, /has version 3 .*; it reads version 2\. Replay the journal/)
  assert.equal(exitCode, 2)
  const other = { ...plant, name: 'other' }
  assert.throws(() => loadSnapshot(other, bytes), /of another plant, or the catalogue has changed/)
})

function stateAfter(count: number): State {
  const state = createState(plant)
  goOn(state, 0, count)
  return state
}

/** Applies records as a replay does: a round is over where the next turn or the end is. */
function goOn(state: State, first: number, end = records.length): void {
  for (let at = first; at < end; at++) {
    const record = records[at]!
    if (record.type === 'turn') advance(state, record.atMs)
    else if (record.type !== 'end' && record.type !== 'round') apply(state, record)
    if (isRoundOver(at)) settle(state)
  }
}

function isRoundOver(at: number): boolean {
  const next = records[at + 1]?.type
  if (next !== 'turn' && next !== 'end') return false
  const lastTurn = records.findLastIndex((record, before) => before <= at && record.type === 'turn')
  return records.slice(lastTurn, at + 1).some((record) => record.type === 'round')
}

function refused(bytes: Uint8Array): InputError {
  try {
    loadSnapshot(plant, bytes)
  } catch (error) {
    assert.ok(error instanceof InputError, error instanceof Error ? error.stack : String(error))
    return error
  }
  return assert.fail('it is refused')
}

function recordsOf(own: string): JournalRecord[] {
  const reader = new JournalReader(own)
  const list = [...reader.records()]
  reader.close()
  return list
}
