import { perMegawatt } from '../base/units.ts'
import { placementOf } from '../core/allocation.ts'
import { capBelowRating, drawOf } from '../core/caps.ts'
import { forEachRack } from '../core/ledger.ts'
import { jobName, type State } from '../core/state.ts'
import { PHASE, RATIO_ONE } from '../model/index.ts'
import { lookAhead } from './ahead.ts'
import {
  NEWS, type JobsAhead, type NewsType, type RowAhead, type StepAhead,
} from './jobs-course.ts'
import { idleDrawW, leastOver, STEPS, type PowerAheadOptions } from './power-ahead.ts'

/** Jobs that are drawn one by one in a row, and told one by one in a step. */
const JOBS_MOST = 24
const NEWS_MOST = 12

type Seen = {
  readonly number: number, readonly name: string, readonly gpus: number
  capW: number, isPlaced: boolean, isHeld: boolean
}

type Track = { readonly seen: Seen, readonly watts: number[], readonly held: boolean[] }

/**
 * Who runs where in the hours ahead, at what draw, and what is decided from step to step: one
 * future, on what is believed of run times. Nothing more comes. The state is not touched. Costs a
 * look ahead, and a walk over all jobs in each step.
 */
export function jobsAhead(state: State, options: PowerAheadOptions): JobsAhead {
  const stepMs = Math.max(1, Math.ceil(options.hoursMs / STEPS))
  const atMs = state.totals.nowMs
  const gather = new Gather(state, options.feeders, stepMs)
  gather.take(state)
  lookAhead(state, { ...options, untilMs: atMs + STEPS * stepMs,
    steps: { everyMs: stepMs, onStep: (now) => gather.take(now) } })
  return {
    atMs, stepMs, isPowered: state.totals.isPowered === 1, rows: gather.rows(),
    steps: gather.steps,
  }
}

class Gather {
  readonly steps: StepAhead[] = []
  private readonly layout: State['layout']
  private readonly feeders: readonly number[]
  private readonly stepMs: number
  /** Place of a feeder among those that are asked for, or -1. */
  private readonly rowOf: Int32Array
  private readonly tracks: Map<number, Track>[]
  private readonly moments: { readonly limitW: number, readonly targetW: number,
    readonly floorW: number, readonly idleW: number, readonly gpusPerMW: number }[][]
  private known = new Map<number, Seen>()
  private readonly sums: Float64Array

  constructor(state: State, feeders: readonly number[], stepMs: number) {
    this.layout = state.layout
    this.feeders = feeders
    this.stepMs = stepMs
    this.rowOf = new Int32Array(state.layout.feederParent.length).fill(-1)
    feeders.forEach((feeder, row) => { this.rowOf[feeder] = row })
    this.tracks = feeders.map(() => new Map())
    this.moments = feeders.map(() => [])
    this.sums = new Float64Array(feeders.length)
  }

  take(state: State): void {
    const step = this.steps.length
    if (step >= STEPS) return
    const { nowMs, isPowered, jobRows } = state.totals
    const { feeders } = state.tables
    this.feeders.forEach((feeder, row) => this.moments[row]!.push({
      ...leastOver(state, feeder, nowMs, nowMs + this.stepMs - 1),
      floorW: isPowered === 1 ? feeders.floorW[feeder]! : feeders.grantW[feeder]!,
      idleW: idleDrawW(state, feeder),
      gpusPerMW: perMegawatt(feeders.price[feeder]! + feeders.drawPrice[feeder]!),
    }))
    const now = new Map<number, Seen>()
    for (let job = 0; job < jobRows; job++) {
      const seen = seenOf(state, job)
      if (seen === undefined) continue
      now.set(seen.number, seen)
      if (seen.isPlaced) this.charge(state, job, seen, step)
    }
    this.steps.push({ ...stepOf(nowMs, step === 0 ? undefined : this.known, now),
      dearest: dearestOf(state) })
    this.known = now
  }

  rows(): RowAhead[] {
    const steps = this.steps.length
    return this.feeders.map((feeder, row) => {
      const moments = this.moments[row]!
      const all = [...this.tracks[row]!.values()]
      const most = (track: Track) => track.watts.reduce((top, each) => Math.max(top, each ?? 0), 0)
      const named = new Set(all.map((track) => ({ track, watts: most(track) }))
        .sort((a, b) => b.watts - a.watts || a.track.seen.number - b.track.seen.number)
        .slice(0, JOBS_MOST).map(({ track }) => track))
      const others = all.filter((track) => !named.has(track))
      const overSteps = <Value>(of: (step: number) => Value) =>
        Array.from({ length: steps }, (_, step) => of(step))
      return {
        feeder: this.layout.plant.feeders[feeder]!.name,
        limitW: moments.map(({ limitW }) => limitW),
        targetW: moments.map(({ targetW }) => targetW),
        floorW: moments.map(({ floorW }) => floorW),
        idleW: moments.map(({ idleW }) => Math.round(idleW)),
        gpusPerMW: moments.map(({ gpusPerMW }) => gpusPerMW),
        otherW: overSteps((step) =>
          Math.round(others.reduce((sum, { watts }) => sum + (watts[step] ?? 0), 0))),
        otherJobs: overSteps((step) =>
          others.reduce((sum, { watts }) => sum + ((watts[step] ?? 0) > 0 ? 1 : 0), 0)),
        jobs: all.filter((track) => named.has(track)).map(({ seen, watts, held }) => ({
          number: seen.number, name: seen.name, gpus: seen.gpus,
          watts: overSteps((step) => Math.round(watts[step] ?? 0)),
          held: overSteps((step) => held[step] ?? false),
        })),
      }
    })
  }

  private charge(state: State, job: number, seen: Seen, step: number): void {
    const { feederOfRack, feederParent, pools } = state.layout
    const { ratioPer10k } = state.tables.feeders
    const { sums, rowOf } = this
    sums.fill(0)
    forEachRack(state, placementOf(state, job), (rack, devices) => {
      let share = devices
      for (let at = feederOfRack[rack]!; at >= 0; at = feederParent[at]!) {
        const row = rowOf[at]!
        if (row >= 0) sums[row] = sums[row]! + share
        share *= ratioPer10k[at]! / RATIO_ONE
      }
    })
    const pool = pools[state.tables.jobs.pool[job]!]!
    const drawW = drawOf(state, job, pool, seen.capW)
    for (let row = 0; row < sums.length; row++) {
      if (sums[row] === 0) continue
      let track = this.tracks[row]!.get(seen.number)
      if (track === undefined) {
        track = { seen, watts: [], held: [] }
        this.tracks[row]!.set(seen.number, track)
      }
      track.watts[step] = sums[row]! * drawW
      track.held[step] = seen.isHeld
    }
  }
}

function dearestOf({ layout, tables }: State): StepAhead['dearest'] {
  const { price, drawPrice } = tables.feeders
  let best = -1
  let bestPrice = 0
  for (let feeder = 0; feeder < layout.plant.feeders.length; feeder++) {
    const here = price[feeder]! + drawPrice[feeder]!
    if (here > bestPrice) [best, bestPrice] = [feeder, here]
  }
  return best < 0 ? null
    : { feeder: layout.plant.feeders[best]!.name, gpusPerMW: perMegawatt(bestPrice) }
}

function seenOf(state: State, job: number): Seen | undefined {
  const { phase, heldGpus, number, gpus, capW } = state.tables.jobs
  if (phase[job] === PHASE.free) return undefined
  const isPlaced = phase[job]! >= PHASE.starting && heldGpus[job]! > 0
  return {
    number: number[job]!, name: jobName(state, job), gpus: isPlaced ? heldGpus[job]! : gpus[job]!,
    capW: isPlaced ? capW[job]! : 0, isPlaced,
    isHeld: isPlaced && capBelowRating(state, job) >= 0,
  }
}

function stepOf(
  atMs: number, before: ReadonlyMap<number, Seen> | undefined, now: ReadonlyMap<number, Seen>,
): Omit<StepAhead, 'dearest'> {
  const counts = Object.fromEntries(NEWS.map((type) => [type, 0])) as Record<NewsType, number>
  const news: StepAhead['news'][number][] = []
  const tell = (type: NewsType, { number, name, gpus, capW }: Seen) => {
    counts[type]++
    news.push({ type, number, name, gpus, capW })
  }
  for (const [number, was] of before ?? []) {
    const seen = now.get(number)
    if (seen === undefined) {
      if (was.isPlaced) tell('ended', was)
    } else {
      const type = changeOf(was, seen)
      if (type !== undefined) tell(type, seen)
    }
  }
  news.sort((a, b) => b.gpus - a.gpus || a.number - b.number)
  return { atMs, counts, news: news.slice(0, NEWS_MOST) }
}

function changeOf(was: Seen, seen: Seen): NewsType | undefined {
  if (was.isPlaced !== seen.isPlaced) return seen.isPlaced ? 'started' : 'stopped'
  if (!seen.isPlaced || was.capW === seen.capW) return undefined
  if (seen.capW === 0) return 'paused'
  return seen.capW < was.capW ? 'lowered' : 'raised'
}
