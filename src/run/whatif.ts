import { Sample } from '../base/stats.ts'
import { toHours, toMegawattHours } from '../base/units.ts'
import type { State } from '../core/state.ts'
import { lookAhead, type AheadJob, type Arrival, type LookAhead } from './ahead.ts'
import { SUBMITTED, type World } from './change.ts'
import { policiesOf } from '../policies/index.ts'
import { CourseNotes, type Course } from './whatif-course.ts'

export type WhatIfOptions = {
  /** First of the seeds; each gives one future, the same for both worlds. */
  readonly seed: number
  readonly seeds: number
  readonly untilMs: number
  readonly failures: boolean
  readonly arrivals: readonly Arrival[]
  /** Into so many steps the time is divided, to tell the course; without it, none is told. */
  readonly steps?: number
}

/** An estimate from several futures: their mean, and the least and the most of them. */
export type Estimate = { readonly mean: number, readonly least: number, readonly most: number }

/** One figure without and with the changes. The difference is taken in each future. */
export type Compared = {
  readonly without: Estimate
  readonly with: Estimate
  readonly difference: Estimate
}

/** How long a job waits from now on. One that does not start counts up to the horizon. */
export type MovedJob = Compared & {
  readonly number: number
  readonly name: string
  readonly gpus: number
  /** Futures in which it does not start. */
  readonly unseenWithout: number
  readonly unseenWith: number
}

export type WhatIf = {
  readonly atMs: number
  readonly untilMs: number
  readonly seeds: number
  readonly arrivals: number
  readonly figures: Readonly<Record<FigureName, Compared>>
  /** How many jobs wait in both worlds. */
  readonly waiting: number
  /** Of them JOBS_MOST at most, those with most GPU time of waiting changed first. */
  readonly jobs: readonly MovedJob[]
  /** How many of all start earlier and later, by more than DIFFERENCE_MS in the mean. */
  readonly earlier: number
  readonly later: number
  /** The wait of the job that a change submits. */
  readonly submitted: { readonly waitMs: Estimate, readonly unseen: number } | undefined
  /** Whether some look ahead was stopped before the horizon. */
  readonly isCut: boolean
  /** How it goes on, from now in steps of the same length; undefined where it was not asked. */
  readonly course:
    { readonly stepMs: number, readonly without: Course, readonly with: Course } | undefined
}

const FIGURES = {
  jobsStarted: (ahead: LookAhead) => ahead.started,
  jobsFinished: (ahead: LookAhead) => ahead.finished,
  waitingStarted: (_: LookAhead, waits: Waits) => waits.seen,
  meanWaitMs: (_: LookAhead, waits: Waits) => waits.sample.mean(),
  p90WaitMs: (_: LookAhead, waits: Waits) => waits.sample.quantile(0.9),
  usefulGpuHours: (ahead: LookAhead) => toHours(ahead.usefulGpuMs),
  utilizationRatio: ({ state, busyGpuMs }: LookAhead, _: Waits, spanMs: number) =>
    busyGpuMs / Math.max(1, state.layout.plant.gpus * spanMs),
  energyMWh: (ahead: LookAhead) => toMegawattHours(ahead.energyJ),
}
export type FigureName = keyof typeof FIGURES

/** Nobody reads more, and a queue may hold a million. */
const JOBS_MOST = 1000

/** What people would not call a difference. */
const DIFFERENCE_MS = 60_000

/** What one future says of jobs that wait in both worlds. */
type Waits = { readonly sample: Sample, readonly seen: number, readonly byJob: readonly number[] }

/**
 * Runs a world without and with changes ahead, with the same seeds, and compares. Both are at the
 * same moment; neither state is touched. Pauses after each look ahead.
 */
export function* whatIf(
  without: World, withChanges: World, options: WhatIfOptions): Generator<undefined, WhatIf> {
  const atMs = without.state.totals.nowMs
  const spanMs = options.untilMs - atMs
  const runs = [without, withChanges].map((world) => ({
    world, futures: [] as LookAhead[], spare: undefined as State | undefined,
    values: [] as Record<FigureName, number>[], waits: [] as Waits[], notes: new CourseNotes(),
  }))
  const stepMs = options.steps === undefined ? Infinity : Math.ceil(spanMs / options.steps)
  for (let at = 0; at < options.seeds; at++) {
    for (const run of runs) {
      run.notes.begin(run.world.state)
      const ahead = lookAhead(run.world.state, {
        ...policiesOf(run.world.policies), seed: options.seed + at, untilMs: options.untilMs,
        failures: options.failures, arrivals: options.arrivals,
        steps: { everyMs: stepMs, onStep: (fork) => run.notes.take(fork) },
      }, run.spare)
      run.spare = ahead.state
      run.futures.push(ahead)
      yield
    }
    const [first, second] = runs.map((run) => run.futures.at(-1)!)
    const both = inBoth(first!, second!)
    runs.forEach((run, side) => {
      const waits = waitsOf(both.map((pair) => pair[side]!), atMs, options.untilMs)
      const figures = Object.entries(FIGURES).map(([name, figure]) =>
        [name, figure(run.futures.at(-1)!, waits, spanMs)])
      run.waits.push(waits)
      run.values.push(Object.fromEntries(figures) as Record<FigureName, number>)
    })
  }
  const [a, b] = runs
  const jobs = movedJobs(inBoth(a!.futures[0]!, b!.futures[0]!), a!.waits, b!.waits, spanMs)
  const names = Object.keys(FIGURES) as FigureName[]
  return {
    atMs, untilMs: options.untilMs, seeds: options.seeds, arrivals: options.arrivals.length,
    figures: Object.fromEntries(names.map((name) => [name,
      compared(a!.values.map((each) => each[name]), b!.values.map((each) => each[name]))],
    )) as Record<FigureName, Compared>,
    waiting: jobs.length,
    jobs: jobs.slice(0, JOBS_MOST),
    earlier: jobs.filter((job) => job.difference.mean <= -DIFFERENCE_MS).length,
    later: jobs.filter((job) => job.difference.mean >= DIFFERENCE_MS).length,
    submitted: submittedOf(b!.futures, a!.futures[0]!, atMs, options.untilMs),
    isCut: runs.some((run) => run.futures.some((each) => each.isCut)),
    course: options.steps === undefined ? undefined
      : { stepMs, without: a!.notes.course(), with: b!.notes.course() },
  }
}

/** Jobs that wait when the look ahead begins, without and with the changes, by number. */
function inBoth(without: LookAhead, withChanges: LookAhead): readonly (readonly AheadJob[])[] {
  const byNumber = new Map(withChanges.jobs.map((job) => [job.number, job]))
  return without.jobs.flatMap((job) => {
    const other = byNumber.get(job.number)
    return job.isWaiting && other?.isWaiting === true ? [[job, other]] : []
  })
}

function waitsOf(jobs: readonly AheadJob[], atMs: number, untilMs: number): Waits {
  const sample = new Sample()
  const byJob = jobs.map((job) => (job.startAtMs < 0 ? untilMs : job.startAtMs) - atMs)
  for (const wait of byJob) sample.add(wait)
  return { sample, byJob, seen: jobs.filter((job) => job.startAtMs >= 0).length }
}

function movedJobs(
  pairs: readonly (readonly AheadJob[])[], without: readonly Waits[],
  withChanges: readonly Waits[], spanMs: number): MovedJob[] {
  const jobs = pairs.map(([job], at): MovedJob => {
    const sides = [without, withChanges].map((all) => all.map((each) => each.byJob[at]!))
    const { number, name, gpus } = job!
    return {
      number, name, gpus, ...compared(sides[0]!, sides[1]!),
      unseenWithout: sides[0]!.filter((wait) => wait >= spanMs).length,
      unseenWith: sides[1]!.filter((wait) => wait >= spanMs).length,
    }
  })
  const weight = (job: MovedJob) => Math.abs(job.difference.mean) * job.gpus
  return jobs.sort((a, b) => weight(b) - weight(a) || a.number - b.number)
}

function submittedOf(
  futures: readonly LookAhead[], without: LookAhead, atMs: number, untilMs: number) {
  const known = new Set(without.jobs.map((job) => job.number))
  const found = futures.map((each) =>
    each.jobs.find((job) => job.name === SUBMITTED && !known.has(job.number)))
  if (found[0] === undefined) return undefined
  const waits = waitsOf(found.map((job) => job!), atMs, untilMs)
  return { waitMs: estimate(waits.byJob), unseen: futures.length - waits.seen }
}

function compared(without: readonly number[], withChanges: readonly number[]): Compared {
  return {
    without: estimate(without), with: estimate(withChanges),
    difference: estimate(without.map((value, at) => withChanges[at]! - value)),
  }
}

function estimate(values: readonly number[]): Estimate {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  return { mean, least: Math.min(...values), most: Math.max(...values) }
}
