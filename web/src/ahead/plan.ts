import type { JobsAhead } from '../../../src/api/client.ts'

/** Where the rows and jobs of the hours ahead lie on a canvas, in its own pixels. */
export type Frame = {
  readonly width: number
  /** Left of it stand the names. */
  readonly left: number
  readonly top: number
  readonly rowHeight: number
  readonly gap: number
  readonly fromMs: number
  readonly untilMs: number
}

type Row = JobsAhead['rows'][number]

/** A job's part of a row in one step: from what level to what level, in watts. */
export type Slice = { readonly lowW: number, readonly highW: number, readonly isHeld: boolean }

/** Watts that a row shows at most: its ceiling, or what it is expected to draw beyond it. */
export function topOf(row: Row): number {
  let top = 0
  for (let step = 0; step < row.idleW.length; step++) {
    const limitW = row.limitW[step] as number | null
    top = Math.max(top, usedW(row, step), Number.isFinite(limitW ?? Infinity) ? limitW ?? 0 : 0)
  }
  return top * 1.06 || 1
}

/** What is expected to be drawn at the beginning of a step. */
export function usedW(row: Row, step: number): number {
  return (row.idleW[step] ?? 0) + (row.otherW[step] ?? 0)
    + row.jobs.reduce((sum, { watts }) => sum + (watts[step] ?? 0), 0)
}

/** What may be drawn in a step: the limit of grants, or the target where that is lower. */
export function ceilingW(row: Row, step: number): number {
  // JSON has no infinity: null stands for any number of watts.
  const limitW = (row.limitW[step] as number | null) ?? Infinity
  const targetW = (row.targetW[step] as number | null) ?? Infinity
  return Math.min(limitW, targetW)
}

/** Slices of each job in each step, stacked on what idles and on jobs that are not named. */
export function slicesOf(row: Row): (Slice | undefined)[][] {
  const levels = row.idleW.map((idleW, step) => idleW + (row.otherW[step] ?? 0))
  return row.jobs.map(({ watts, held }) => watts.map((each, step) => {
    if (each <= 0) return undefined
    const lowW = levels[step]!
    levels[step] = lowW + each
    return { lowW, highW: lowW + each, isHeld: held[step] ?? false }
  }))
}

/** Moment of a place on the canvas, and the other way round. */
export function momentAt({ width, left, fromMs, untilMs }: Frame, x: number): number {
  const share = Math.min(1, Math.max(0, (x - left) / (width - left)))
  return fromMs + share * (untilMs - fromMs)
}

export function placeOf({ width, left, fromMs, untilMs }: Frame, ms: number): number {
  return left + (ms - fromMs) / (untilMs - fromMs) * (width - left)
}

/** Row that a height on the canvas belongs to, -1 for none. */
export function rowAt({ top, rowHeight, gap }: Frame, rows: number, y: number): number {
  const row = Math.floor((y - top) / (rowHeight + gap))
  return row >= 0 && row < rows && y >= top ? row : -1
}

/** The job whose bar is at a place, if any. */
export function jobAt(row: Row, step: number, watts: number): Row['jobs'][number] | undefined {
  const slices = slicesOf(row)
  const found = slices.findIndex((each) => {
    const slice = each[step]
    return slice !== undefined && watts >= slice.lowW && watts < slice.highW
  })
  return row.jobs[found]
}

export type Tight = { readonly feeder: string, readonly fromMs: number, readonly untilMs: number,
  readonly held: number, readonly gpusPerMW: number }

/** When and where a megawatt is worth most in the hours ahead; undefined where it never is. */
export function tightestOf({ rows, steps, epochMs, atMs, stepMs }: JobsAhead & { epochMs: number },
): Tight | undefined {
  let step = -1
  steps.forEach(({ dearest }, at) => {
    if ((dearest?.gpusPerMW ?? 0) > (steps[step]?.dearest?.gpusPerMW ?? 0)) step = at
  })
  const dearest = steps[step]?.dearest ?? null
  if (dearest === null) return undefined
  const isSame = (at: number) => steps[at]?.dearest?.feeder === dearest.feeder
  let first = step
  let last = step
  while (isSame(first - 1)) first--
  while (isSame(last + 1)) last++
  const held = rows.flatMap(({ jobs }) => jobs.filter((job) => job.held[step])
    .map(({ number }) => number))
  return {
    ...dearest, held: new Set(held).size,
    fromMs: epochMs + atMs + first * stepMs, untilMs: epochMs + atMs + (last + 1) * stepMs,
  }
}
