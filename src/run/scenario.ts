import { dirname, resolve } from 'node:path'
import { parseSpan } from '../base/units.ts'
import { quantityOf } from '../catalog/problem.ts'
import { NEVER_MS } from '../core/windows.ts'
import type { Happening } from '../engines/twin/happenings.ts'
import { RATIO_ONE, type Intent, type Plant } from '../model/index.ts'
import {
  isShare, scenarioSchema, type CurtailDocument, type HappeningDocument, type LimitDocument,
  type ScenarioDocument,
} from '../model/schema-scenario.ts'
import { readDocument } from './document.ts'
import type { Downtime } from './loop.ts'
import { pricesOf, type PriceSeries } from './prices.ts'
import { feederNamed, hallFeeders, nodeNamed, siteNamed } from './scenario-places.ts'
import { scenarioProblems } from './scenario-problems.ts'

/** A request to draw less for a while, in inner units. Times are from the start of the run. */
export type Curtailment = {
  readonly feeder: number
  readonly noticeAtMs: number
  readonly startAtMs: number
  readonly holdAtMs: number
  readonly holdEndAtMs: number
  /** What may be drawn, in watts, or the share of the baseline that is cut; the other is -1. */
  readonly targetW: number
  readonly cutRatio: number
  /** How long the return takes; a share of the baseline in a ms where it is a rate. */
  readonly rampOutMs: number
  readonly rampOutRatioPerMs: number
  /** -1: what the meter says when it is known. */
  readonly baselineW: number
  readonly cause: string
}

/** What somebody asks of the core at a time. */
export type Asked =
  | { readonly atMs: number, readonly intent: Intent }
  | { readonly atMs: number, readonly curtailment: Curtailment }

export type Scenario = {
  readonly name: string
  readonly curveErrorRatio: number
  /** In the order of time. */
  readonly asked: readonly Asked[]
  readonly happenings: readonly Happening[]
  readonly downtimes: readonly Downtime[]
  readonly prices: readonly PriceSeries[]
  /** Feeders that it names: they are metered and watched. */
  readonly named: readonly number[]
}

/** Reads a scenario file for a plant, or throws one InputError with all problems and places. */
export function readScenario(path: string, plant: Plant): Scenario {
  const document = readDocument(path, {
    schema: scenarioSchema,
    needed: 'events',
    called: 'a scenario file, such as examples/scenario/curtailment.yaml',
    problems: (found) => scenarioProblems(found, plant),
  })
  return compileScenario(document, plant, (file) => resolve(dirname(path), file))
}

/** A checked scenario in inner units. */
function compileScenario(
  document: ScenarioDocument, plant: Plant, fileOf: (name: string) => string,
): Scenario {
  const parts: Parts = { asked: [], happenings: [], downtimes: [], named: [] }
  for (const each of document.events ?? []) addEvent(plant, each, parts)
  const byTime = (a: { atMs: number }, b: { atMs: number }) => a.atMs - b.atMs
  return {
    name: document.name ?? '',
    curveErrorRatio: document.curveError ?? 0,
    asked: parts.asked.sort(byTime),
    happenings: parts.happenings.sort(byTime),
    downtimes: parts.downtimes.sort((a, b) => a.startAtMs - b.startAtMs),
    prices: pricesOf(document.prices ?? [], plant, fileOf),
    named: [...new Set(parts.named)],
  }
}

type Parts = {
  readonly asked: Asked[]
  readonly happenings: Happening[]
  readonly downtimes: Downtime[]
  readonly named: number[]
}

function addEvent(plant: Plant, event: HappeningDocument, parts: Parts): void {
  const { curtail, limit, budget, feederLost, supplyLost, heatWave, meterSilent, nodeLost } = event
  if (curtail !== undefined) {
    const curtailment = curtailmentOf(plant, curtail)
    parts.asked.push({ atMs: curtailment.noticeAtMs, curtailment })
    parts.named.push(curtailment.feeder)
  }
  if (limit !== undefined) addLimit(plant, limit, 'limit', parts)
  if (budget !== undefined) addLimit(plant, budget, 'budget', parts)
  if (feederLost !== undefined) {
    const feeder = feederNamed(plant, feederLost.feeder)
    const { at, for: forText } = feederLost
    parts.happenings.push({ type: 'feeder.lost', atMs: ms(at), feeder, forMs: ms(forText) })
  }
  if (nodeLost !== undefined) {
    const node = nodeNamed(plant, nodeLost.node)
    parts.happenings.push({
      type: 'node.lost', atMs: ms(nodeLost.at), node, forMs: ms(nodeLost.for) })
  }
  if (supplyLost !== undefined) {
    const { site, supply, watts, at, for: forText } = supplyLost
    const { feeder } = plant.sites[siteNamed(plant, site)]!
    const to = Math.max(0, plant.feeders[feeder]!.limitW - quantityOf(watts, 'power'))
    const untilMs = ms(at) + ms(forText)
    parts.asked.push(limitFrom(feeder, 'limit', to, ms(at), untilMs, ms(at),
      `lost ${supply ?? 'supply'}`))
    parts.named.push(feeder)
  }
  if (heatWave !== undefined) addHeat(plant, heatWave, parts)
  if (meterSilent !== undefined) {
    const feeder = feederNamed(plant, meterSilent.feeder)
    const atMs = ms(meterSilent.at)
    const untilMs = atMs + ms(meterSilent.for)
    parts.happenings.push({ type: 'meter.silent', atMs, feeder, untilMs })
  }
  if (event.controller !== undefined) {
    const startAtMs = ms(event.controller.at)
    parts.downtimes.push({ startAtMs, endAtMs: startAtMs + ms(event.controller.for) })
  }
}

/** A curtailment in inner units. */
export function curtailmentOf(plant: Plant, curtail: CurtailDocument): Curtailment {
  const holdAtMs = ms(curtail.at)
  const rampOut = curtail.rampOut ?? '0s'
  const rate = /^(.*%)\s*\/\s*min$/.exec(rampOut)
  const isRatio = isShare(curtail.target)
  const feeder = curtail.feeder === undefined ? plant.sites[0]!.feeder
    : feederNamed(plant, curtail.feeder)
  return {
    feeder,
    noticeAtMs: holdAtMs - ms(curtail.notice ?? '0s'),
    startAtMs: holdAtMs - ms(curtail.rampIn ?? '0s'),
    holdAtMs,
    holdEndAtMs: holdAtMs + ms(curtail.for),
    targetW: isRatio ? -1 : Math.floor(quantityOf(curtail.target, 'power')),
    cutRatio: isRatio ? quantityOf(curtail.target, 'ratio') : -1,
    rampOutMs: rate === null ? ms(rampOut) : 0,
    rampOutRatioPerMs: rate === null ? 0 : quantityOf(rate[1]!, 'ratio') / ms('1m'),
    baselineW: curtail.baseline === undefined ? -1
      : Math.round(quantityOf(curtail.baseline, 'power')),
    cause: curtail.cause ?? 'curtailment',
  }
}

function addLimit(
  plant: Plant, limit: LimitDocument, kind: 'limit' | 'budget', parts: Parts): void {
  const feeder = feederNamed(plant, limit.feeder)
  const atMs = ms(limit.at)
  const untilMs = limit.for === undefined ? NEVER_MS : atMs + ms(limit.for)
  const watts = Math.floor(quantityOf(limit.to, 'power'))
  const knownAtMs = Math.max(0, atMs - ms(limit.notice ?? '0s'))
  parts.asked.push(limitFrom(feeder, kind, watts, atMs, untilMs, knownAtMs, kind))
  parts.named.push(feeder)
}

function limitFrom(
  feeder: number, kind: 'limit' | 'budget', watts: number, atMs: number, untilMs: number,
  knownAtMs: number, cause: string): Asked {
  return {
    atMs: knownAtMs,
    intent: { type: 'limit', course: {
      feeder, kind, watts, fromW: watts, startAtMs: atMs, holdAtMs: atMs, holdEndAtMs: untilMs,
      endAtMs: untilMs, cause,
    } },
  }
}

/** The weather comes and goes: in the factory, and in what the core knows of it. */
function addHeat(
  plant: Plant, heat: NonNullable<HappeningDocument['heatWave']>, parts: Parts): void {
  const hotPer10k = Math.round(heat.cooling * RATIO_ONE)
  for (const feeder of hallFeeders(plant, heat)) {
    const turns = [[ms(heat.at), hotPer10k],
      [ms(heat.at) + ms(heat.for), plant.feeders[feeder]!.ratioPer10k]] as const
    for (const [atMs, ratioPer10k] of turns) {
      parts.happenings.push({ type: 'ratio', atMs, feeder, ratioPer10k })
      parts.asked.push({ atMs, intent: { type: 'ratio', feeder, ratioPer10k } })
    }
  }
}

/** A time that the schema has checked. */
function ms(text: string): number {
  const parsed = parseSpan(text)
  return 'value' in parsed ? parsed.value : 0
}

