// Shows that a journal of format 3, which an older Millrace wrote (the twin on two racks that lack
// watts, power policy price), is read and replayed, and that its hash is not compared with one over
// other columns. The file is never recorded anew: no Millrace of today writes that format.
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { brokenInvariants } from '../../src/core/invariants.ts'
import { catalogueOf } from '../../src/journal/header.ts'
import { openJournal } from '../../src/journal/live-reader.ts'
import { JournalReader } from '../../src/journal/reader.ts'
import { replay } from '../../src/journal/replay.ts'
import { headOf, MAGIC } from '../../src/journal/writer.ts'
import { compileDocument } from '../../src/run/factory-file.ts'
import { batch, newFolder } from '../cli/command.ts'

const FILE = join(import.meta.dirname, 'format-3.mrj')
const { folder, remove } = newFolder()
after(remove)
const known = join(folder, 'journal.mrj')
writeFileSync(known, withCatalogueOfToday())

test('every record of it is read', () => {
  const reader = openJournal(FILE)
  assert.equal(reader.header.format, 3)
  const counts: Record<string, number> = {}
  for (const { type } of reader.records()) counts[type] = (counts[type] ?? 0) + 1
  reader.close()
  assert.equal(counts['job.submitted'], 24)
  assert.equal(counts['job.capped'], 55)
  assert.equal(counts['feeder.metered'], 853)
  assert.equal(counts['end'], 1)
})

test('it replays to its end: no job is left, every invariant holds', () => {
  const reader = openJournal(known)
  const replayed = replay(reader, compileDocument(reader.header.factory))
  reader.close()
  const { state } = replayed
  assert.equal(replayed.isComparable, false)
  assert.equal(state.totals.events, 1206)
  assert.deepEqual([state.totals.jobsSeen, state.totals.pending, state.totals.running], [24, 0, 0])
  assert.deepEqual(brokenInvariants(state), [])
})

test('the command says that there is nothing to compare with, and that it is no difference',
  async () => {
    const [told, json] = await batch(folder, [
      ['replay', 'journal.mrj'], ['replay', 'journal.mrj', '--json'],
    ])
    assert.equal(told!.code, 0, told!.stderr)
    assert.match(told!.stdout, /has format 3, whose states had other columns, so there is no hash/)
    assert.equal((JSON.parse(json!.stdout) as { same: unknown }).same, null)
  })

/** The catalogue may change after this file was written; what is shown here is the format. */
function withCatalogueOfToday(): Buffer {
  const reader = new JournalReader(FILE)
  const { header } = reader
  const catalogue = catalogueOf(compileDocument(header.factory))
  let payload: Uint8Array | undefined = Buffer.from(JSON.stringify({ ...header, catalogue }))
  let digest: Uint8Array = Buffer.alloc(32)
  const parts: Uint8Array[] = [Buffer.from(MAGIC)]
  for (; payload !== undefined; payload = reader.block()) {
    const head = headOf(digest, payload)
    digest = head.subarray(4)
    parts.push(head, payload)
  }
  reader.close()
  return Buffer.concat(parts)
}
