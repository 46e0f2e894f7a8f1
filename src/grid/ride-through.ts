import { formatDuration } from '../base/units.ts'
import type { PowerTrace } from '../model/power-trace.ts'
import type { RideThrough, UtilityRule } from '../model/rule.ts'
import { notJudged, type Part } from './part.ts'

type Kind = 'voltage' | 'frequency'

/**
 * Whether the load came back after each disturbance that it had to ride through: so long after the
 * voltage or frequency is normal again, the power is back at the share that the rule says. Only a
 * trace that has the voltage or frequency beside the power can tell.
 */
export function rideThroughParts(rule: UtilityRule, trace: PowerTrace): Part[] {
  const parts: Part[] = []
  const { recover, rocofHzPerS } = rule
  if (rule.voltage.length > 0 || recover !== undefined) {
    parts.push(ridden('voltage', rule, rule.voltage, trace, trace.voltagePu))
  }
  if (rule.frequency.length > 0) {
    parts.push(ridden('frequency', rule, rule.frequency, trace, trace.frequencyHz))
  }
  if (rocofHzPerS > 0) {
    parts.push(notJudged({
      part: `ride through ${rocofHzPerS} Hz/s`, unit: 'share', limit: 0,
    }, 'needs a test with such a change of frequency; readings of power do not tell'))
  }
  return parts
}

function ridden(
  kind: Kind, { recover }: UtilityRule, table: readonly RideThrough[], trace: PowerTrace,
  values: Float64Array | undefined,
): Part {
  const words = {
    part: recover === undefined ? `ride through ${kind}`
      : `back within ${formatDuration(recover.withinMs)} of a ${kind} dip`,
    unit: 'share' as const, limit: recover?.leastRatio ?? 0,
  }
  if (values === undefined) {
    return notJudged(words, `needs the ${kind} beside the power, a column ${COLUMNS[kind]}`)
  }
  if (recover === undefined) return notJudged(words, 'the rule does not say how much must be back')
  const dips = dipsOf(trace.atMs, values, zonesOf(kind, table))
  let worst = Infinity
  let worstAtMs = 0
  const failed: Dip[] = []
  const due = dips.filter(({ isExempt }) => !isExempt)
  for (const dip of due) {
    const share = shareBack(dip, trace, recover.withinMs)
    if (share < worst) [worst, worstAtMs] = [share, dip.endMs]
    if (share < recover.leastRatio || share > recover.mostRatio) failed.push(dip)
  }
  if (due.length === 0) {
    return notJudged(words, dips.length === 0 ? `the ${kind} stays normal throughout`
      : `${dips.length} dips are deeper or longer than must be ridden through`)
  }
  return {
    ...words, verdict: failed.length > 0 ? 'failed' : 'passed', worst, worstAtMs,
    firstAtMs: failed[0]?.endMs ?? 0, times: failed.length,
    lastsMs: failed.reduce((sum, { startMs, endMs }) => sum + endMs - startMs, 0),
    note: dips.length === due.length ? ''
      : `${dips.length - due.length} of ${dips.length} dips need not be ridden through`,
  }
}

const COLUMNS: Readonly<Record<Kind, string>> = {
  voltage: 'voltage_pu', frequency: 'frequency_hz',
}

type Dip = {
  /** Last reading before it. */
  readonly before: number
  readonly startMs: number
  /** First normal reading after it. */
  readonly endMs: number
  readonly isExempt: boolean
}

type Zones = { readonly normal: RideThrough, readonly timed: readonly RideThrough[] }

/** What always must be ridden through is normal; where the table has none, the usual band is. */
function zonesOf(kind: Kind, table: readonly RideThrough[]): Zones {
  const usual = kind === 'voltage' ? { from: 0.9, to: 1.1, forMs: Infinity }
    : { from: 59, to: 61, forMs: Infinity }
  const timed = table.filter(({ forMs }) => forMs !== Infinity)
  return { normal: table.find(({ forMs }) => forMs === Infinity) ?? usual, timed }
}

/** The times outside of normal that have an end; one is exempt once a zone outlasts its time. */
function dipsOf(atMs: Float64Array, values: Float64Array, { normal, timed }: Zones): Dip[] {
  const dips: Dip[] = []
  let start = -1
  let spentMs = timed.map(() => 0)
  let isExempt = false
  for (let at = 1; at < atMs.length; at++) {
    const value = values[at]!
    if (value >= normal.from && value <= normal.to) {
      if (start > 0) {
        dips.push({ before: start - 1, startMs: atMs[start]!, endMs: atMs[at]!, isExempt })
      }
      start = -1
      spentMs = timed.map(() => 0)
      isExempt = false
      continue
    }
    if (start < 0) start = at
    const zone = timed.findIndex(({ from, to }) => value >= from && value <= to)
    if (zone < 0) {
      isExempt ||= timed.length > 0
      continue
    }
    spentMs[zone]! += atMs[at]! - atMs[at - 1]!
    isExempt ||= spentMs[zone]! > timed[zone]!.forMs
  }
  return dips
}

/** The share of the power before a dip that is there when it must be; 0 where the trace ends. */
function shareBack({ before, endMs }: Dip, { atMs, powerW }: PowerTrace, withinMs: number): number {
  const dueMs = endMs + withinMs
  for (let at = before; at < atMs.length; at++) {
    if (atMs[at]! >= dueMs) return powerW[at]! / powerW[before]!
  }
  return powerW.at(-1)! / powerW[before]!
}
