import type { Layout } from '../core/layout.ts'
import type { State } from '../core/state.ts'
import { targetW } from '../core/limits.ts'
import { fromHours, fromMinutes, perMegawatt } from '../base/units.ts'
import { drawnAt } from './view-plant.ts'
import { suppliedOf } from './view-supply.ts'

/** What is kept of a feeder over time: watts, and GPUs at work that a megawatt is worth. */
export const COLUMNS = [
  'limitW', 'targetW', 'grantW', 'floorW', 'drawW', 'sdW', 'meterW', 'gpusPerMW',
] as const
export type Column = (typeof COLUMNS)[number]

/** What is kept besides at the root of a site that names supplies. */
export const SUPPLY_COLUMNS = [
  'gridW', 'generatorsW', 'solarW', 'batteryW', 'unservedW', 'storedMWh',
] as const
type SupplyColumn = (typeof SUPPLY_COLUMNS)[number]

/** Values by column, null where there is none, one for each of `atMs` (of the run). */
export type Samples = { readonly atMs: readonly number[] } & {
  readonly [Each in Column]: readonly (number | null)[]
} & { readonly [Each in SupplyColumn]?: readonly (number | null)[] }

function columnsOf({ plant }: Layout, feeder: number): readonly (Column | SupplyColumn)[] {
  const isSupplied = plant.sites.some((site) =>
    site.feeder === feeder && site.supplies !== undefined)
  return isSupplied ? [...COLUMNS, ...SUPPLY_COLUMNS] : COLUMNS
}

/** A day by the minute, then two weeks by the quarter of an hour. */
const STEPS_MS = [fromMinutes(1), fromMinutes(15)]
const SAMPLES_MOST = fromHours(24) / fromMinutes(1)

/** Each has its columns in two rings, 92 kB: those at the top of the tree, and some asked for. */
const FEEDERS_MOST = 256
const ASKED_MOST = 64

type Columns = readonly Float32Array[]

/** Samples at even steps; old ones give way. Rows of a ring that a feeder missed are NaN. */
class Ring {
  readonly stepMs: number
  readonly atMs = new Float64Array(SAMPLES_MOST)
  /** Last durable block at each sample. */
  readonly seqs = new Float64Array(SAMPLES_MOST)
  readonly feeders = new Map<number, Columns>()
  count = 0

  constructor(stepMs: number) {
    this.stepMs = stepMs
  }

  add(feeder: number, columns: number): void {
    this.feeders.set(feeder, Array.from({ length: columns }, () =>
      new Float32Array(SAMPLES_MOST).fill(NaN)))
  }

  isDue(nowMs: number): boolean {
    return this.count === 0
      || Math.floor(nowMs / this.stepMs) > Math.floor(this.lastMs() / this.stepMs)
  }

  lastMs(): number {
    return this.atMs[(this.count - 1) % SAMPLES_MOST]!
  }

  firstMs(): number {
    return this.atMs[Math.max(0, this.count - SAMPLES_MOST) % SAMPLES_MOST]!
  }

  /** Places of samples in a time, in order. */
  within(fromMs: number, untilMs: number): number[] {
    const places: number[] = []
    for (let at = Math.max(0, this.count - SAMPLES_MOST); at < this.count; at++) {
      const atMs = this.atMs[at % SAMPLES_MOST]!
      if (atMs >= fromMs && atMs <= untilMs) places.push(at % SAMPLES_MOST)
    }
    return places
  }
}

/** Series of the feeders of a factory, in bounded memory. Feeders that nobody asks for are few. */
export class Series {
  private readonly rings = STEPS_MS.map((stepMs) => new Ring(stepMs))
  private readonly asked: number[] = []
  private readonly kept = new Set<number>()
  private readonly layout: Layout

  /** Keeps the feeders that are nearest the roots. O(feeders × depth). */
  constructor(layout: Layout) {
    this.layout = layout
    const parent = layout.feederParent
    const depths = Array.from(parent, (_, feeder) => depthOf(parent, feeder))
    const feeders = [...parent.keys()].sort((a, b) => depths[a]! - depths[b]! || a - b)
    for (const feeder of feeders.slice(0, FEEDERS_MOST)) this.keep(feeder)
  }

  /** Keeps a feeder from now on; the one that was asked for longest ago gives way. */
  want(feeder: number): void {
    if (this.kept.has(feeder)) return
    this.keep(feeder)
    this.asked.push(feeder)
    if (this.asked.length <= ASKED_MOST) return
    const old = this.asked.shift()!
    this.kept.delete(old)
    for (const ring of this.rings) ring.feeders.delete(old)
  }

  /** Takes the state as it is after a block, where a step is over. O(feeders kept). */
  take(state: State, seq: number): void {
    const { nowMs } = state.totals
    for (const ring of this.rings) {
      if (!ring.isDue(nowMs)) continue
      const at = ring.count++ % SAMPLES_MOST
      ring.atMs[at] = nowMs
      ring.seqs[at] = seq
      for (const [feeder, columns] of ring.feeders) {
        valuesOf(state, feeder).forEach((value, column) => { columns[column]![at] = value })
      }
    }
  }

  /** At most `most` samples of a time, of the finest steps that reach back so far. */
  samples(feeder: number, fromMs: number, untilMs: number, most: number): Samples {
    const ring = this.rings.find((each) => each.count > 0 && each.firstMs() <= fromMs)
      ?? this.rings.reduce((best, each) =>
        each.count > 0 && each.firstMs() < best.firstMs() ? each : best)
    const columns = ring.feeders.get(feeder)
    const all = columns === undefined ? [] : ring.within(fromMs, untilMs)
    const every = Math.max(1, Math.ceil(all.length / most))
    const places = all.filter((_, at) => (all.length - 1 - at) % every === 0)
    return samplesOf(columnsOf(this.layout, feeder), places.map((at) => ring.atMs[at]!),
      places.map((at) => columns!.map((column) => column[at]!)))
  }

  /** Last block that was durable at a time or before it; 0 where that is not known any more. */
  seqAt(atMs: number): number {
    for (const ring of this.rings) {
      if (ring.count === 0 || ring.firstMs() > atMs) continue
      return ring.seqs[ring.within(0, atMs).at(-1)!]!
    }
    return 0
  }

  private keep(feeder: number): void {
    this.kept.add(feeder)
    const { length } = columnsOf(this.layout, feeder)
    for (const ring of this.rings) ring.add(feeder, length)
  }
}

/** Samples with what is so now as the last one. */
export function withNow(samples: Samples, state: State, feeder: number): Samples {
  const { nowMs } = state.totals
  const values = valuesOf(state, feeder).map(known)
  return {
    atMs: [...samples.atMs, nowMs],
    ...Object.fromEntries(columnsOf(state.layout, feeder).map((name, column) => [name,
      [...samples[name] ?? [], values[column]]])) as { [Each in Column]: (number | null)[] },
  }
}

function samplesOf(
  columns: readonly (Column | SupplyColumn)[], atMs: readonly number[],
  rows: readonly (readonly number[])[],
): Samples {
  return {
    atMs,
    ...Object.fromEntries(columns.map((name, column) => [name,
      rows.map((row) => known(row[column]!))])) as { [Each in Column]: (number | null)[] },
  }
}

function known(value: number): number | null {
  // Rings hold seven digits or so; what a sum left behind those is no figure.
  return Number.isFinite(value) ? Number(value.toPrecision(10)) : null
}

/** In the order of its columns. O(limits over time + units). */
function valuesOf(state: State, feeder: number): number[] {
  const { feeders } = state.tables
  const isPowered = state.totals.isPowered === 1
  return [
    feeders.limitW[feeder]!, targetW(state, feeder, state.totals.nowMs), feeders.grantW[feeder]!,
    isPowered ? feeders.floorW[feeder]! : feeders.grantW[feeder]!, drawnAt(state, feeder),
    isPowered ? Math.sqrt(Math.max(0, feeders.variance[feeder]!)) : NaN,
    feeders.meteredAtMs[feeder]! < 0 ? NaN : feeders.meterW[feeder]!,
    perMegawatt(feeders.price[feeder]! + feeders.drawPrice[feeder]!),
    ...supplyValuesOf(state, feeder),
  ]
}

/** None at a feeder that is no root of a site with supplies; NaN where there is no battery. */
function supplyValuesOf(state: State, feeder: number): number[] {
  if (columnsOf(state.layout, feeder) === COLUMNS) return []
  const supplied = suppliedOf(state, feeder)
  return SUPPLY_COLUMNS.map((name) => supplied?.[name] ?? NaN)
}

function depthOf(parent: Int32Array, feeder: number): number {
  let depth = 0
  for (let at = parent[feeder]!; at >= 0; at = parent[at]!) depth++
  return depth
}
