import { Command } from 'commander'
import { resolve } from 'node:path'
import { InputError } from '../model/index.ts'
import {
  backfillNamed, BACKFILLS, CONSOLIDATES, ORDERS, PLACES, POWERS, PREEMPTS,
} from '../policies/index.ts'
import { twinSteps, type TwinOptions, type TwinResult } from '../run/compose.ts'
import type { PolicyNames } from '../policies/policy.ts'
import { readFactory } from '../run/factory-file.ts'
import { Output } from '../run/output.ts'
import { Progress } from '../run/progress.ts'
import type { JobRow } from '../run/record.ts'
import { readScenario } from '../run/scenario.ts'
import type { TraceSummary } from '../run/summary.ts'
import { TRACE_FORMATS } from '../traces/index.ts'
import { readTrace } from '../traces/read.ts'
import { Arrivals, nameOf, rowAfter, type ScaledTrace } from '../traces/scale.ts'
import { delayHelpers } from './compiler.ts'
import { Interrupt } from './interrupt.ts'
import {
  readChoice, readDuration, readScales, readTraceOption, readWhole, repeated,
} from './options.ts'
import { print } from './print.ts'

/** The policies of a run, as flags name them. */
export type PolicyFlags = {
  readonly order: string
  readonly backfill: string
  readonly place: string
  readonly preempt: string
  readonly consolidate: string
  readonly power: string
}

export type TwinFlags = PolicyFlags & {
  readonly trace: readonly string[]
  readonly scale: readonly string[]
  readonly until?: string
  readonly seed: string
  readonly scenario?: string
  readonly json?: true
  readonly out?: string
  readonly force?: true
}

/** Turns between two checks of every invariant: about a tenth of a run's time at 230,000 GPUs. */
const CHECK_EVERY = 200_000

/** Largest seed: it must be exact as a number. */
const SEED_MOST = Number.MAX_SAFE_INTEGER

export function twinCommand(done: (exitCode: number) => void): Command {
  const formats = Object.values(TRACE_FORMATS).map((each) => `${each.name}: ${each.summary}`)
  const choices = (policies: Readonly<Record<string, { name: string, summary: string }>>) =>
    Object.values(policies).map((each) => `${each.name}: ${each.summary}`).join('; ')
  return new Command('twin')
    .summary('run a factory on real job traces, on a virtual clock')
    .description('Runs the factory of a file on job traces: the same code that runs live, on a '
      + 'virtual clock. Prints what happened; --out keeps the report and the journal.')
    .argument('<factory>', 'factory file (YAML), as docs/factory-file.md describes')
    .requiredOption('--trace <format:file>', `jobs to run; may be repeated (${
      formats.join('; ')})`, repeated, [])
    .option('--scale <scale>', 'copies=80,jitter=1h,skip=20d lays copies of the traces over one '
      + 'another, each job of each copy later by its own jitter, and leaves out what came before '
      + 'skip; kalos:copies=900 is for one format only', repeated, [])
    .option('--until <time>', 'simulated time to run, such as 30d; all jobs if left out')
    .option('--seed <number>', 'seed of everything random', '1')
    .option('--order <policy>', choices(ORDERS), 'fifo')
    .option('--backfill <policy>', choices(BACKFILLS), 'none')
    .option('--place <policy>', choices(PLACES), 'pack')
    .option('--preempt <policy>', choices(PREEMPTS), 'reclaim')
    .option('--consolidate <policy>', choices(CONSOLIDATES), 'none')
    .option('--power <policy>', choices(POWERS), 'none')
    .option('--scenario <file>', 'what happens meanwhile (YAML), as docs/scenario.md describes')
    .option('--json', 'print the summary as one JSON object')
    .option('--out <folder>', 'new folder for report.html, summary.json, jobs.csv, power.csv and '
      + 'journal.mrj')
    .option('--force', 'replace the output of an earlier run in --out')
    .addHelpText('after', `
Example:
  millrace twin examples/philly/factory.yaml --trace philly:examples/traces/philly.csv.gz \\
    --backfill easy --out out/philly`)
    .action(async (factory: string, flags: TwinFlags) => {
      done(await twin(factory, flags))
    })
}

/** Runs the twin as the flags say; returns the exit code. */
export async function twin(path: string, flags: TwinFlags): Promise<number> {
  delayHelpers()
  const policies = policyNames(flags)
  const untilMs = flags.until === undefined ? Infinity : readDuration('--until', flags.until)
  const seed = readWhole('--seed', flags.seed, 0, SEED_MOST)
  const wanted = flags.trace.map(readTraceOption)
  if (wanted.length === 0) {
    throw new InputError('--trace: give at least one, such as '
      + '--trace philly:examples/traces/philly.csv.gz.')
  }
  const scaleOf = readScales(flags.scale, wanted.map((each) => each.format))
  const { plant, document } = readFactory(path)
  const scenario = flags.scenario === undefined ? undefined : readScenario(flags.scenario, plant)
  const interrupt = new Interrupt()
  let output: Output | undefined
  try {
    if (flags.out !== undefined) output = new Output(resolve(flags.out), flags.force === true)
    const traces: ScaledTrace[] = []
    const queues = plant.queues.map((queue) => queue.name)
    for (const { format, path: file } of wanted) {
      traces.push({ trace: await readTrace(format, file, queues), scale: scaleOf(format) })
    }
    const result = await runTraces({
      plant, document, seed, untilMs, policies, checkEvery: CHECK_EVERY,
      ...(scenario === undefined ? {} : { scenario }),
      traces: traces.map(summaryOf), ...records(output),
    }, new Arrivals(traces, seed), interrupt)
    // Pages and pictures are only loaded when somebody looks: a program's run starts sooner.
    if (output !== undefined) (await import('./present.ts')).keep(output, result, plant)
    if (flags.json === true) print(`${JSON.stringify(result.summary)}\n`)
    else (await import('./present.ts')).tell(result, output)
    return warn(result)
  } catch (error) {
    output?.discard()
    throw error
  } finally {
    interrupt.release()
  }
}

/** Where a run that is kept writes as it goes. */
function records(output: Output | undefined) {
  return output === undefined ? {}
    : { journalPath: output.path('journal.mrj'), onJob: (row: JobRow) => output.job(row) }
}

/** Steps through a run, showing where it is. */
export async function runTraces(
  options: Omit<TwinOptions, 'source'>, arrivals: Arrivals, interrupt: Interrupt,
): Promise<TwinResult> {
  const { untilMs } = options
  const progress = new Progress(process.stderr, { nowMs: () => performance.now() })
  let taken = 0
  const next = () => {
    taken++
    const { job, copy } = arrivals.next()
    return { job, name: nameOf(job, copy) }
  }
  const steps = twinSteps({ ...options, source: { peekAtMs: () => arrivals.peekAtMs(), next } })
  try {
    for (;;) {
      const step = steps.next()
      if (step.done === true) return step.value
      const { totals } = step.value
      progress.update({
        ratio: untilMs === Infinity ? taken / arrivals.total : totals.nowMs / untilMs,
        atMs: totals.nowMs,
        jobsRunning: totals.running,
        jobsWaiting: totals.pending,
        events: totals.events,
      })
      await interrupt.breathe()
    }
  } catch (error) {
    // Closes the journal, and throws the error again.
    steps.throw(error)
    throw error
  } finally {
    progress.finish()
  }
}

export function policyNames(flags: PolicyFlags): PolicyNames {
  const power = readChoice('--power', flags.power, Object.keys(POWERS))
  return {
    order: readChoice('--order', flags.order, Object.keys(ORDERS)),
    backfill: readBackfill(flags.backfill),
    place: readChoice('--place', flags.place, Object.keys(PLACES)),
    preempt: readChoice('--preempt', flags.preempt, Object.keys(PREEMPTS)),
    consolidate: readChoice('--consolidate', flags.consolidate, Object.keys(CONSOLIDATES)),
    ...(power === 'none' ? {} : { power }),
  }
}

/** A backfill's name as it was given, such as conservative:50. */
function readBackfill(text: string): string {
  readChoice('--backfill', text.split(':')[0]!, Object.keys(BACKFILLS))
  backfillNamed(text)
  return text
}

export function summaryOf({ trace, scale }: ScaledTrace): TraceSummary {
  return {
    format: trace.format,
    file: trace.path,
    jobs: (trace.jobs.length - rowAfter(trace, scale.skipMs)) * scale.copies,
    copies: scale.copies,
    jitterMs: scale.jitterMs,
    skipAheadMs: scale.skipMs,
    skipped: trace.skipped.map(({ cause, count }) => ({ cause, count })),
    ...(trace.moved.length === 0 ? {}
      : { moved: trace.moved.map(({ cause, count }) => ({ queue: cause, count })) }),
  }
}

/** Says what was refused and what is broken; returns the exit code. */
function warn({ problems, firstRefusal, summary }: TwinResult): number {
  for (const warning of summary.warnings) process.stderr.write(`Could not be met: ${warning}\n`)
  if (firstRefusal !== '') process.stderr.write(`Refused first: ${firstRefusal}\n`)
  for (const problem of problems.slice(0, 20)) process.stderr.write(`BROKEN ${problem}\n`)
  return problems.length > 0 ? 3 : 0
}
