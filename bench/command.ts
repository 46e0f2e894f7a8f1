import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Summary } from '../src/run/summary.ts'

const ROOT = join(import.meta.dirname, '..')

export type CommandRun = {
  readonly cpuS: number
  readonly rssMB: number
  readonly summary: Summary
}

/** Runs `millrace twin … --json` several times, each as a user does, from start to end. */
export function runTwinCommand(words: readonly string[], repeats: number): CommandRun[] {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-bench-'))
  try {
    return Array.from({ length: repeats }, () => runOnce(words, join(folder, 'usage.json')))
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** Its CPU time is told by usage.ts, as the last thing it does. */
function runOnce(words: readonly string[], usagePath: string): CommandRun {
  const usage = join(import.meta.dirname, 'usage.ts')
  const command = ['--import', usage, 'bin/millrace.mjs', 'twin', ...words, '--json']
  const child = spawnSync(process.execPath, command, {
    cwd: ROOT, encoding: 'utf8', maxBuffer: 1 << 26,
    env: { ...process.env, MILLRACE_BENCH_USAGE: usagePath },
  })
  if (child.status !== 0) {
    throw new Error(`the command left with ${child.status}: ${child.stderr.slice(-2000)}`)
  }
  const { cpuMs, rssBytes } = JSON.parse(readFileSync(usagePath, 'utf8')) as {
    cpuMs: number, rssBytes: number
  }
  return {
    cpuS: cpuMs / 1e3, rssMB: rssBytes / 1e6, summary: JSON.parse(child.stdout) as Summary,
  }
}
