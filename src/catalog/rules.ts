import * as z from 'zod'
import { fromMinutes } from '../base/units.ts'
import { InputError } from '../model/error.ts'
import {
  ruleSchema, type RampLimit, type RuleDocument, type UtilityRule,
} from '../model/rule.ts'
import { didYouMean, listed, quantityOf } from './problem.ts'
import { ruleProblems } from './rule-problems.ts'
import { about, EVIDENCE, readJson, sourced, sources, type Sourced } from './sourced.ts'

/** A rule of the catalogue, with where each of its parts is from. */
export type CatalogueRule = {
  readonly rule: UtilityRule
  readonly document: RuleDocument
  /** By key of the document. */
  readonly from: Readonly<Record<string, Pick<Sourced, 'evidence' | 'source'>>>
}

/** What is known of a part: evidence, P where the primary text was read, S where not, source. */
const PART = z.tuple([z.enum(EVIDENCE), z.enum(['P', 'S']), z.string().min(3)])

/** Keys of a rule that say nothing that could be wrong by a number. */
const WORDS = new Set(['title', 'status'])

/** Reads and checks the utility rules: every part has its evidence and source. */
export function readRules(path: string): CatalogueRule[] {
  const entry = z.strictObject({ rule: ruleSchema, from: z.record(z.string(), PART) })
  const file = readJson(
    path, z.strictObject({ about, sources, rules: z.record(z.string(), entry) }))
  return Object.entries(file.rules).map(([name, { rule, from }]) => {
    for (const { path: at, message } of ruleProblems(rule)) {
      throw new InputError(`catalog: rule ${name}, ${at.join('.')}: ${message}`)
    }
    for (const key of Object.keys(rule)) {
      if (WORDS.has(key) || from[key] !== undefined) continue
      throw new InputError(`catalog: ${key} of the rule ${name} has no source; give it one in from`)
    }
    const marked = Object.entries(from).map(([key, [evidence, mark, source]]) => {
      const text = sourced([0, evidence, source], file.sources).source
      const read = evidence === 'published' ? `; ${MARKS[mark]}` : ''
      return [key, { evidence, source: `${text}${read}` }] as const
    })
    return { rule: compileRule(name, rule), document: rule, from: Object.fromEntries(marked) }
  })
}

const MARKS = { P: 'it read the primary text', S: 'it quotes others' } as const

/** The rule of that name, or an InputError with the names that there are. */
export function ruleNamed(name: string, rules: readonly CatalogueRule[]): CatalogueRule {
  const found = rules.find(({ rule }) => rule.name === name.toLowerCase())
  if (found !== undefined) return found
  const names = rules.map(({ rule }) => rule.name)
  throw new InputError(`there is no rule ${name}${didYouMean(name, names)}; ${listed(names)} `
    + 'are in the catalogue, and --rule-file reads one that is written out')
}

/** A rule as a factory file says it: a name, or one written out, which is then called `name`. */
export function resolveRule(
  written: string | RuleDocument, name: string, rules: readonly CatalogueRule[]): UtilityRule {
  return typeof written === 'string' ? ruleNamed(written, rules).rule : compileRule(name, written)
}

/** A rule in inner units. Assumes that the schema let the document through. */
function compileRule(name: string, written: RuleDocument): UtilityRule {
  return {
    name,
    title: written.title ?? name,
    status: written.status ?? '',
    ramps: rampsOf(written),
    steps: (written.steps ?? []).map((one) => ({
      changeW: powerOf(one.change),
      peakRatio: ratioOf(one.changeOfPeak),
      windowMs: quantityOf(one.window, 'duration'),
      fromHz: hertzOf(one.from, 0),
      toHz: hertzOf(one.to, Infinity),
    })),
    bands: (written.bands ?? []).map((one) => ({
      fromHz: hertzOf(one.from, 0),
      toHz: hertzOf(one.to, Infinity),
      swingW: powerOf(one.swing),
      peakRatio: ratioOf(one.swingOfPeak),
    })),
    voltage: (written.voltage ?? []).map((one) =>
      ({ from: one.from, to: one.to ?? Infinity, forMs: durationOf(one.for, Infinity) })),
    frequency: (written.frequency ?? []).map((one) => ({
      from: hertzOf(one.from, 0),
      to: hertzOf(one.to, Infinity),
      forMs: durationOf(one.for, Infinity),
    })),
    rocofHzPerS: written.rocof === undefined ? 0 : quantityOf(written.rocof, 'rocof'),
    recover: written.recover === undefined ? undefined : {
      leastRatio: ratioOf(written.recover.share),
      mostRatio: ratioOf(written.recover.atMost),
      withinMs: quantityOf(written.recover.within, 'duration'),
    },
  }
}

/** The limits of ramps, one for each direction that is limited. */
function rampsOf(written: RuleDocument): RampLimit[] {
  const windowMs = durationOf(written.rampWindow, fromMinutes(1))
  const ramp = (direction: 'up' | 'down', text?: string, share?: string): RampLimit[] =>
    text === undefined && share === undefined ? [] : [{
      direction, rampWPerMin: rampOfText(text), peakRatioPerMin: ratioOf(share), windowMs,
      keptRatio: 1,
    }]
  const quantile = written.rampQuantile
  return [
    ...ramp('up', written.rampUp, written.rampUpOfPeak),
    ...ramp('down', written.rampDown, written.rampDownOfPeak),
    ...(quantile === undefined ? [] : [{
      direction: 'both' as const,
      rampWPerMin: rampOfText(quantile.limit),
      peakRatioPerMin: Infinity,
      windowMs: durationOf(quantile.window, fromMinutes(1)),
      keptRatio: ratioOf(quantile.share),
    }]),
  ]
}

/** Every number of a rule with its key, for `catalog show`: watts, ms, Hz, 0 to 1. */
export function ruleNumbers({ rule, from }: CatalogueRule): Record<string, Sourced> {
  const found: Record<string, Sourced> = {}
  const put = (part: string, key: string, value: number) => {
    const source = from[part]
    if (source !== undefined && Number.isFinite(value)) found[key] = { value, ...source }
  }
  for (const { direction, rampWPerMin, peakRatioPerMin, windowMs, keptRatio } of rule.ramps) {
    const part = direction === 'up' ? 'rampUp' : direction === 'down' ? 'rampDown' : 'rampQuantile'
    put(part, `${part}WPerMin`, rampWPerMin)
    put(`${part}OfPeak`, `${part}PeakRatioPerMin`, peakRatioPerMin)
    put(from['rampWindow'] === undefined ? part : 'rampWindow', `${part}WindowMs`, windowMs)
    if (direction === 'both') put(part, `${part}KeptRatio`, keptRatio)
  }
  const all = (part: string, items: readonly object[]) => items.forEach((item, at) => {
    for (const [key, value] of Object.entries(item)) put(part, `${part}.${at + 1}.${key}`, value)
  })
  all('steps', rule.steps)
  all('bands', rule.bands)
  all('voltage', rule.voltage)
  all('frequency', rule.frequency)
  if (rule.rocofHzPerS > 0) put('rocof', 'rocofHzPerS', rule.rocofHzPerS)
  if (rule.recover !== undefined) all('recover', [rule.recover])
  return found
}

function powerOf(text: string | undefined): number {
  return text === undefined ? Infinity : quantityOf(text, 'power')
}

function rampOfText(text: string | undefined): number {
  return text === undefined ? Infinity : quantityOf(text, 'ramp')
}

function ratioOf(text: string | undefined): number {
  return text === undefined ? Infinity : quantityOf(text, 'ratio')
}

function hertzOf(text: string | undefined, otherwise: number): number {
  return text === undefined ? otherwise : quantityOf(text, 'frequency')
}

function durationOf(text: string | undefined, otherwise: number): number {
  return text === undefined ? otherwise : quantityOf(text, 'duration')
}
