// Shows that a live journal loses nothing that it called durable, and says what a disk refuses:
// with real processes that are killed, real full and read-only disks, and a log that was torn.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import {
  copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { withDisk } from '../../test/store/disk.ts'
import {
  auditOf, batchOf, bytesOf, HEADER, snapshotOf, specOf, within, type Place,
} from '../../test/suites/store.suite.ts'
import { Database } from './database.ts'
import { keptBy } from './settings.ts'
import { openStore } from './sqlite.ts'
import type { Store } from './store.ts'

const APPENDER = join(import.meta.dirname, '../../test/store/appender.ts')

/** A page of 4096 bytes in SQLite's log, with its head. */
const FRAME_BYTES = 4120

const root = mkdtempSync(join(tmpdir(), 'millrace-faults-'))
after(() => rmSync(root, { recursive: true }))

test('killed at any moment, it has all that was durable, and perhaps one batch more', async () => {
  const folder = join(root, 'killed')
  let durable = 0
  for (const turns of [1, 3, 11, 20, 25, 52]) {
    durable = await appendUntilKilled(folder, durable + turns)
    await within(placeIn(folder), async (store) => {
      const { lastSeq, snapshotSeq, snapshot } = store.opened
      assert.ok(lastSeq === durable || lastSeq === durable + 1, `${lastSeq} of ${durable}`)
      assert.ok(durable - snapshotSeq < 20, 'the last snapshot or the one before')
      if (snapshot !== undefined) {
        assert.deepEqual(Uint8Array.from(snapshot), snapshotOf(snapshotSeq / 10 % 200))
      }
      for (const number of [1, durable, lastSeq]) {
        assert.deepEqual(await store.specOf(number), specOf(number, `job-${number}`))
        assert.equal((await store.answered(`key ${number}`))!.answer, auditOf(number).answer)
      }
      for (const { seq, bytes } of await store.blocksAfter(0, 1000)) {
        assert.deepEqual(Uint8Array.from(bytes), bytesOf(seq))
      }
      durable = lastSeq
    }, { historyBytes: 4000 })
  }
})

test('a second process is told who has it', async () => {
  const folder = join(root, 'shared')
  await within(placeIn(folder), async () => {
    const { code, said } = await appended(folder)
    assert.equal(code, 1)
    assert.match(said, new RegExp(`the process with pid ${process.pid} uses this folder`))
  })
})

test('a log that is cut at any byte of its last page loses the last batch alone', () => {
  // In memory, where there is such a disk: it is opened thousands of times.
  const memory = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'millrace-torn-'))
  after(() => rmSync(memory, { recursive: true }))
  const folder = join(memory, 'torn')
  const from = new Database(folder, JSON.stringify(HEADER), keptBy({}))
  for (let number = 1; number <= 4; number++) from.append(batchOf(number))
  from.append(batchOf(5))
  const kept = join(memory, 'kept')
  mkdirSync(kept)
  for (const name of ['journal.db', 'journal.db-wal']) {
    copyFileSync(join(folder, name), join(kept, name))
  }
  from.close()
  const whole = readFileSync(join(kept, 'journal.db-wal')).length
  const torn = join(memory, 'copy')
  mkdirSync(torn)
  for (let length = whole - FRAME_BYTES; length <= whole; length++) {
    for (const name of ['journal.db', 'journal.db-wal']) {
      copyFileSync(join(kept, name), join(torn, name))
    }
    truncateSync(join(torn, 'journal.db-wal'), length)
    const database = new Database(torn, '', keptBy({}))
    assert.equal(database.opened.lastSeq, length === whole ? 5 : 4, `cut at ${length}`)
    database.append(batchOf(6))
    database.close()
  }
})

test('a journal that may not grow refuses, and goes on after it was opened with room', async () => {
  const folder = join(root, 'bounded')
  const count = await fillUp(folder, { mostBytes: 400_000 })
  await within(placeIn(folder), async (store) => {
    assert.equal(store.opened.lastSeq, count)
    await store.append(large(count + 1))
  })
})

test('a full disk is said in words, and what was durable is there', async (context) => {
  await withDisk(context, join(root, 'small'), 'size=1m', async (disk) => {
    const folder = join(disk, 'full')
    writeFileSync(join(disk, 'ballast'), Buffer.alloc(200_000))
    const count = await fillUp(folder, {})
    rmSync(join(disk, 'ballast'))
    await within(placeIn(folder), async (store) => {
      assert.equal(store.opened.lastSeq, count)
      await store.append(large(count + 1))
    })
  })
})

test('a disk that is full from the start makes no half of a journal', async (context) => {
  await withDisk(context, join(root, 'tiny'), 'size=64k', async (disk) => {
    const folder = join(disk, 'none')
    writeFileSync(join(disk, 'ballast'), Buffer.alloc(48_000))
    await assert.rejects(openStore(folder, HEADER), /stopped: .*(disk is full|reports an error)/)
    rmSync(join(disk, 'ballast'))
    await assert.rejects(openStore(folder, undefined), /there is no journal here/)
  })
})

test('a disk that is read-only is said in words', async (context) => {
  await withDisk(context, join(root, 'fixed'), 'size=1m', async (disk, remount) => {
    const folder = join(disk, 'journal')
    await within(placeIn(folder), (store) => store.append(batchOf(1)))
    remount('ro')
    const said = /stopped: .*read-only/
    await assert.rejects(openStore(folder, undefined), said)
    await assert.rejects(openStore(join(disk, 'new'), HEADER), said)
  })
})

/** Appends until it is refused; says how many were not. Then nothing else is answered either. */
async function fillUp(folder: string, settings: object): Promise<number> {
  const store = await openStore(folder, HEADER, settings)
  let count = 0
  let problem: unknown
  while (problem === undefined) {
    await store.append(large(count + 1)).then(() => { count++ }, (error: unknown) => {
      problem = error
    })
  }
  assert.ok(count > 0)
  assert.match(String(problem), /appending .* stopped: the disk is full, or .* most that/)
  for (const call of callsOf(store)) await assert.rejects(call, problem as Error)
  await store.close()
  return count
}

function callsOf(store: Store): Promise<unknown>[] {
  return [
    store.append(batchOf(1)), store.keep(snapshotOf(1)), store.blocksAfter(0, 1), store.specOf(1),
    store.answered('key'), store.audit(9, 9), store.backup('nowhere'),
  ]
}

function large(number: number) {
  return batchOf(number, { bytes: new Uint8Array(20_000).fill(number) })
}

/** Lets a process append until it told of that batch, kills it, and says what it told last. */
async function appendUntilKilled(folder: string, until: number): Promise<number> {
  const child = start(folder)
  let said = ''
  await new Promise<void>((resolve) => {
    child.stdout.on('data', (bytes: Buffer) => {
      said += bytes.toString()
      if (said.includes(`${until}\n`)) child.kill('SIGKILL')
    })
    child.on('close', () => resolve())
  })
  const lines = said.split('\n')
  return Number(lines[lines.length - 2])
}

async function appended(folder: string): Promise<{ code: number | null, said: string }> {
  const child = start(folder)
  let said = ''
  child.stderr.on('data', (bytes: Buffer) => { said += bytes.toString() })
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve))
  return { code, said }
}

function start(folder: string) {
  return spawn(process.execPath, [APPENDER, folder], { stdio: ['ignore', 'pipe', 'pipe'] })
}

function placeIn(folder: string): Place {
  return { open: openStore.bind(undefined, folder) }
}
