import { InputError } from '../model/error.ts'
import type { PowerTrace } from '../model/power-trace.ts'
import type { Line } from './line.ts'

/** The readings of one node, or of a whole site. */
export class NodeSeries {
  size = 0
  /** Times, watts, and of the grid voltage and frequency, where the file has them. */
  private readonly columns: Float64Array[] = [new Float64Array(1024), new Float64Array(1024)]
  private readonly sides: readonly number[]

  /** `sides` are the fields of voltage and frequency, -1 where there are none. */
  constructor(sides: readonly number[]) {
    this.sides = sides
    for (const field of sides) this.columns.push(new Float64Array(field >= 0 ? 1024 : 0))
  }

  /** Adds a reading. Of two at one time the later counts; none may be earlier than one before. */
  add(line: Line, atMs: number, powerW: number): void {
    const times = this.columns[0]!
    const last = this.size === 0 ? -Infinity : times[this.size - 1]!
    if (atMs < last) {
      line.fail(`the time is ${last - atMs} ms before the row above; sort the rows by time`)
    }
    if (atMs === last) this.size--
    if (this.size === times.length) this.grow()
    this.columns[0]![this.size] = atMs
    this.columns[1]![this.size] = powerW
    this.sides.forEach((field, side) => {
      if (field < 0) return
      const value = line.numberAt(field)
      if (!Number.isFinite(value)) line.failOnField(field, SIDES[side]!, 'write a number')
      this.columns[2 + side]![this.size] = value
    })
    this.size++
  }

  trace(): PowerTrace {
    const [atMs, powerW, voltagePu, frequencyHz] = this.columns
      .map((column) => column.subarray(0, this.size))
    return {
      atMs: atMs!, powerW: powerW!,
      ...(this.sides[0]! >= 0 ? { voltagePu: voltagePu! } : {}),
      ...(this.sides[1]! >= 0 ? { frequencyHz: frequencyHz! } : {}),
    }
  }

  private grow(): void {
    this.columns.forEach((column, at) => {
      const grown = new Float64Array(column.length * 2)
      grown.set(column)
      this.columns[at] = grown
    })
  }
}

const SIDES = ['voltage', 'frequency']

/**
 * The sum of nodes that were read at times of their own, over the time that all have: at each
 * reading of the first, with straight lines between those of the others.
 */
export function sumOf(nodes: readonly NodeSeries[], path: string): PowerTrace {
  const traces = nodes.map((node) => node.trace())
  const first = traces[0]!
  if (traces.length === 1) return first
  const startMs = Math.max(...traces.map(({ atMs }) => atMs[0]!))
  const endMs = Math.min(...traces.map(({ atMs }) => atMs.at(-1)!))
  const atMs = first.atMs.filter((time) => time >= startMs && time <= endMs)
  if (atMs.length < 2) {
    throw new InputError(`${path}: its ${nodes.length} nodes have no time in common to sum; give `
      + 'readings of one span, or choose a run with --run')
  }
  const powerW = new Float64Array(atMs.length)
  for (const trace of traces) addTo(powerW, atMs, trace)
  return { atMs, powerW }
}

function addTo(sumW: Float64Array, timesMs: Float64Array, { atMs, powerW }: PowerTrace): void {
  let before = 0
  for (let at = 0; at < timesMs.length; at++) {
    const timeMs = timesMs[at]!
    while (before + 2 < atMs.length && atMs[before + 1]! <= timeMs) before++
    const share = (timeMs - atMs[before]!) / (atMs[before + 1]! - atMs[before]!)
    sumW[at]! += powerW[before]! + (powerW[before + 1]! - powerW[before]!) * share
  }
}
