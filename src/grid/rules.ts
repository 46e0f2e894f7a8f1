import type { PowerTrace } from '../model/power-trace.ts'
import type { UtilityRule } from '../model/rule.ts'
import { bandPart } from './band.ts'
import { toldPeak, type Judged, type Part } from './part.ts'
import { rampPart } from './ramp.ts'
import { rideThroughParts } from './ride-through.ts'
import { lastsMs, samplingOf } from './stretch.ts'
import { stepPart } from './step.ts'

/** How a trace stands to a rule, part by part, the worst first. */
export type Score = {
  readonly rule: string
  /**
   * Failed where a part did; passed where all that limit the power did; else open. Ride-through
   * that the trace says nothing of does not count.
   */
  readonly verdict: Part['verdict']
  readonly parts: readonly Part[]
  readonly readings: number
  readonly stepMs: number
  readonly startAtMs: number
  readonly lastsMs: number
  readonly gaps: number
  readonly gapsMs: number
  readonly meanW: number
  readonly leastW: number
  readonly mostW: number
  /** What shares of the peak are of. */
  readonly peakW: number
}

/**
 * Scores a trace against every part of a rule. `peakW` is the peak that shares are of; that of the
 * trace where it is undefined. O(readings) for each part; 8.64 million take a second or two.
 */
export function scoreRule(rule: UtilityRule, trace: PowerTrace, peakW?: number): Score {
  const sampling = samplingOf(trace)
  const facts = factsOf(trace)
  const judged: Judged = { sampling, peakW: toldPeak(peakW, facts.mostW) }
  const parts = [
    ...rule.ramps.map((limit) => rampPart(limit, judged)),
    ...rule.steps.map((limit) => stepPart(limit, judged)),
    ...rule.bands.map((limit) => bandPart(limit, judged)),
    ...rideThroughParts(rule, trace),
  ].toSorted((a, b) => severity(b) - severity(a))
  return {
    rule: rule.name,
    verdict: verdictOf(parts),
    parts,
    readings: trace.atMs.length,
    stepMs: sampling.stepMs,
    startAtMs: trace.atMs[0]!,
    lastsMs: lastsMs({ atMs: trace.atMs, valueW: trace.powerW }),
    gaps: sampling.gaps,
    gapsMs: sampling.gapsMs,
    ...facts,
    peakW: judged.peakW,
  }
}

function factsOf({ powerW }: PowerTrace): { meanW: number, leastW: number, mostW: number } {
  let sumW = 0
  let leastW = Infinity
  let mostW = -Infinity
  for (let at = 0; at < powerW.length; at++) {
    const value = powerW[at]!
    sumW += value
    if (value < leastW) leastW = value
    if (value > mostW) mostW = value
  }
  return { meanW: sumW / powerW.length, leastW, mostW }
}

/** What a power cannot show leaves the verdict on the rest as it is; `parts` tells of it. */
function verdictOf(parts: readonly Part[]): Part['verdict'] {
  if (parts.some(({ verdict }) => verdict === 'failed')) return 'failed'
  const shown = parts.filter(({ unit, verdict }) => unit !== 'share' || verdict === 'passed')
  return shown.length > 0 && shown.every(({ verdict }) => verdict === 'passed')
    ? 'passed' : 'not judged'
}

/** Failed parts by how far they are off, then what is open, then what passed. */
function severity({ verdict, worst, limit }: Part): number {
  const beyond = limit > 0 ? worst / limit : 0
  return verdict === 'failed' ? 2 + beyond : verdict === 'not judged' ? 1 : beyond / 2
}
