import { Command } from 'commander'
import { copyFileSync, existsSync, mkdirSync, readdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { formatCount } from '../../base/units.ts'
import { backupStore, restoreStore } from '../../journal/copy.ts'
import { InputError } from '../../model/index.ts'
import { print } from '../print.ts'
import { factoryFolder } from './site.ts'
import { defaultFolder, isAlive, readServer } from './state-folder.ts'

type Flags = { readonly state?: string }

/** Hashes of tokens: a server that is brought back knows those who used it. */
const TOKENS = 'tokens.json'

const STATE = '--state <folder>'

export function backupCommand(done: (exitCode: number) => void): Command {
  return new Command('backup')
    .summary('copy the journals of a state folder, while a server uses it')
    .description('Copies the journal of each factory, and the list of tokens (as hashes), into a '
      + 'new folder, whole and checked. The server may run meanwhile. What jobs wrote is theirs '
      + 'and is not copied.')
    .argument('<folder>', 'new folder')
    .option(STATE, 'state folder; the usual one if left out')
    .addHelpText('after', '\nExample:\n  millrace backup /backup/millrace-2026-11-24')
    .action(async (to: string, flags: Flags) => {
      await backup(resolve(to), flags.state ?? defaultFolder())
      done(0)
    })
}

async function backup(to: string, folder: string): Promise<void> {
  const names = factoriesIn(folder)
  if (names.length === 0) {
    throw new InputError(`${folder} has no factory. Give the state folder of a server: `
      + '--state.')
  }
  if (existsSync(to)) {
    throw new InputError(`${to}: there is something already, and it is not replaced. Name a new `
      + 'folder.')
  }
  mkdirSync(join(to, 'factories'), { recursive: true, mode: 0o700 })
  for (const name of names) {
    const { lastSeq } = await backupStore(factoryFolder(folder, name), factoryFolder(to, name))
    print(`${name}: copied up to block ${formatCount(lastSeq)}.\n`)
  }
  const tokens = join(folder, TOKENS)
  if (existsSync(tokens)) copyFileSync(tokens, join(to, TOKENS))
}

function factoriesIn(folder: string): string[] {
  try {
    return readdirSync(join(folder, 'factories')).toSorted()
  } catch {
    return []
  }
}

export function restoreCommand(done: (exitCode: number) => void): Command {
  return new Command('restore')
    .summary('put a backup in place of a state folder\'s journals')
    .description('Puts the journals of a backup in place of those of a state folder that no server '
      + 'uses. What was there is moved aside, never removed.')
    .argument('<folder>', 'what "millrace backup" made')
    .option(STATE, 'state folder; the usual one if left out')
    .addHelpText('after', '\nExample:\n  millrace restore /backup/millrace-2026-11-24')
    .action(async (from: string, flags: Flags) => {
      await restore(resolve(from), flags.state ?? defaultFolder())
      done(0)
    })
}

async function restore(from: string, folder: string): Promise<void> {
  const names = factoriesIn(from)
  if (names.length === 0) throw new InputError(`${from} is no backup: it has no factories.`)
  const server = readServer(folder)
  if (server !== undefined && isAlive(server.pid)) {
    throw new InputError(`The server of ${folder} runs (process ${server.pid}). Stop it first.`, 4)
  }
  for (const name of names) {
    const to = factoryFolder(folder, name)
    mkdirSync(to, { recursive: true, mode: 0o700 })
    const { lastSeq, aside } = await restoreStore(factoryFolder(from, name), to)
    print(`${name}: brought back up to block ${formatCount(lastSeq)}.${
      aside === '' ? '' : ` What was there is in ${aside}.`}\n`)
  }
  const tokens = join(from, TOKENS)
  if (existsSync(tokens) && !existsSync(join(folder, TOKENS))) {
    copyFileSync(tokens, join(folder, TOKENS))
  }
}
