import { PHASE } from '../model/index.ts'
import { speedOn } from './speeds.ts'
import type { State } from './state.ts'

/**
 * What the state believes of run times, for looking ahead: a fork carries no profiles. Each queue
 * keeps histograms of how long jobs ran as a share of their limit: for limits that were declared
 * and for the queue's default, since those say very different things, and each by size of the
 * gang, since large ones run longer. A bin is a quarter of a doubling, from 1/1024 to 4, and what
 * ran to its limit has a bin of its own: runs that are killed there, and users who know, are
 * common. Anything outside counts at the ends.
 *
 * Jobs that still run say that such jobs may run longer. Where they are left out, what is believed
 * early on is far too short: the short runs end first. So each counts as one that will end at some
 * later bin, by the share of those that did (Kaplan and Meier, JASA 1958; Efron's way, 1967).
 */

/** Sizes of gangs that are told apart: 0 or 1 GPU, 2 to 7, 8 to 31, to 127, to 511, and more. */
const SIZES = 6

/** Bins below the limit, the bin of the limit, and bins above it. */
const RUN_BINS = 49
const LIMIT_BIN = 40

/** Ends of the limit's bin: within 1/64 of it. */
const LIMIT_LEAST = 63 / 64
const LIMIT_MOST = 65 / 64

/** A ratio of 1 in the whole numbers that bins are counted in, and the ends of what has bins. */
const ONE = 4096
const LEAST = 4
const MOST = 4 * ONE - 1

/** With fewer runs than these a histogram says less than the limit does. */
const SAMPLES_LEAST = 20

/** Rows of the table of runs: declared, then default, for each queue; the sizes of each. */
export function runRows(queues: number): number {
  return queues * 2 * SIZES * RUN_BINS
}

/** Counts the run of a job that ends by itself, before its row is given up. O(1). */
export function countRun(state: State, job: number): void {
  const { count } = state.tables.runs
  const row = rowOf(state, job)
  count[row] = count[row]! + 1
}

/** Jobs that run now, by the bin in which they would be if they ended now. O(jobs). */
export function openRuns(state: State): Uint32Array {
  const open = new Uint32Array(state.arena.rows.runs)
  for (let job = 0; job < state.totals.jobRows; job++) {
    if (state.tables.jobs.phase[job]! < PHASE.starting) continue
    const row = rowOf(state, job)
    open[row] = open[row]! + 1
  }
  return open
}

/** Run time that a job declares, or its queue's default where it declares none. */
function limitMsOf(state: State, job: number): number {
  const { limitMs, queue } = state.tables.jobs
  return limitMs[job] || state.layout.plant.queues[queue[job]!]!.defaultLimitMs
}

/**
 * Run time of the whole job at its full size, launches and stalls included, at a point `ratio`
 * (0 to 1) of what is believed of it: 0.5 for the median, a uniform draw for a draw. Conditional
 * on running longer than it has so far. With few samples of its size, all of its queue count; with
 * few of those, or past every run, it is the limit; a job that is past that too is believed to go
 * on for as long again as it is over. Whole ms, more than it has run. `open` is what `openRuns`
 * gives. O(bins).
 */
export function drawRunMs(
  state: State, job: number, ratio: number, open: Uint32Array): number {
  const limitMs = limitMsOf(state, job)
  const soFarMs = ranMs(state, job)
  const above = weightsAbove(state, job, soFarMs / limitMs, open)
  if (above === undefined) return fallbackMs(soFarMs, limitMs)
  let left = ratio * above.sum
  let at = 0
  let share = 1
  for (let bin = 0; bin < RUN_BINS; bin++) {
    const weight = above.weights[bin]!
    if (weight === 0) continue
    at = bin
    share = Math.min(1, left / weight)
    if (left <= weight) break
    left -= weight
  }
  const low = Math.max(lowOf(at), soFarMs / limitMs)
  return wholeMs(limitMs * (low + share * (highOf(at) - low)), soFarMs)
}

/** Mean of the same belief. O(bins). */
export function expectedRunMs(state: State, job: number, open: Uint32Array): number {
  const limitMs = limitMsOf(state, job)
  const soFarMs = ranMs(state, job)
  const above = weightsAbove(state, job, soFarMs / limitMs, open)
  if (above === undefined) return fallbackMs(soFarMs, limitMs)
  let sum = 0
  for (let bin = 0; bin < RUN_BINS; bin++) {
    const low = Math.max(lowOf(bin), soFarMs / limitMs)
    sum += above.weights[bin]! * (low + highOf(bin)) / 2
  }
  return wholeMs(limitMs * sum / above.sum, soFarMs)
}

/**
 * How long a job has run: what it kept of earlier runs, and the run that is going on. Time on
 * fewer nodes than it asks for, or on slower devices than its limit is meant for, counts for less.
 */
function ranMs(state: State, job: number): number {
  const { jobs } = state.tables
  if (jobs.phase[job]! < PHASE.starting) return jobs.keptMs[job]!
  const elapsedMs = state.totals.nowMs - jobs.startAtMs[job]!
  const speed = speedOn(state, job, jobs.pool[job]!)
  const isFull = jobs.heldGpus[job] === jobs.gpus[job]
  return jobs.keptMs[job]!
    + elapsedMs * speed * (isFull ? 1 : jobs.heldGpus[job]! / jobs.gpus[job]!)
}

type Weights = { readonly weights: readonly number[], readonly sum: number }

/** Samples by bin that ran longer than a ratio, of the job's size or else of its queue. */
function weightsAbove(
  state: State, job: number, ratio: number, open: Uint32Array): Weights | undefined {
  const first = firstRow(state, job)
  const own = first + sizeOf(state, job) * RUN_BINS
  return weightsOf(state, own, 1, ratio, open) ?? weightsOf(state, first, SIZES, ratio, open)
}

/** The same of some sizes; a bin that the ratio cuts counts in part. */
function weightsOf(
  state: State, first: number, sizes: number, ratio: number, open: Uint32Array,
): Weights | undefined {
  const ended = histogram(state.tables.runs.count, first, sizes)
  if (ended.sum < SAMPLES_LEAST) return undefined
  const going = histogram(open, first, sizes)
  const weights: number[] = []
  let sum = 0
  /** What each run that ended stands for: itself, and what is left over of those that go on. */
  let each = 1
  let later = ended.sum + going.sum
  let beyond = 0
  for (let bin = 0; bin < RUN_BINS; bin++) {
    later -= ended.bins[bin]! + going.bins[bin]!
    weights.push(ended.bins[bin]! * each)
    if (later > 0) each *= 1 + going.bins[bin]! / later
    else beyond += going.bins[bin]! * each
  }
  // Nothing ended later than the longest that go on: they will at their limit, or at once.
  const last = going.bins.findLastIndex((count) => count > 0)
  if (beyond > 0) weights[Math.max(LIMIT_BIN, last)]! += beyond
  for (let bin = 0; bin < RUN_BINS; bin++) {
    const low = lowOf(bin)
    const high = highOf(bin)
    const share = ratio <= low ? 1 : ratio >= high ? 0 : (high - ratio) / (high - low)
    weights[bin]! *= share
    sum += weights[bin]!
  }
  return sum === 0 ? undefined : { weights, sum }
}

/** Counts of some sizes that follow one another, added up. */
function histogram(
  column: Uint32Array, first: number, sizes: number): { bins: number[], sum: number } {
  const bins: number[] = []
  let sum = 0
  for (let bin = 0; bin < RUN_BINS; bin++) {
    let found = 0
    for (let size = 0; size < sizes; size++) found += column[first + size * RUN_BINS + bin]!
    bins.push(found)
    sum += found
  }
  return { bins, sum }
}

function fallbackMs(soFarMs: number, limitMs: number): number {
  return soFarMs < limitMs ? limitMs : wholeMs(2 * soFarMs - limitMs, soFarMs)
}

function wholeMs(ms: number, soFarMs: number): number {
  return Math.max(Math.floor(soFarMs) + 1, Math.round(ms))
}

function firstRow(state: State, job: number): number {
  const { limitMs, queue } = state.tables.jobs
  return (queue[job]! * 2 + (limitMs[job]! > 0 ? 0 : 1)) * SIZES * RUN_BINS
}

/** Row of the bin in which a job's run is. */
function rowOf(state: State, job: number): number {
  const bin = binOf(ranMs(state, job) / limitMsOf(state, job))
  return firstRow(state, job) + sizeOf(state, job) * RUN_BINS + bin
}

/** Every second power of two begins a size. */
function sizeOf(state: State, job: number): number {
  return Math.min(SIZES - 1, (32 - Math.clz32(state.tables.jobs.gpus[job]!)) >> 1)
}

/** The position of the highest bit is the octave, the two bits below it the quarter. */
function binOf(ratio: number): number {
  if (ratio >= LIMIT_LEAST && ratio <= LIMIT_MOST) return LIMIT_BIN
  const whole = Math.floor(Math.min(MOST, Math.max(LEAST, ratio * ONE)))
  const octave = 29 - Math.clz32(whole)
  const bin = octave * 4 + ((whole >> octave) & 3)
  return bin < LIMIT_BIN ? bin : bin + 1
}

/** Ends of a bin as ratios. That of the limit has no width: what is near it is taken for it. */
function lowOf(bin: number): number {
  if (bin === 0) return 0
  if (bin === LIMIT_BIN) return 1
  return bin === LIMIT_BIN + 1 ? LIMIT_MOST : edgeOf(bin < LIMIT_BIN ? bin : bin - 1)
}

function highOf(bin: number): number {
  if (bin === LIMIT_BIN) return 1
  return bin === LIMIT_BIN - 1 ? LIMIT_LEAST : edgeOf(bin < LIMIT_BIN ? bin + 1 : bin)
}

/** Lower end of a bin in the order of the bits. */
function edgeOf(at: number): number {
  return ((4 + (at & 3)) << (at >> 2)) / ONE
}
