import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { median, type Figure } from './figure.ts'

const ROOT = join(import.meta.dirname, '..')
const REPEATS = 5

const COMMAND = [
  'bin/millrace.mjs', 'twin', 'examples/w1/factory-9472.yaml',
  '--trace', 'swf:examples/traces/w1_9472_20000.swf.gz', '--json',
]

export const w1: Figure = {
  name: 'w1-9472',
  summary: 'the W1 list, 9,472 nodes and 20,000 jobs, the whole command',
  run: () => {
    const folder = mkdtempSync(join(tmpdir(), 'millrace-bench-'))
    try {
      const runs = Array.from({ length: REPEATS }, () => runCommand(join(folder, 'usage.json')))
      return [{
        name: 'w1-9472', value: median(runs.map((run) => run.cpuS)), unit: 'CPU s',
        goal: { most: 1 }, isCpu: true,
        detail: {
          repeats: REPEATS,
          leastCpuS: Math.min(...runs.map((run) => run.cpuS)),
          rssMB: median(runs.map((run) => run.rssMB)),
          meanWaitS: runs[0]!.meanWaitS,
          makespanS: runs[0]!.makespanS,
          rapsCpuS: 88.6,
          accasimCpuS: 222,
        },
      }]
    } finally {
      rmSync(folder, { recursive: true })
    }
  },
}

/** Runs the command as a user does. Its CPU time is told by usage.ts, as the last thing it does. */
function runCommand(usagePath: string) {
  const usage = join(import.meta.dirname, 'usage.ts')
  const child = spawnSync(process.execPath, ['--import', usage, ...COMMAND], {
    cwd: ROOT, encoding: 'utf8', maxBuffer: 1 << 26,
    env: { ...process.env, MILLRACE_BENCH_USAGE: usagePath },
  })
  if (child.status !== 0) {
    throw new Error(`the command left with ${child.status}: ${child.stderr.slice(-2000)}`)
  }
  const summary = JSON.parse(child.stdout) as { waitMs: { mean: number }, makespanMs: number }
  const { cpuMs, rssBytes } = JSON.parse(readFileSync(usagePath, 'utf8')) as {
    cpuMs: number, rssBytes: number
  }
  return {
    cpuS: cpuMs / 1e3,
    rssMB: rssBytes / 1e6,
    meanWaitS: summary.waitMs.mean / 1e3,
    makespanS: summary.makespanMs / 1e3,
  }
}
