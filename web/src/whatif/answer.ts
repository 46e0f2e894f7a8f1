/** What `POST /v1/whatif` answers: docs/whatif.md explains each field. */
export type Estimate =
  { readonly mean: number | null, readonly least: number | null, readonly most: number | null }

export type Compared =
  { readonly without: Estimate, readonly with: Estimate, readonly difference: Estimate }

export const FIGURES = [
  'jobsStarted', 'jobsFinished', 'waitingStarted', 'meanWaitMs', 'p90WaitMs', 'usefulGpuHours',
  'utilizationRatio', 'energyMWh',
] as const
export type FigureName = (typeof FIGURES)[number]

type Spread =
  { readonly mean: readonly number[], readonly least: readonly number[]
    readonly most: readonly number[] }
export const COURSES = ['busyGpus', 'waitingGpus', 'powerW'] as const
export type CourseName = (typeof COURSES)[number]
export type Course = Readonly<Record<CourseName, Spread>>

export type WhatIf = {
  readonly verdict: string
  readonly notes: readonly string[]
  readonly atMs: number
  readonly untilMs: number
  readonly seeds: number
  readonly figures: Readonly<Record<FigureName, Compared>>
  readonly jobs: readonly (Compared & {
    readonly number: number, readonly name: string, readonly gpus: number
    readonly unseenWithout: number, readonly unseenWith: number
  })[]
  readonly earlier: number
  readonly later: number
  readonly isCut: boolean
  readonly course:
    { readonly stepMs: number, readonly without: Course, readonly with: Course } | undefined
}

/** Whether more of a figure is better; energy and the like are neither. */
const IS_BETTER: Readonly<Record<FigureName, 1 | -1 | 0>> = {
  jobsStarted: 1, jobsFinished: 1, waitingStarted: 1, meanWaitMs: -1, p90WaitMs: -1,
  usefulGpuHours: 1, utilizationRatio: 1, energyMWh: 0,
}

/** Whether a difference is for the better (1) or worse (-1) in each future; else 0. */
export function isBetter(result: WhatIf, name: FigureName): -1 | 0 | 1 {
  const { least, most } = result.figures[name].difference
  if ((least ?? 0) > 0) return IS_BETTER[name]
  if ((most ?? 0) < 0) return IS_BETTER[name] === 0 ? 0 : IS_BETTER[name] === 1 ? -1 : 1
  return 0
}

/** Figures that differ in some future: the others are not worth a line. */
export function differing(result: WhatIf): readonly FigureName[] {
  return FIGURES.filter((name) => {
    const { least, most } = result.figures[name].difference
    return (least ?? 0) !== 0 || (most ?? 0) !== 0
  })
}
