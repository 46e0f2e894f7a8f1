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
import { ratioChanges, type HeatWave } from './heat.ts'
import { pricesOf, type PriceSeries } from './prices.ts'
import {
  feederNamed, hallFeeders, nodeNamed, siteNamed, supplyNamed,
} from './scenario-places.ts'
import { scenarioProblems } from './scenario-problems.ts'
import { weatherOf, type Weather } from './weather.ts'

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

/** Units of a site's supply that are gone for a while; -1: all of them. */
export type SupplyOutage = {
  readonly site: number
  readonly supply: number
  readonly units: number
  readonly fromMs: number
  readonly untilMs: number
}

/** A grid delivers no more than `limitW` for a while, known from its notice on. */
export type GridCall = Omit<SupplyOutage, 'units'> &
  { readonly noticeAtMs: number, readonly limitW: number }

export type Scenario = {
  readonly name: string
  readonly curveErrorRatio: number
  /** In the order of time. */
  readonly asked: readonly Asked[]
  readonly happenings: readonly Happening[]
  readonly downtimes: readonly Downtime[]
  readonly prices: readonly PriceSeries[]
  readonly weather: readonly Weather[]
  readonly waves: readonly HeatWave[]
  /** Supplies of the factory file that are lost, and calls of what grids deliver. */
  readonly outages: readonly SupplyOutage[]
  readonly calls: readonly GridCall[]
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
export function compileScenario(
  document: ScenarioDocument, plant: Plant, fileOf: (name: string) => string = (name) => name,
): Scenario {
  const parts: Parts = {
    asked: [], happenings: [], downtimes: [], named: [], waves: [], outages: [], calls: [] }
  for (const each of document.events ?? []) addEvent(plant, each, parts)
  const weather = weatherOf(document.weather ?? [], plant, fileOf)
  // The weather comes and goes: in the factory, and in what the core knows of it.
  for (const change of ratioChanges(plant, weather, parts.waves)) {
    const { atMs, feeder, ratioPer10k } = change
    parts.happenings.push({ type: 'ratio', ...change })
    parts.asked.push({ atMs, intent: { type: 'ratio', feeder, ratioPer10k } })
  }
  const byTime = (a: { atMs: number }, b: { atMs: number }) => a.atMs - b.atMs
  return {
    name: document.name ?? '',
    curveErrorRatio: document.curveError ?? 0,
    asked: parts.asked.sort(byTime),
    happenings: parts.happenings.sort(byTime),
    downtimes: parts.downtimes.sort((a, b) => a.startAtMs - b.startAtMs),
    prices: pricesOf(document.prices ?? [], plant, fileOf),
    weather,
    waves: parts.waves,
    outages: parts.outages,
    calls: parts.calls,
    named: [...new Set(parts.named)],
  }
}

type Parts = {
  readonly asked: Asked[]
  readonly happenings: Happening[]
  readonly downtimes: Downtime[]
  readonly named: number[]
  readonly waves: HeatWave[]
  readonly outages: SupplyOutage[]
  readonly calls: GridCall[]
}

function addEvent(plant: Plant, event: HappeningDocument, parts: Parts): void {
  const { curtail, limit, budget, feederLost, supplyLost, heatWave, meterSilent, nodeLost } = event
  if (curtail !== undefined) {
    const curtailment = curtailmentOf(plant, curtail)
    parts.named.push(curtailment.feeder)
    if (curtail.of === 'import') parts.calls.push(callOf(plant, curtailment))
    else parts.asked.push({ atMs: curtailment.noticeAtMs, curtailment })
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
  if (supplyLost !== undefined) addLoss(plant, supplyLost, parts)
  if (heatWave !== undefined) parts.waves.push(waveOf(plant, heatWave))
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

/** A curtailment of what a site takes of its grid. A share is one of the contract. */
function callOf(plant: Plant, curtailment: Curtailment): GridCall {
  const { feeder, noticeAtMs, holdAtMs, holdEndAtMs, targetW, cutRatio } = curtailment
  const site = plant.sites.findIndex((each) => each.feeder === feeder)
  const supplies = plant.sites[site]!.supplies!
  const supply = supplies.findIndex(({ type }) => type === 'grid')
  const grid = supplies[supply]!
  const contractW = grid.type === 'grid' ? grid.firmW + grid.interruptibleW : 0
  const limitW = cutRatio < 0 ? targetW : Math.round(contractW * (1 - cutRatio))
  return { site, supply, noticeAtMs, fromMs: holdAtMs, untilMs: holdEndAtMs, limitW }
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

/** A supply of the factory file is lost in the mix; any other makes the site's limit fall. */
function addLoss(
  plant: Plant, lost: NonNullable<HappeningDocument['supplyLost']>, parts: Parts): void {
  const { site: name, supply: called, units = -1, watts } = lost
  const site = siteNamed(plant, name)
  const { feeder } = plant.sites[site]!
  const fromMs = ms(lost.at)
  const untilMs = fromMs + ms(lost.for)
  parts.named.push(feeder)
  const supply = supplyNamed(plant, site, called)
  if (supply >= 0) {
    parts.outages.push({ site, supply, units, fromMs, untilMs })
    return
  }
  const to = Math.max(0, plant.feeders[feeder]!.limitW - quantityOf(watts!, 'power'))
  parts.asked.push(
    limitFrom(feeder, 'limit', to, fromMs, untilMs, fromMs, `lost ${called ?? 'supply'}`))
}

function waveOf(plant: Plant, heat: NonNullable<HappeningDocument['heatWave']>): HeatWave {
  const { cooling, degrees, humidity, site } = heat
  const fromMs = ms(heat.at)
  return {
    feeders: hallFeeders(plant, heat),
    site: site === undefined ? -1 : siteNamed(plant, site),
    fromMs,
    untilMs: fromMs + ms(heat.for),
    ratioPer10k: cooling === undefined ? -1 : Math.round(cooling * RATIO_ONE),
    tempC: degrees ?? 0,
    humidityRatio: humidity ?? HALF,
  }
}

/** Guess: the humidity of a hot day, where a scenario does not say it. */
const HALF = 0.5

/** A time that the schema has checked. */
function ms(text: string): number {
  const parsed = parseSpan(text)
  return 'value' in parsed ? parsed.value : 0
}

