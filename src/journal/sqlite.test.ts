// Shows that a journal in SQLite is a store, by the suite that every store passes, that what it
// keeps is checked when it is opened, and that copies of it are whole.
import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, test } from 'node:test'
import {
  batchOf, snapshotOf, specOf, storeSuite, within, type Place,
} from '../../test/suites/store.suite.ts'
import { backupStore, restoreStore } from './copy.ts'
import { openStore } from './sqlite.ts'

const root = mkdtempSync(join(tmpdir(), 'millrace-store-'))
after(() => rmSync(root, { recursive: true }))
let folders = 0

storeSuite('SQLite', () => placeIn(newFolder()))

test('files are for their owner alone', async () => {
  const folder = newFolder()
  await within(placeIn(folder), async (store) => store.append(batchOf(1)))
  assert.equal(statSync(folder).mode & 0o777, 0o700)
  assert.equal(statSync(join(folder, 'journal.db')).mode & 0o777, 0o600)
})

test('a block that was changed, lost or moved is told by its seq when it is opened', async () => {
  for (const [sql, what] of [
    ["UPDATE blocks SET bytes = x'01' WHERE seq = 5", /block 5 does not match its SHA-256/],
    ['UPDATE blocks SET fromMs = 1 WHERE seq = 5', /block 5 does not match/],
    ['UPDATE blocks SET digest = zeroblob(32) WHERE seq = 5', /block 5 does not match/],
    ['UPDATE blocks SET seq = 99 WHERE seq = 5', /block 5 is missing/],
    ['DELETE FROM blocks WHERE seq = 5', /block 5 is missing/],
    ["UPDATE meta SET value = replace(value, 'small', 'other') WHERE name = 'header'",
      /the header does not match its SHA-256/],
  ] as const) {
    const folder = newFolder()
    await fill(folder, 9)
    change(folder, sql)
    await assert.rejects(openStore(folder, undefined), (error: Error) => {
      assert.match(error.message, what)
      assert.match(error.message, /millrace restore/)
      return 'exitCode' in error && error.exitCode === 3
    })
  }
})

test('a spec that was changed is not handed out', async () => {
  const folder = newFolder()
  await within(placeIn(folder), (store) =>
    store.append(batchOf(1, { specs: [{ number: 1, spec: specOf(1, 'true') }] })))
  change(folder, "UPDATE specs SET spec = replace(spec, 'true', 'halt')")
  await within(placeIn(folder), (store) =>
    assert.rejects(store.specOf(1), /spec of job 1 was changed after it was written/))
})

test('a damaged snapshot is passed over for the one before', async () => {
  const folder = newFolder()
  await within(placeIn(folder), async (store) => {
    for (const number of [1, 2, 3]) {
      await store.append(batchOf(number))
      await store.keep(snapshotOf(number))
    }
  })
  const seqOf = () => within(placeIn(folder), async ({ opened }) => opened.snapshotSeq)
  assert.equal(await seqOf(), 3)
  change(folder, 'UPDATE parts SET bytes = zeroblob(length(bytes)) WHERE seq = 3 AND part = 1')
  assert.equal(await seqOf(), 2)
  change(folder, 'DELETE FROM parts WHERE seq = 2 AND part = 0')
  assert.equal(await seqOf(), 0)
})

test('without a snapshot and with old blocks in the archive it is not opened half', async () => {
  const folder = newFolder()
  await fill(folder, 9)
  await within(placeIn(folder), async (store) => {
    await store.keep(snapshotOf(1))
    await store.append(batchOf(1))
    await store.keep(snapshotOf(2))
  }, { historyBytes: 0 })
  change(folder, 'DELETE FROM parts')
  await assert.rejects(openStore(folder, undefined), /no snapshot is whole, .* blocks up to 9 /)
})

test('a database of something else, or of a later version, is refused', async () => {
  const folder = newFolder()
  await fill(folder, 1)
  change(folder, 'PRAGMA user_version = 9')
  await assert.rejects(openStore(folder, undefined), /tables have version 9; this .* version 1\./)
  change(folder, 'PRAGMA application_id = 9')
  await assert.rejects(openStore(folder, undefined), /database of something else/)
})

test('a copy made while it is used is whole, and takes its place again', async () => {
  const folder = newFolder()
  const copies = [newFolder(), newFolder()]
  await within(placeIn(folder), async (store) => {
    for (let number = 1; number <= 9; number++) await store.append(batchOf(number))
    const copying = store.backup(copies[0]!)
    const appending = store.append(batchOf(10))
    await Promise.all([copying, appending])
    assert.equal((await backupStore(folder, copies[1]!)).lastSeq, 10)
    await assert.rejects(store.backup(copies[0]!), /there is something already/)
    await assert.rejects(restoreStore(copies[0]!, folder), /uses this folder/)
    await store.append(batchOf(11))
  })
  const { lastSeq, aside } = await restoreStore(copies[1]!, folder)
  assert.equal(lastSeq, 10)
  assert.ok(existsSync(join(aside, 'journal.db')))
  await within(placeIn(folder), async ({ opened }) => {
    assert.equal(opened.lastSeq, 10)
    assert.ok(opened.epoch > 1_000_000, 'engines that had later orders take those of this one')
  })
})

test('a damaged copy does not replace anything', async () => {
  const folder = newFolder()
  const copy = newFolder()
  await fill(folder, 9)
  await backupStore(folder, copy)
  change(copy, "UPDATE blocks SET bytes = x'01' WHERE seq = 5")
  const before = readFileSync(join(folder, 'journal.db'))
  await assert.rejects(restoreStore(copy, folder), /block 5 does not match/)
  assert.deepEqual(readFileSync(join(folder, 'journal.db')), before)
})

function newFolder(): string {
  return join(root, `${++folders}`)
}

function placeIn(folder: string): Place {
  return { open: openStore.bind(undefined, folder) }
}

async function fill(folder: string, blocks: number): Promise<void> {
  await within(placeIn(folder), async (store) => {
    for (let number = 1; number <= blocks; number++) await store.append(batchOf(number))
  })
}

function change(folder: string, sql: string): void {
  const db = new DatabaseSync(join(folder, 'journal.db'))
  db.exec(sql)
  db.close()
}
