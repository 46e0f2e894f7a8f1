// States of a live journal at moments in any order are those that a replay up to the moment gives,
// hash for hash: from its beginning, from snapshots, and where old blocks are in the archive.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { smallPlant } from '../../test/small-run.ts'
import { smallBatches } from '../../test/store/live.ts'
import { randomStream } from '../base/random.ts'
import { createState, hashState } from '../core/state.ts'
import { ByteReader } from './bytes.ts'
import { decodeRecord, type JournalRecord } from './codec.ts'
import { openJournal } from './live-reader.ts'
import { Past } from './past.ts'
import { play } from './play.ts'
import { replay } from './replay.ts'
import { saveSnapshot } from './snapshot.ts'
import { openStore } from './sqlite.ts'
import type { Batch } from './store.ts'

const root = mkdtempSync(join(tmpdir(), 'millrace-past-'))
after(() => rmSync(root, { recursive: true }))
const { header, batches } = smallBatches(root)
const plant = smallPlant()

for (const [name, historyBytes] of [['in the database', undefined], ['archived', 0]] as const) {
  test(`any moment, with old blocks ${name}`, async () => {
    const folder = join(root, name)
    const state = createState(plant, (header.policies.power ?? 'none') !== 'none')
    const store = await openStore(folder, header,
      historyBytes === undefined ? {} : { historyBytes })
    const marks = [0.3, 0.5, 0.8].map((share) => Math.floor(batches.length * share))
    for (const [at, batch] of batches.entries()) {
      await store.append(batch)
      play(state, recordsOf(batch))
      if (marks.includes(at)) await store.keep(saveSnapshot(state))
    }
    const past = new Past(join(folder, 'journal.db'), plant)
    const random = randomStream(1, name)
    const endMs = state.totals.nowMs
    for (let at = 0; at < 40; at++) {
      const atMs = at === 0 ? endMs : Math.floor(random.uniform() * endMs * 1.02)
      const found = past.stateAt(atMs)
      const reader = openJournal(folder)
      const expected = replay(reader, plant, undefined, atMs)
      reader.close()
      const nowMs = Math.max(atMs, expected.state.totals.nowMs)
      assert.equal(found.state.totals.nowMs, nowMs)
      expected.state.totals.nowMs = nowMs
      assert.equal(hashState(found.state), hashState(expected.state), `at ${atMs} ms`)
    }
    await store.close()
  })
}

test('the journal of another plant is refused', async () => {
  const folder = join(root, 'other')
  await (await openStore(folder, { ...header, catalogue: 'other' })).close()
  assert.throws(() => new Past(join(folder, 'journal.db'), plant).stateAt(0), /another plant/)
})

function recordsOf({ bytes, fromMs }: Batch): JournalRecord[] {
  const reader = new ByteReader(bytes)
  const clock = { atMs: fromMs }
  const records: JournalRecord[] = []
  while (!reader.isAtEnd) records.push(decodeRecord(reader, clock))
  return records
}
