import { fromMinutes, fromSeconds } from '../base/units.ts'
import type { FailurePlan } from '../model/failure.ts'
import type { PowerPlan } from '../model/power.ts'
import type { UtilityRule } from '../model/rule.ts'
import type { FactoryDocument } from '../model/schema.ts'
import { quantityOf } from './problem.ts'
import { rampsOf } from './site-rules.ts'

/** A cap that is set out of band acts within 40 s (POLCA, arXiv 2308.12908, Table 1). */
const CAP_MS = fromSeconds(40)
/** GPU telemetry is 2 s old (the same table); a site's meter is taken to be as old. */
const METER_DELAY_MS = fromSeconds(2)
/** Guess: the class of a revenue meter, 0.5 % (IEC 62053-22), is taken as its deviation. */
const METER_ERROR = 0.005
/** Guesses: nobody publishes how often an AI factory reads its meters and renews its caps. */
const METER_EVERY_MS = fromMinutes(1)
const LEASE_MS = fromMinutes(5)
/** Readings that may be missed before a meter counts as silent. Guess. */
const STALE_READINGS = 3

/** How power is metered and set: what the document says of it, else what is known. */
export function powerPlanOf(
  document: FactoryDocument, failures: FailurePlan, rules: readonly (UtilityRule | undefined)[],
  siteLimitsW: readonly number[]): PowerPlan {
  const { power } = document
  const msOf = (text: string | undefined, otherwise: number) =>
    text === undefined ? otherwise : quantityOf(text, 'duration')
  const meterEveryMs = msOf(power?.meter?.every, METER_EVERY_MS)
  const meterDelayMs = msOf(power?.meter?.delay, METER_DELAY_MS)
  const capMs = msOf(power?.capDelay, CAP_MS)
  return {
    capMs,
    // It saves first; then its devices are capped out of band.
    pauseMs: failures.checkpointStallMs + failures.checkpointSaveMs + capMs,
    leaseMs: msOf(power?.lease, LEASE_MS),
    meterEveryMs,
    meterDelayMs,
    meterErrorRatio: power?.meter?.error ?? METER_ERROR,
    staleMs: msOf(power?.meter?.stale, STALE_READINGS * meterEveryMs + meterDelayMs),
    breachRatio: power?.breach ?? 0,
    rampUpWPerMin: rampsOf(rules, 'up', siteLimitsW),
    rampDownWPerMin: rampsOf(rules, 'down', siteLimitsW),
  }
}
