// Shows that journals that were recorded once still replay to the same state, and that the policies
// still decide what they decided then. Where a change of decisions or columns is meant,
// `MILLRACE_UPDATE=1 node --test test/golden/golden.test.ts` records them anew; say in the commit
// why they changed.
import assert from 'node:assert/strict'
import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { JournalReader } from '../../src/journal/reader.ts'
import { replay } from '../../src/journal/replay.ts'
import { policiesOf } from '../../src/policies/index.ts'
import { policyNamesOf, runScene } from '../schedule.ts'
import { SCENES } from './scenes.ts'

const HASHES = join(import.meta.dirname, 'hashes.json')

type Hashes = Record<string, { readonly stateHash: string, readonly journalHash: string }>

function pathOf(name: string): string {
  return join(import.meta.dirname, `${name}.mrj`)
}

if (process.env['MILLRACE_UPDATE'] === '1') {
  const hashes: Hashes = {}
  for (const [name, scene] of Object.entries(SCENES)) {
    rmSync(pathOf(name), { force: true })
    const { stateHash, journalHash } = runScene(scene, pathOf(name))
    hashes[name] = { stateHash, journalHash }
  }
  writeFileSync(HASHES, `${JSON.stringify(hashes, null, 2)}\n`)
}

const known = JSON.parse(readFileSync(HASHES, 'utf8')) as Hashes

for (const [name, scene] of Object.entries(SCENES)) {
  describe(name, () => {
    const { policies } = policiesOf(policyNamesOf(scene))
    for (const [what, way] of [['replays', undefined], ['verifies', policies]] as const) {
      test(`the journal ${what} to the hashes that were recorded`, () => {
        const reader = new JournalReader(pathOf(name))
        const { stateHash, expectedHash, journalHash } = replay(reader, scene.plant, way)
        reader.close()
        assert.deepEqual({ stateHash, journalHash }, known[name])
        assert.equal(expectedHash, stateHash)
      })
    }

    test('a run of today writes the same journal', () => {
      const { stateHash, journalHash } = runScene(scene)
      assert.deepEqual({ stateHash, journalHash }, known[name])
    })

    test('the journal is small', () => {
      assert.ok(statSync(pathOf(name)).size < 20_000)
    })
  })
}

test('between them the journals hold every kind of event', () => {
  const seen = new Set<string>()
  for (const name of Object.keys(SCENES)) {
    const reader = new JournalReader(pathOf(name))
    for (const record of reader.records()) seen.add(record.type)
    reader.close()
  }
  // No policy of today preempts, and only a preempted job is credited.
  const wanted = ['turn', 'round', 'end', 'job.submitted', 'job.started', 'job.running',
    'job.interrupted', 'job.ended', 'job.reserved', 'job.held', 'job.released', 'nodes.down',
    'nodes.up', 'nodes.drained', 'nodes.resumed']
  assert.deepEqual([...seen].sort(), wanted.sort())
})
