import { fromMinutes } from '../base/units.ts'
import { InputError } from '../model/error.ts'
import type { UtilityRule } from '../model/rule.ts'
import type { FactoryDocument } from '../model/schema.ts'
import { problem, type Problem } from './problem.ts'
import { ruleProblems } from './rule-problems.ts'
import { resolveRule, type CatalogueRule } from './rules.ts'

/** The rule of each site that names one or writes one out; what is wrong with them. */
export function resolveRules(
  document: FactoryDocument, rules: readonly CatalogueRule[], problems: Problem[],
): (UtilityRule | undefined)[] {
  return document.sites.map(({ name, rule }, site) => {
    if (rule === undefined) return undefined
    const path = ['sites', site, 'rule']
    if (typeof rule !== 'string') {
      const found = ruleProblems(rule)
      problems.push(...found.map((each) => problem([...path, ...each.path], each.message)))
      if (found.length > 0) return undefined
    }
    try {
      return resolveRule(rule, name, rules)
    } catch (error) {
      if (!(error instanceof InputError)) throw error
      problems.push(problem(path, error.message))
      return undefined
    }
  })
}

const MINUTE_MS = fromMinutes(1)

/**
 * Most watts that draw may change within a minute in one direction, by site; Infinity where no rule
 * says so. A share of the peak is of the site's limit. What a rule allows in a shorter window is
 * all that it allows in the minute; what it allows only most of the time limits nothing here.
 */
export function rampsOf(
  rules: readonly (UtilityRule | undefined)[], direction: 'up' | 'down',
  limitsW: readonly number[]): number[] {
  return rules.map((rule, site) => (rule?.ramps ?? []).reduce((least, ramp) => {
    const isOther = ramp.direction !== direction && ramp.direction !== 'both'
    if (isOther || ramp.keptRatio < 1) return least
    const rampW = Math.min(ramp.rampWPerMin, ramp.peakRatioPerMin * limitsW[site]!)
    return Math.min(least, Math.floor(rampW * Math.min(1, ramp.windowMs / MINUTE_MS)))
  }, Infinity))
}
