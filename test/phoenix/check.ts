import type { ScenarioDocument } from '../../src/model/schema-scenario.ts'
import type { Phoenix } from './phoenix.ts'

/** What a case may fall short of, because of what happens in it. */
export type Allowed = {
  /** How long a dip of more than 3 % may last, ms. */
  readonly dipMs: number
  /** Least part of the best throughput, -1 where there is no bound to compare with. */
  readonly ofBest: number
}

type Case = {
  readonly curveError: number
  readonly more: NonNullable<ScenarioDocument['events']>
  readonly allowed: Allowed
}

/** A bound is of the curves that are believed; where jobs are off them it is not theirs. */
const PLAIN: Allowed = { dipMs: 0, ofBest: 0.99 }
const OFF: Allowed = { dipMs: 0, ofBest: -1 }

export const CASES: Readonly<Record<string, Case>> = {
  'as believed': { curveError: 0, more: [], allowed: PLAIN },
  'curves 5 % off': { curveError: 0.05, more: [], allowed: OFF },
  'a node lost': {
    curveError: 0.05,
    more: [{ nodeLost: { node: 'hall1/row01/rack06/2', at: '3h', for: '2h' } }],
    allowed: { dipMs: 60_000, ofBest: -1 },
  },
  'controller gone in it': {
    curveError: 0.05, more: [{ controller: { at: '3h', for: '10m' } }], allowed: OFF,
  },
  'controller gone at its end': {
    curveError: 0.05, more: [{ controller: { at: '295m', for: '10m' } }], allowed: OFF,
  },
  'controller gone in the ramp': {
    curveError: 0.05, more: [{ controller: { at: '110m', for: '10m' } }], allowed: OFF,
  },
}

/** What was promised and not kept. */
export function problemsOf(run: Phoenix, { dipMs, ofBest }: Allowed): string[] {
  const { event, throughput, best } = run
  const problems = [...run.problems, ...run.broken]
  const heldRatio = event.held!.ratio
  if (heldRatio < 0.25 || heldRatio > 0.26) problems.push(`held ${heldRatio}`)
  if (event.overshootW > 0) problems.push(`above the target by ${event.overshootW} W`)
  if (run.dipMs > dipMs) problems.push(`3 % below the target for ${run.dipMs} ms`)
  const returned = event.rampWorstWPerMin.out / event.baselineW
  if (returned > 0.03) problems.push(`returned by ${returned} in a minute`)
  if (throughput < ofBest * best) problems.push(`did ${throughput} of a best of ${best}`)
  return problems
}


