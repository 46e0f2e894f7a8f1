// Runs the command line as people do, as processes, and many commands in one process.
import { spawn } from 'node:child_process'
import { mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export const ROOT = join(import.meta.dirname, '../..')
export const BIN = join(ROOT, 'bin/millrace.mjs')

/** A run takes a second or two; one that hangs must not hang the tests. */
const LIMIT_MS = 300_000

export type Ended = { readonly code: number, readonly stdout: string, readonly stderr: string }

/** What one command of a batch did; `left` names what it added to the folder it ran in. */
export type Done = Ended & { readonly left: readonly string[] }

/** A new folder. Whoever asks for it removes it. */
export function newFolder(): { readonly folder: string, readonly remove: () => void } {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'millrace-cli-')))
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) }
}

/** Runs `bin/millrace.mjs` in a folder. */
export function millrace(folder: string, ...parameters: string[]): Promise<Ended> {
  return start(process.execPath, [BIN, ...parameters], folder)
}

/** Runs a line of bash in which `millrace` is a command. */
export function shell(folder: string, line: string): Promise<Ended> {
  const script = `set -o pipefail; millrace() { '${process.execPath}' '${BIN}' "$@"; }; ${line}`
  return start('bash', ['-c', script], folder)
}

/** Runs commands one after another in one process of the clone at `root`: a few ms for each. */
export async function batch(
  folder: string, commands: readonly (readonly string[])[], root = ROOT,
): Promise<Done[]> {
  const ended = await start(process.execPath,
    [join(root, 'test/cli/driver.ts')], folder, JSON.stringify(commands))
  if (ended.code !== 0) throw new Error(`the driver ended with ${ended.code}: ${ended.stderr}`)
  return JSON.parse(ended.stdout) as Done[]
}

function start(
  program: string, parameters: readonly string[], folder: string, input = ''): Promise<Ended> {
  const { promise, resolve, reject } = Promise.withResolvers<Ended>()
  const child = spawn(program, parameters, { cwd: folder, timeout: LIMIT_MS })
  const texts = { stdout: '', stderr: '' }
  child.stdout.setEncoding('utf8').on('data', (text: string) => { texts.stdout += text })
  child.stderr.setEncoding('utf8').on('data', (text: string) => { texts.stderr += text })
  child.on('error', reject)
  child.on('close', (code, signal) => {
    if (code === null) reject(new Error(`${parameters.join(' ')} ended by ${signal}`))
    else resolve({ code, ...texts })
  })
  child.stdin.end(input)
  return promise
}
