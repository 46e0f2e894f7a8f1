import { spawn, type ChildProcess } from 'node:child_process'
import {
  chownSync, closeSync, existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { asAccount, homeOf, type Account } from './account.ts'
import { FILES } from './disk.ts'
import { environmentOf } from './environment.ts'
import { logOf, openLog, outputsOf } from './logs.ts'
import type { Order } from './order.ts'

/** What all processes of an attempt have in common. */
export type Ground = {
  readonly account: Account | undefined
  /** A folder that the processes can write to: the attempt's, or one of their account. */
  readonly folder: string
  readonly directory: string
  readonly port: number
}

/** Makes ready what the processes need. Throws a sentence for people where it cannot. */
export function prepare(order: Order, account: Account | undefined, port: number): Ground {
  const folder = account === undefined ? order.folder : ownedFolder(account)
  if (order.spec.script !== '') writeScript(folder, order.spec.script, account)
  else if (order.spec.command.length === 0) throw new Error('the job has no command and no script')
  const directory = order.spec.directory || ownDirectory(order, account)
  if (!statSync(directory, { throwIfNoEntry: false })?.isDirectory()) {
    throw new Error(`there is no folder ${directory} to work in`)
  }
  return { account, folder, directory, port }
}

/** The job's own folder, the same for all of its attempts: what one saves the next one finds. */
function ownDirectory({ folder }: Order, account: Account | undefined): string {
  if (account !== undefined) return account.home
  const directory = join(folder, '..', 'work')
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  return directory
}

/** Our folders are closed to others, so another account gets one of its own for its files. */
function ownedFolder({ uid, gid }: Account): string {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-job-'))
  chownSync(folder, uid, gid)
  return folder
}

function writeScript(folder: string, text: string, account: Account | undefined): void {
  const line = text.slice(0, 256).split('\n')[0]!
  const program = /^#!\s*(\S+)/.exec(line)?.[1]
  if (program === undefined) {
    throw new Error('the first line of the script must name its program, as #!/bin/sh does')
  }
  if (line.endsWith('\r')) throw new Error('the script has line ends of Windows (CR LF)')
  if (!existsSync(program)) throw new Error(`there is no ${program}, which the script's #! names`)
  const path = join(folder, FILES.script)
  if (existsSync(path)) return
  writeFileSync(path, text, { mode: 0o700, flag: 'wx' })
  if (account !== undefined) chownSync(path, account.uid, account.gid)
}

/** Starts the process of one node, the leader of a session of its own. */
export function launch(order: Order, ground: Ground, node: number, starts: number): ChildProcess {
  const { account, folder, directory, port } = ground
  const { command, script } = order.spec
  const argv = script === '' ? command : [join(folder, FILES.script), ...command]
  const outputs = outputsOf(order, node, directory)
  const env = environmentOf(
    order, { node, port, folder, directory, starts, home: homeOf(account) })
  const files = openAll(order, outputs, node, account)
  try {
    const words = account === undefined ? argv : asAccount(account, argv, directory, outputs)
    return spawn(words[0]!, words.slice(1), {
      cwd: account === undefined ? directory : '/', env, detached: true,
      stdio: ['ignore', ...files],
    })
  } finally {
    for (const file of new Set(files)) closeSync(file)
  }
}

/** Of another account only our own log is opened here: its files it opens itself. */
function openAll(
  order: Order, { output, error }: { output: string, error: string }, node: number,
  account: Account | undefined): [number, number] {
  const log = logOf(order.folder, node)
  if (account !== undefined) {
    const file = openLog(log, true)
    return [file, file]
  }
  const out = openLog(output || log, true)
  return [out, error === output ? out : openLog(error || log, true)]
}

/** Takes the folder of another account away again. */
export function clear({ account, folder }: Ground): void {
  if (account !== undefined) rmSync(folder, { recursive: true, force: true })
}
