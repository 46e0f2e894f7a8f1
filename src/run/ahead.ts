import { randomStream } from '../base/random.ts'
import { advance, apply } from '../core/apply.ts'
import type { RankOf } from '../core/ask.ts'
import { drawRunMs, openRuns } from '../core/belief.ts'
import type { Policy } from '../core/decide.ts'
import { forkState, jobName, type State } from '../core/state.ts'
import { Ahead } from '../engines/twin/ahead.ts'
import { PHASE, type Dependency, type Event, type JobRequest } from '../model/index.ts'
import { inTime } from './intents.ts'
import { turns, type Intents, type Loop } from './loop.ts'
import type { Scenario } from './scenario.ts'
import { Supplies } from './supplies.ts'

export type AheadOptions = {
  readonly policies: readonly Policy[]
  readonly rankOf: RankOf
  /** Of run times and faults: the same seed, the same future. */
  readonly seed: number
  /** How far to look; not before the state's clock. */
  readonly untilMs: number
  /** Stops once this row's job started. */
  readonly untilJob?: number
  readonly failures: boolean
  /** Where its prices and weather are from, as far as they are known by now. */
  readonly scenario?: Scenario | undefined
  /** Jobs that are expected to come, in the order of time. */
  readonly arrivals?: readonly Arrival[]
  /** Called with the fork as it is after each `everyMs`, `untilMs` at last; or also at first. */
  readonly steps?: {
    readonly everyMs: number, readonly onStep: (fork: State) => void
    readonly isFromStart?: boolean
  }
}

/** A job that comes. Rows differ from future to future, so what it waits for is told apart. */
export type Arrival = {
  readonly atMs: number
  readonly request: Omit<JobRequest, 'after'>
  readonly after: readonly Wait[]
}

/** It waits for a job of the state, by number, or for an earlier arrival, by its place; else -1. */
export type Wait = {
  readonly on: Dependency['on'], readonly number: number, readonly arrival: number,
}

/** What becomes of a job. -1 where it does not come to that within the time. */
export type AheadJob = {
  readonly number: number
  readonly name: string
  readonly gpus: number
  /** Whether it waited when the look ahead began. */
  readonly isWaiting: boolean
  /** Start of the run that goes on, or the first one ahead. */
  startAtMs: number
  endAtMs: number
}

export type LookAhead = {
  /** The fork as it is then; give it back as the `spare` of the next look ahead. */
  readonly state: State
  /** Jobs that the state has, by row. */
  readonly jobs: readonly AheadJob[]
  /** What became of `arrivals`, one for each; undefined where it was refused or never came. */
  readonly arrivals: readonly (AheadJob | undefined)[]
  readonly started: number
  readonly finished: number
  /** Held by jobs, and of that the work that counts. */
  readonly busyGpuMs: number
  readonly usefulGpuMs: number
  readonly energyJ: number
  /** Whether EVENTS_MOST ended it before its time. */
  readonly isCut: boolean
}

/** A look ahead is to answer while somebody waits: so many events are ten seconds or so. */
const EVENTS_MOST = 3_000_000

/**
 * Runs a fork of the state ahead on a virtual clock: the same core and policies, on what the state
 * believes of run times, with a twin as the engine. The state itself is untouched. A `spare` state
 * that nobody uses any more saves most of the cost of the fork. Supplies of the sites go on, too,
 * from where the state has them.
 */
export function lookAhead(state: State, options: AheadOptions, spare?: State): LookAhead {
  const { seed, untilMs, untilJob = -1, arrivals = [] } = options
  const fork = forkState(state, spare)
  const twin = new Ahead(fork, seed, options.failures)
  const open = openRuns(fork)
  believeAll(fork, twin, seed, open)
  const watch = new Watch(fork)
  const firstEvents = fork.totals.events
  const isDone = () => untilJob >= 0 && watch.jobs[untilJob]!.startAtMs >= 0
  const isCut = () => fork.totals.events - firstEvents > EVENTS_MOST
  const supplies = new Supplies(fork, twin, { scenario: options.scenario, isAhead: true })
  const loop = loopOf({ state: fork, twin, watch, supplies, open }, options)
  const firstMs = fork.totals.nowMs
  const { everyMs, onStep } = options.steps ?? { everyMs: Infinity, onStep: () => {} }
  const reached = () => {
    for (const reading of supplies.readings()) apply(fork, reading)
    onStep(fork)
  }
  if (options.steps?.isFromStart === true) reached()
  for (let step = 1; fork.totals.nowMs < untilMs && !isDone() && !isCut(); step++) {
    const stopMs = Math.min(untilMs, firstMs + step * everyMs)
    for (const _ of turns(loop, stopMs, () => isDone() || isCut())) void _
    if (isDone() || isCut()) break
    advance(fork, stopMs)
    reached()
  }
  watch.turn()
  twin.finish(fork.totals.nowMs)
  return {
    state: fork, jobs: watch.jobs.filter((job) => job !== undefined),
    arrivals: arrivals.map((_, at) => watch.arrivals[at]),
    started: watch.started, finished: watch.ended, busyGpuMs: watch.busyGpuMs,
    usefulGpuMs: twin.accounts.useful, energyJ: twin.meter.energyJ, isCut: isCut(),
  }
}

export type SpreadOptions = Omit<AheadOptions, 'seed' | 'untilJob'> & {
  /** First of the seeds; without it, 1. */
  readonly seed?: number
  readonly seeds?: number
}

/** When a pending job may start. Infinity where so many of the looks ahead did not see it. */
export type StartSpread = {
  readonly p10AtMs: number
  readonly p50AtMs: number
  readonly p90AtMs: number
  /** How many futures were looked at, and how many of them did not see it start. */
  readonly of: number
  readonly not: number
}

/** Nine give a tenth, a half and nine tenths without interpolation, and take nine runs. */
const SEEDS = 9

/** Looks ahead with several seeds for when a pending job starts. */
export function startSpread(state: State, job: number, options: SpreadOptions): StartSpread {
  const { seed = 1, seeds = SEEDS } = options
  const startsAtMs = new Float64Array(seeds)
  let spare: State | undefined
  for (let at = 0; at < seeds; at++) {
    const ahead = lookAhead(state, { ...options, seed: seed + at, untilJob: job }, spare)
    spare = ahead.state
    const number = state.tables.jobs.number[job]!
    const startAtMs = ahead.jobs.find((each) => each.number === number)?.startAtMs ?? -1
    startsAtMs[at] = startAtMs < 0 ? Infinity : startAtMs
  }
  startsAtMs.sort()
  const quantile = (ratio: number) => startsAtMs[Math.max(0, Math.ceil(ratio * seeds) - 1)]!
  return {
    p10AtMs: quantile(0.1), p50AtMs: quantile(0.5), p90AtMs: quantile(0.9), of: seeds,
    not: startsAtMs.filter((atMs) => atMs === Infinity).length,
  }
}

/** Tells the twin what to believe of each job: a draw of the job's own for each seed. */
function believeAll(state: State, twin: Ahead, seed: number, open: Uint32Array): void {
  const { phase, number } = state.tables.jobs
  for (let job = 0; job < state.totals.jobRows; job++) {
    if (phase[job] === PHASE.free) continue
    // By number, so that a job draws the same in a fork where other jobs were changed.
    const ratio = randomStream(seed, `run of job ${number[job]}`).uniform()
    twin.believe(job, drawRunMs(state, job, ratio, open))
  }
}

/** What one future is run with. */
type Parts = {
  readonly state: State
  readonly twin: Ahead
  readonly watch: Watch
  readonly supplies: Supplies
  readonly open: Uint32Array
}

function loopOf({ state, twin, watch, supplies, open }: Parts, options: AheadOptions): Loop {
  return {
    state, twin, policies: options.policies, rankOf: options.rankOf,
    recorder: {
      refused: () => {},
      finish: () => {},
      before: (event) => {
        watch.before(event)
        supplies.before(event)
      },
      turn: () => {
        watch.turn()
        supplies.turn()
      },
    },
    source: NO_SOURCE,
    intents: inTime(arrivalsOf(watch, options.arrivals ?? []), supplies),
    accept: (job) => {
      const ratio = randomStream(options.seed, `run of arrival ${watch.arrival}`).uniform()
      twin.believe(job, drawRunMs(state, job, ratio, open))
    },
    journal: NO_JOURNAL,
    round: { decisions: 0, refused: 0, lastProblem: '' },
    checkEvery: 0,
    onBroken: () => {},
  }
}

function arrivalsOf(watch: Watch, arrivals: readonly Arrival[]): Intents {
  let next = 0
  return {
    peekAtMs: () => arrivals[next]?.atMs ?? Infinity,
    next: () => {
      watch.arrival = next
      const { request, after } = arrivals[next++]!
      return { type: 'submit', request: { ...request, after: watch.rowsOf(after) } }
    },
  }
}

const NO_JOURNAL: Loop['journal'] = { append: () => {}, turn: () => {} }

const NO_SOURCE: Loop['source'] = {
  peekAtMs: () => Infinity,
  next: () => { throw new Error('nothing comes by itself') },
}

/** Notes what becomes of each job. */
class Watch {
  /** Jobs of the beginning by row, those that came later by arrival, and who is in a row now. */
  readonly jobs: (AheadJob | undefined)[] = []
  readonly arrivals: (AheadJob | undefined)[] = []
  private readonly arrivalRows: number[] = []
  private readonly now: (AheadJob | undefined)[]
  private readonly state: State
  private busyGpus: number
  private sinceMs: number
  /** Which arrival is being submitted. */
  arrival = 0
  started = 0
  ended = 0
  busyGpuMs = 0

  constructor(state: State) {
    this.state = state
    this.sinceMs = state.totals.nowMs
    this.busyGpus = state.totals.busyGpus
    const { jobs } = state.tables
    for (let job = 0; job < state.totals.jobRows; job++) {
      if (jobs.phase[job] === PHASE.free) continue
      const isWaiting = jobs.phase[job] === PHASE.pending
      this.jobs[job] = {
        number: jobs.number[job]!, name: jobName(state, job), gpus: jobs.gpus[job]!, isWaiting,
        startAtMs: isWaiting ? -1 : jobs.startAtMs[job]!, endAtMs: -1,
      }
    }
    this.now = [...this.jobs]
  }

  before(event: Event): void {
    const { nowMs } = this.state.totals
    switch (event.type) {
      case 'job.submitted':
        this.now[event.job] = {
          number: event.number, name: event.name || `${event.number}`, gpus: event.gpus,
          isWaiting: false, startAtMs: -1, endAtMs: -1,
        }
        this.arrivals[this.arrival] = this.now[event.job]
        this.arrivalRows[this.arrival] = event.job
        return
      case 'job.started': {
        const job = this.now[event.job]!
        if (job.startAtMs >= 0) return
        job.startAtMs = nowMs
        this.started++
        return
      }
      case 'job.ended':
        this.now[event.job]!.endAtMs = nowMs
        this.ended++
        return
      default: return
    }
  }

  /** Those of the jobs that are still there; nobody waits for one that has ended. */
  rowsOf(after: readonly Wait[]): Dependency[] {
    const { number, phase } = this.state.tables.jobs
    return after.flatMap(({ on, number: known, arrival }) => {
      const wanted = arrival < 0 ? known : this.arrivals[arrival]?.number ?? -1
      const job = arrival < 0 ? this.jobs.findIndex((each) => each?.number === known)
        : this.arrivalRows[arrival] ?? -1
      const isThere = job >= 0 && number[job] === wanted && phase[job] !== PHASE.free
      return isThere ? [{ job, on }] : []
    })
  }

  turn(): void {
    const { nowMs, busyGpus } = this.state.totals
    this.busyGpuMs += this.busyGpus * (nowMs - this.sinceMs)
    this.sinceMs = nowMs
    this.busyGpus = busyGpus
  }
}
