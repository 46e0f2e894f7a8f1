// The commands that read the journal of a run take the folder of a live factory as well: journal,
// replay, why and whatif of it, its export, and a copy of what is sound where it is damaged.
import { equal, match, ok } from 'node:assert/strict'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, before, test } from 'node:test'
import { openStore } from '../../src/journal/sqlite.ts'
import { smallBatches } from '../store/live.ts'
import { batch, newFolder, type Done } from './command.ts'

const { folder, remove } = newFolder()
after(remove)
const { header, batches, summary } = smallBatches(folder)

before(async () => {
  const store = await openStore(join(folder, 'live'), header)
  for (const each of batches) await store.append(each)
  await store.close()
})

async function one(...command: string[]): Promise<Done> {
  const [done] = await batch(folder, [command])
  return done!
}

test('its records are printed, the same as those of the file', async () => {
  const [live, file] = await batch(folder, [['journal', 'live'], ['journal', 'run.mrj']])
  equal(live!.code, 0, live!.stderr)
  const lines = file!.stdout.split('\n')
  equal(live!.stdout, [...lines.slice(0, -2), ''].join('\n'), 'but for the end')
})

test('it replays to the state of the run, and the policies decide the same', async () => {
  const { code, stdout, stderr } = await one('replay', 'live/journal.db', '--verify')
  equal(code, 0, stderr)
  ok(stdout.includes(`give the state ${summary.stateHash}; the journal of a live factory has no`))
  match(stdout, /The policies decided the same/)
})

test('why a job waited, and what would have been otherwise', async () => {
  const [why, whatif] = await batch(folder, [
    ['why', '#8', '--journal', 'live', '--at', '3h'],
    ['whatif', 'live', '--at', '3h', '--for', '1d', '--seeds', '1', '--change', 'remove 1 nodes'],
  ])
  equal(why!.code, 0, why!.stderr)
  match(why!.stdout, /Job tâche 7 \(number 8\)/)
  equal(whatif!.code, 0, whatif!.stderr)
})

test('an export replays with its own end', async () => {
  const [exported, replayed, again, wrong] = await batch(folder, [
    ['journal', 'live', '--export', 'out.mrj'], ['replay', 'out.mrj'],
    ['journal', 'live', '--export', 'out.mrj'], ['journal', 'out.mrj', '--export', 'more.mrj'],
  ])
  equal(exported!.code, 0, exported!.stderr)
  match(replayed!.stdout, new RegExp(`recorded ${summary.stateHash}: the same`))
  equal(exported!.stdout.split('Journal ')[1], replayed!.stdout.split('Journal ')[1])
  match(again!.stderr, /there is a file already, and it is not replaced/)
  match(wrong!.stderr, /a file needs no --export/)
})

test('a damaged one says which block, and what comes before it is kept', async () => {
  const db = new DatabaseSync(join(folder, 'live/journal.db'))
  db.exec("UPDATE blocks SET bytes = x'00' WHERE seq = 15")
  db.close()
  const [damaged, mended, replayed] = await batch(folder, [
    ['replay', 'live'], ['journal', 'live', '--repair', 'mended'], ['replay', 'mended'],
  ])
  equal(damaged!.code, 3)
  match(damaged!.stderr, /block 15 does not match its SHA-256.*--repair NEW/)
  match(mended!.stdout, /mended: kept blocks up to 14, left out \d+\./)
  equal(replayed!.code, 0, replayed!.stderr)
})
