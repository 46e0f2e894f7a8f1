import { execFile } from 'node:child_process'
import { formatDuration } from '../../base/units.ts'

/** What a program of the system said, or why it said nothing that can be used. */
export type Ran =
  | { readonly type: 'said', readonly text: string }
  /** It is not installed: no problem, only nothing to read. */
  | { readonly type: 'missing' }
  /** One sentence for people. */
  | { readonly type: 'failed', readonly problem: string, readonly text: string }

/** A driver that hangs makes its tool hang; without persistence mode a first call takes seconds. */
const TOOL_MS = 10_000

/** A thousand devices say less. */
const OUTPUT_MOST = 16 << 20

/**
 * Runs a tool without a shell and in plain English, and ends it after `limitMs`. What it printed
 * comes back even where it failed: with one broken device nvidia-smi prints the others and fails.
 */
export function runTool(
  name: string, words: readonly string[], limitMs: number = TOOL_MS): Promise<Ran> {
  return new Promise((done) => {
    const options = {
      encoding: 'utf8', timeout: limitMs, killSignal: 'SIGKILL', maxBuffer: OUTPUT_MOST,
      env: { ...process.env, LC_ALL: 'C' },
    } as const
    execFile(name, words, options, (error, out, err) => {
      if (error === null) return done({ type: 'said', text: out })
      if (error.code === 'ENOENT') return done({ type: 'missing' })
      const says = error.killed === true
        ? `did not answer within ${formatDuration(limitMs)}; its driver may be stuck`
        : `failed: ${lastLine(err) || lastLine(out) || error.message}`
      return done({ type: 'failed', problem: `${name} ${says}`, text: out })
    })
  })
}

function lastLine(text: string): string {
  return text.trim().split('\n').findLast((line) => line.trim() !== '')?.trim() ?? ''
}
