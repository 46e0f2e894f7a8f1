// A server as people start it, `millrace up`, in a state folder of its own, on a port of its own.
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { BIN, newFolder, ROOT } from './command.ts'

export type Up = {
  readonly folder: string
  /** Its state folder, for --state. */
  readonly state: string
  readonly pid: number
  readonly url: string
  /** What it has printed so far. */
  readonly printed: () => string
  /** Ends it as a service is ended; resolves with its exit code. */
  readonly stop: (signal?: NodeJS.Signals) => Promise<number | null>
}

/** A start costs a second or two; on a busy machine some more. */
const START_MS = 60_000

/** Starts it with more words, which may name a port, in a new state folder or a given one. */
export async function up(words: readonly string[], given?: string): Promise<Up> {
  const { folder } = newFolder()
  const state = given ?? join(folder, 'state')
  const child = spawn(process.execPath,
    [BIN, 'up', '--state', state, '--port', '0', ...words], { cwd: ROOT })
  let text = ''
  let errors = ''
  child.stdout.setEncoding('utf8').on('data', (part: string) => { text += part })
  child.stderr.setEncoding('utf8').on('data', (part: string) => { errors += part })
  const ended = new Promise<number | null>((done) => { child.on('close', done) })
  const untilMs = performance.now() + START_MS
  while (!text.includes('Ctrl-C stops it')) {
    if (child.exitCode !== null || performance.now() > untilMs) {
      child.kill('SIGKILL')
      throw new Error(`up ${words.join(' ')} did not come up: ${text}${errors}`)
    }
    await new Promise((look) => { setTimeout(look, 20) })
  }
  return {
    folder, state, pid: child.pid!, printed: () => text + errors,
    url: / at (http:\S+)/.exec(text)?.[1] ?? '',
    stop: (signal = 'SIGTERM') => {
      child.kill(signal)
      return ended
    },
  }
}
