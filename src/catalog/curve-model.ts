import { assert } from '../base/assert.ts'

/**
 * How a device works and draws at a clock f, as a share of its highest: a step takes
 * compute / f + memory · max(1, knee / f) + other, for what the arithmetic units bound, what memory
 * bounds until the clock is below the knee, and what waits for neither. It draws
 * idleW + linearW · f + cubicW · f³, because voltage rises with the clock.
 */
export type StepModel = {
  readonly compute: number
  readonly memory: number
  readonly other: number
  readonly knee: number
  /** Throughput at the full clock, in the unit of the points: the three shares add up to 1. */
  readonly top: number
}

export type DrawModel = {
  readonly idleW: number
  readonly linearW: number
  readonly cubicW: number
}

/**
 * The step that fits points of clock and throughput best, by least squares of relative errors. The
 * knee is looked for in steps of 0.02; a tie goes to the lower one. O(points), about 0.1 ms.
 */
export function fitStep(clock: readonly number[], throughput: readonly number[]): StepModel {
  let best: { knee: number, parts: readonly number[], error: number } | undefined
  for (let fiftieth = 10; fiftieth <= 50; fiftieth++) {
    const knee = fiftieth / 50
    // Time of a step times the measured throughput is 1, so that all points weigh alike.
    const rows = clock.map((f, at) =>
      [1 / f, Math.max(1, knee / f), 1].map((part) => part * throughput[at]!))
    const fitted = leastSquares(rows, clock.map(() => 1))
    if (best === undefined || fitted.error < best.error - TINY) best = { knee, ...fitted }
  }
  const { knee, parts: [compute, memory, other] } = best!
  const top = 1 / (compute! + memory! + other!)
  return { compute: compute! * top, memory: memory! * top, other: other! * top, knee, top }
}

/** Throughput at a clock above 0, in the unit of the points. */
export function throughputOf(model: StepModel, clock: number): number {
  const { compute, memory, other, knee, top } = model
  return top / (compute / clock + memory * Math.max(1, knee / clock) + other)
}

/** The draw that fits points of clock and watts best, by least squares of watts. */
export function fitDraw(clock: readonly number[], drawW: readonly number[]): DrawModel {
  const rows = clock.map((f) => [1, f, f * f * f])
  const [idleW, linearW, cubicW] = leastSquares(rows, drawW).parts
  return { idleW: idleW!, linearW: linearW!, cubicW: cubicW! }
}

/** Mean draw at a clock. */
export function drawOf({ idleW, linearW, cubicW }: DrawModel, clock: number): number {
  return idleW + linearW * clock + cubicW * clock * clock * clock
}

/** The clock, 0 to 2, that draws so much; it rises with the draw. Halves 50 times. */
export function clockOf(model: DrawModel, drawW: number): number {
  let low = 0
  let high = 2
  for (let turn = 0; turn < 50; turn++) {
    const middle = (low + high) / 2
    if (drawOf(model, middle) < drawW) low = middle
    else high = middle
  }
  return high
}

const TINY = 1e-12

/**
 * Least squares in three unknowns that are not negative: each set of unknowns is solved for alone,
 * and the best without a negative one wins. Fewer unknowns win a tie. O(7 · rows).
 */
function leastSquares(
  rows: readonly (readonly number[])[], wanted: readonly number[],
): { parts: readonly number[], error: number } {
  let best = { parts: [0, 0, 0] as readonly number[], error: Infinity }
  for (const columns of SUBSETS) {
    const solved = solve(
      columns.map((i) => columns.map((j) => sum(rows, (row) => row[i]! * row[j]!))),
      columns.map((i) => sum(rows, (row, at) => row[i]! * wanted[at]!)))
    if (solved === undefined || solved.some((part) => part < 0)) continue
    const parts = [0, 0, 0]
    columns.forEach((column, at) => { parts[column] = solved[at]! })
    const error = sum(rows, (row, at) => {
      const miss = row[0]! * parts[0]! + row[1]! * parts[1]! + row[2]! * parts[2]! - wanted[at]!
      return miss * miss
    })
    if (error < best.error - TINY) best = { parts, error }
  }
  assert(best.error < Infinity, 'a fit needs a point above zero')
  return best
}

const SUBSETS = [[0], [1], [2], [0, 1], [0, 2], [1, 2], [0, 1, 2]] as const

/** Solves a small symmetric system by elimination; undefined where it says nothing. */
function solve(matrix: number[][], right: number[]): number[] | undefined {
  const size = right.length
  for (let step = 0; step < size; step++) {
    const pivot = matrix[step]![step]!
    // Of a column that the ones before explain, nothing but rounding is left.
    if (!(pivot > 1e-9)) return undefined
    for (let row = step + 1; row < size; row++) {
      const times = matrix[row]![step]! / pivot
      for (let column = step; column < size; column++) {
        matrix[row]![column]! -= times * matrix[step]![column]!
      }
      right[row]! -= times * right[step]!
    }
  }
  for (let row = size - 1; row >= 0; row--) {
    for (let column = row + 1; column < size; column++) {
      right[row]! -= matrix[row]![column]! * right[column]!
    }
    right[row]! /= matrix[row]![row]!
  }
  return right
}

function sum(
  rows: readonly (readonly number[])[], of: (row: readonly number[], at: number) => number,
): number {
  return rows.reduce((total, row, at) => total + of(row, at), 0)
}
