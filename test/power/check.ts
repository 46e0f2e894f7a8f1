import { allocate } from '../../src/core/allocate.ts'
import type { Allotment } from '../../src/core/allocate-allotment.ts'
import type { PowerCase } from './random-power.ts'
import type { Oracle } from './oracle.ts'

/** Checks an allotment against HiGHS and against sums of its own. */

/**
 * With this many jobs below each limit that binds, and none with more than this part of the value,
 * it is promised to a thousandth. Else whole pauses alone can cost more: HiGHS says so too.
 */
const ENOUGH_JOBS = 100
const LARGEST = 0.02

export type Finding = {
  /** Part of the optimum of the concave hull that is missing. */
  readonly gap: number
  /** Part of it that rounding may cost: a gap of a curve for each limit that binds. */
  readonly allowed: number
  readonly boundGap: number
  readonly problems: readonly string[]
}

export function checkCase(oracle: Oracle, power: PowerCase): Finding {
  const allotment = allocate(power.tree, power.jobs)
  const best = oracle.best(power)
  const gap = (best - allotment.value) / best
  const boundGap = (allotment.boundValue - best) / best
  const binding = jobsBelowBinding(power, allotment)
  const isEnough = binding.every((jobs) => jobs >= ENOUGH_JOBS)
    && lostByRounding(power, 1) <= LARGEST * best
  const allowed = isEnough ? 1e-3
    : Math.max(1e-3, lostByRounding(power, binding.length) / best)
  const problems = problemsOf(power, allotment)
  if (gap > allowed) problems.push(`gap ${gap} over ${allowed}`)
  if (gap < -1e-7) problems.push(`value ${allotment.value} is above the optimum ${best}`)
  if (boundGap < -1e-7) problems.push(`bound ${allotment.boundValue} is below ${best}`)
  return { gap, allowed, boundGap, problems }
}

/** For each limit that binds, how many jobs are below it. */
function jobsBelowBinding({ tree, jobs }: PowerCase, allotment: Allotment): number[] {
  const below = new Float64Array(tree.parent.length)
  for (let job = 0; job < jobs.canPause.length; job++) {
    const seen = new Set<number>()
    for (let share = jobs.shareStart[job]!; share < jobs.shareStart[job + 1]!; share++) {
      for (let at = jobs.shareFeeder[share]!; at >= 0; at = tree.parent[at]!) seen.add(at)
    }
    for (const at of seen) below[at]!++
  }
  return [allotment.grantPrice, allotment.drawPrice].flatMap((price) => (
    [...below].filter((_, at) => price[at]! > 0)))
}

/**
 * What a vertex of the hull can lose: it has at most one job between two points for each limit
 * that binds, and putting that on the lower one costs what lies between them.
 */
function lostByRounding({ jobs }: PowerCase, binding: number): number {
  const gaps: number[] = []
  for (let job = 0; job < jobs.canPause.length; job++) {
    const first = jobs.pointStart[job]!
    gaps.push(jobs.value[jobs.pointStart[job + 1]! - 1]! - jobs.value[first]!)
  }
  return gaps.sort((a, b) => b - a).slice(0, binding).reduce((sum, gap) => sum + gap, 0)
}

/** What is wrong with an allotment: grants that cannot be set, sums that differ, limits broken. */
export function problemsOf({ tree, jobs }: PowerCase, allotment: Allotment): string[] {
  const problems: string[] = []
  const { grantW } = allotment
  const loadW = [...tree.baseW]
  for (let job = 0; job < grantW.length; job++) {
    const points = jobs.grantW.subarray(jobs.pointStart[job]!, jobs.pointStart[job + 1]!)
    const watts = grantW[job]!
    const isInGap = jobs.canPause[job] === 1 && watts > points[0]! && watts < points[1]!
    if (!Number.isInteger(watts) || watts < points[0]! || watts > points.at(-1)! || isInGap) {
      problems.push(`job ${job} has ${watts} W of ${points.join(' ')} W`)
    }
    for (let share = jobs.shareStart[job]!; share < jobs.shareStart[job + 1]!; share++) {
      loadW[jobs.shareFeeder[share]!]! += watts * jobs.shareDevices[share]!
    }
  }
  const isShort = new Set(allotment.shorts.map(({ feeder }) => feeder))
  for (let at = loadW.length - 1; at >= 0; at--) {
    if (at > 0) loadW[tree.parent[at]!]! += Math.ceil((loadW[at]! * tree.ratioPer10k[at]!) / 10_000)
    if (loadW[at] !== allotment.loadW[at]) {
      problems.push(`feeder ${at} has ${loadW[at]} W, said ${allotment.loadW[at]} W`)
    }
    if (isShort.has(at)) continue
    if (loadW[at]! > tree.limitW[at]!) problems.push(`feeder ${at} is over its limit`)
    if (allotment.drawW[at]! > tree.targetW[at]! * (1 + 1e-8)) {
      problems.push(`feeder ${at} draws over its target`)
    }
  }
  return problems
}
