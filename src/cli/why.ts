import { Command } from 'commander'
import { formatCount, formatDuration, fromHours } from '../base/units.ts'
import { arrayReasons, explain, type Explanation } from '../core/why.ts'
import type { State } from '../core/state.ts'
import { historyOf, type History, type JobHistory } from '../journal/history.ts'
import { openJournal } from '../journal/live-reader.ts'
import { replay } from '../journal/replay.ts'
import { InputError } from '../model/index.ts'
import { policiesOf } from '../policies/index.ts'
import { startSpread, type StartSpread } from '../run/ahead.ts'
import { compileDocument } from '../run/factory-file.ts'
import { renderArray, renderWhy, type ArrayCounts } from '../run/report/why.ts'
import { withServer, type ServerFlags } from './live/connect.ts'
import { whyLive } from './live/questions.ts'
import { readMoment } from './options.ts'
import { print } from './print.ts'

type Flags = {
  readonly journal: string
  readonly at?: string
  readonly array?: true
  readonly json?: true
}

type WhyFlags = Partial<Flags> & ServerFlags

export function whyCommand(done: (exitCode: number) => void): Command {
  return withServer(new Command('why'))
    .summary('say why a job waits, and what would start it')
    .description('Says what keeps a job from starting, now or at a moment of a run, what binds '
      + 'first, who holds what it lacks, and the smallest change that would start it. docs/why.md '
      + 'explains the answer.')
    .argument('<job>', 'name of a job, or its number; #12 is always the number')
    .option('--journal <file>', 'journal.mrj of a run; the server that runs if left out')
    .option('--at <time>', 'moment of the run, from its start: 3d12h, 90m; its end if left out')
    .option('--array', 'only count the tasks of the job\'s array by what keeps them')
    .addHelpText('after', '\nExample:\n'
      + '  millrace why 4711 --journal out/colossus/journal.mrj --at 36h')
    .action(async (job: string, { journal, ...flags }: WhyFlags) => {
      if (journal !== undefined) why(job, { ...flags, journal })
      else if (flags.at !== undefined || flags.array === true) {
        throw new InputError('--at and --array are for a journal: give --journal too.')
      } else await whyLive(job, flags)
      done(0)
    })
}

function why(wanted: string, flags: Flags): void {
  const { journal, at } = flags
  const untilMs = readMoment('--at', at ?? 'end')
  const history = readHistory(journal, wanted, untilMs)
  const job = jobOf(history, wanted, flags, untilMs)
  const isJson = flags.json === true
  if (flags.array === true) {
    const { state } = stateOf(journal, untilMs)
    const array = arrayOf(state, job, history)
    if (array === undefined) {
      throw new InputError(`Job ${job.name} is not part of an array. Leave --array out.`)
    }
    return print(isJson ? `${JSON.stringify(array)}\n` : renderArray(array))
  }
  if (job.endAtMs >= 0) return print(isJson ? `${JSON.stringify(ended(job))}\n` : endedText(job))
  const { state, deciders } = stateOf(journal, untilMs)
  const explanation = explain(state, job.row, deciders)
  const expected = expectedStart(state, job.row, explanation, deciders)
  const array = arrayOf(state, job, history)
  if (isJson) print(`${JSON.stringify({ ...explanation, expected, array })}\n`)
  else print(renderWhy(explanation, expected, array))
}

/** How far ahead a start is looked for: what starts later is as good as unknown. */
const HORIZON_MS = fromHours(30 * 24)

/** When the job starts if nothing is done; not asked where only a person can let it start. */
function expectedStart(
  state: State, job: number, { state: phase, blockers, startsNext }: Explanation,
  deciders: ReturnType<typeof policiesOf>): StartSpread | undefined {
  const isHeld = blockers[0]?.reason === 'held' || state.tables.jobs.doomed[job] === 1
  if (phase !== 'pending' || startsNext || isHeld) return undefined
  return startSpread(state, job, {
    ...deciders, untilMs: state.totals.nowMs + HORIZON_MS, failures: true,
  })
}

function readHistory(path: string, wanted: string, untilMs: number): History {
  const reader = openJournal(path)
  try {
    return historyOf(reader.records(), wanted, untilMs)
  } finally {
    reader.close()
  }
}

/** The job that was asked for, or what is wrong with the question. */
function jobOf(
  { job, near, jobs, endAtMs }: History, wanted: string, { journal, at }: Flags, untilMs: number,
): JobHistory {
  if (untilMs !== Infinity && untilMs > endAtMs) {
    throw new InputError(`--at ${at}: the run of ${journal} ends at ${formatDuration(endAtMs)}. `
      + 'Give a time up to that, or leave it out for the end.')
  }
  if (job === undefined) {
    throw new InputError(`${journal} has no job ${wanted}; its ${formatCount(jobs)} jobs have the `
      + `numbers 1 to ${jobs}${near === undefined ? '.' : `. Did you mean ${near}?`}`)
  }
  if (job.submitAtMs > untilMs) {
    throw new InputError(`Job ${job.name} comes at ${formatDuration(job.submitAtMs)}, later than `
      + `--at ${at}. Give a time from then on.`)
  }
  return job
}

/** The state at a moment of a run, and what decided in it. */
function stateOf(journal: string, untilMs: number) {
  const reader = openJournal(journal)
  try {
    const plant = compileDocument(reader.header.factory)
    const { state } = replay(reader, plant, undefined, untilMs)
    return { state, deciders: policiesOf(reader.header.policies) }
  } finally {
    reader.close()
  }
}

function arrayOf(
  state: State, { array }: JobHistory, history: History): ArrayCounts | undefined {
  if (array === 0 || history.array === undefined) return undefined
  return { number: array, history: history.array, reasons: arrayReasons(state, array) }
}

function ended(job: JobHistory) {
  const { row, ...facts } = job
  void row
  return { state: 'ended', job: facts }
}

/** A job that is over needs no reason. */
function endedText(job: JobHistory): string {
  const { name, submitAtMs, firstStartAtMs, starts, endAtMs, outcome } = job
  const submitted = `It was submitted at ${formatDuration(submitAtMs)}`
  const ran = starts === 0 ? `${submitted} and never started.`
    : `${submitted}, waited ${formatDuration(firstStartAtMs - submitAtMs)}, and was started `
      + `${starts === 1 ? 'once' : `${starts} times`}.`
  return `Job ${name} is over: it ${outcome === 'cancelled' ? 'was cancelled' : outcome} at `
    + `${formatDuration(endAtMs)}.\n${ran}\n`
}
