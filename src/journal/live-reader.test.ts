// Shows that what a live factory keeps is read, replayed and exported as the file of a run is: the
// same records and hashes, archived or not, while it is used, and after it was cut and mended.
import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, test } from 'node:test'
import { smallPlant } from '../../test/small-run.ts'
import { smallBatches } from '../../test/store/live.ts'
import { snapshotOf } from '../../test/suites/store.suite.ts'
import { repairStore } from './copy.ts'
import { exportJournal } from './export.ts'
import { databaseOf, LiveReader, openJournal } from './live-reader.ts'
import { JournalReader } from './reader.ts'
import { replay } from './replay.ts'
import type { StoreSettings } from './settings.ts'
import { openStore } from './sqlite.ts'
import { headOf } from './writer.ts'

const root = mkdtempSync(join(tmpdir(), 'millrace-live-'))
after(() => rmSync(root, { recursive: true }))
const { header, records, batches, summary } = smallBatches(root)
const plant = smallPlant()
let folders = 0

test('its records are those that were appended, and they replay to the state of the run',
  async () => {
    const { folder } = await keptIn({}, [])
    for (const path of [folder, join(folder, 'journal.db')]) {
      const reader = openJournal(path)
      assert.ok(reader.isLive)
      assert.deepEqual(reader.header, header)
      assert.deepEqual([...reader.records()], records)
      const { stateHash, expectedHash } = replay(reader, plant)
      assert.deepEqual([stateHash, expectedHash], [summary.stateHash, ''])
      reader.close()
    }
  })

test('it is read while it is written, as it was when it was opened', async () => {
  const folder = newFolder()
  const store = await openStore(folder, header, { historyBytes: 0 })
  const half = Math.floor(batches.length / 2)
  for (const batch of batches.slice(0, half)) await store.append(batch)
  const reader = openJournal(folder)
  for (const batch of batches.slice(half)) await store.append(batch)
  // What is archived meanwhile is still there for who reads.
  for (const number of [1, 2]) await store.keep(snapshotOf(number))
  const seen = [...reader.records()]
  assert.ok(seen.length > 0 && seen.length < records.length)
  assert.deepEqual(seen, records.slice(0, seen.length))
  reader.close()
  await store.close()
})

test('what was archived comes first, and the chain goes on from it', async () => {
  const all = batches.length
  const third = Math.floor(all / 3)
  const { folder, journalHash } = await keptIn({ historyBytes: 0 }, [third, 2 * third, all])
  const reader = openJournal(folder)
  assert.deepEqual([...reader.records()], records)
  assert.equal(reader.journalHash, journalHash)
  reader.close()
  const archive = join(folder, 'archive.mrj')
  const { length } = readFileSync(archive)
  assert.ok(length > 1000)

  // Bytes behind what the database knows of come from an attempt that was cut off.
  writeFileSync(archive, 'rubbish', { flag: 'a' })
  const again = openJournal(folder)
  assert.deepEqual([...again.records()], records)
  again.close()

  for (const bytes of [length - 1, 100, 0]) {
    truncateSync(archive, bytes)
    const cut = openJournal(folder)
    assert.throws(() => [...cut.records()], /the archive has \d+ bytes and had \d+: it was cut/)
    cut.close()
  }
})

test('an archive that was changed, or is of another journal, is told', async () => {
  const third = Math.floor(batches.length / 3)
  const { folder } = await keptIn({ historyBytes: 0 }, [third, 2 * third])
  const path = join(folder, 'archive.mrj')
  const whole = readFileSync(path)
  const said = (bytes: Uint8Array, what: RegExp) => {
    writeFileSync(path, bytes)
    const reader = openJournal(folder)
    assert.throws(() => [...reader.records()], what)
    reader.close()
  }
  const changed = Buffer.from(whole)
  changed[whole.length - 1]! ^= 1
  said(changed, /archive\.mrj: block \d+ does not match its SHA-256/)

  // The last block is another one, in a chain that is sound.
  writeFileSync(path, whole)
  const archive = new JournalReader(path, whole.length)
  let last = archive.position
  let payload = new Uint8Array(0)
  for (let next = archive.block(); next !== undefined; next = archive.block()) {
    payload = Uint8Array.from(next)
    if (archive.position.at < whole.length) last = archive.position
  }
  archive.close()
  payload[1]! ^= 1
  said(Buffer.concat([whole.subarray(0, last.at), headOf(last.digest, payload), payload]),
    /ends with another block than the one that journal\.db goes on from/)
})

test('without an archive it says from which block on it can be read', async () => {
  const { folder } = await keptIn({ historyBytes: 0, isArchived: false }, [20, 30])
  const reader = openJournal(folder)
  assert.throws(() => [...reader.records()], /begins at block 21: it was told to keep no archive/)
  reader.close()
})

test('an export is the file of a run: the same chain, and an end with the hash of the state',
  async () => {
    const { folder, journalHash } = await keptIn({ historyBytes: 0 }, [10, 20])
    const to = join(root, 'exported.mrj')
    const reader = new LiveReader(databaseOf(folder)!)
    const exported = exportJournal(reader, plant, to)
    assert.equal(reader.journalHash, journalHash)
    reader.close()
    const file = new JournalReader(to)
    const replayed = replay(file, plant)
    file.close()
    assert.equal(replayed.expectedHash, replayed.stateHash)
    assert.deepEqual([exported.stateHash, exported.journalHash, exported.events],
      [summary.stateHash, replayed.journalHash, summary.eventCount])
    assert.throws(() => exportJournal(reader, plant, to), /.*/)
  })

test('what is before a damaged block is kept, with what came with it, and goes on', async () => {
  const { folder } = await keptIn({}, [10, 20])
  const db = new DatabaseSync(join(folder, 'journal.db'))
  db.exec("UPDATE blocks SET bytes = x'00' WHERE seq = 15")
  db.close()
  const to = newFolder()
  assert.deepEqual(await repairStore(join(folder, 'journal.db'), to),
    { lastSeq: 14, lostBlocks: batches.length - 14 })
  const store = await openStore(to, undefined)
  assert.deepEqual([store.opened.lastSeq, store.opened.snapshotSeq], [14, 10])
  for (const batch of batches.slice(14)) await store.append(batch)
  await store.close()
  const reader = openJournal(to)
  assert.equal(replay(reader, plant).stateHash, summary.stateHash)
  reader.close()
})

test('nothing there, a file that is no database, and one of something else', () => {
  const text = join(root, 'journal.db')
  assert.throws(() => openJournal(join(root, 'no/journal.db')), /there is no such file/)
  writeFileSync(text, 'no database at all, but long enough to look like one'.repeat(20))
  assert.throws(() => openJournal(text), /this is not a database; check the path/)
  assert.throws(() => openJournal(root), /this is not a database/)
  rmSync(text)
  new DatabaseSync(text).exec('CREATE TABLE other (a)')
  assert.throws(() => openJournal(text), /a database of something else, not a Millrace journal/)
  rmSync(text)
  assert.throws(() => openJournal(root), /this is a folder, not a journal/)
})

/** Keeps all batches, with a snapshot after some; the hash is that of its chain. */
async function keptIn(settings: StoreSettings, snapshotAfter: readonly number[]) {
  const folder = newFolder()
  const store = await openStore(folder, header, settings)
  for (const [at, batch] of batches.entries()) {
    await store.append(batch)
    for (const each of snapshotAfter) if (each === at + 1) await store.keep(snapshotOf(1))
  }
  await store.close()
  const db = new DatabaseSync(join(folder, 'journal.db'))
  const { digest } = db.prepare('SELECT digest FROM blocks ORDER BY seq DESC').get() as
    { digest: Uint8Array }
  db.close()
  return { folder, journalHash: Buffer.from(digest).toString('hex') }
}

function newFolder(): string {
  return join(root, `${++folders}`)
}
