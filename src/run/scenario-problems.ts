import { formatDuration, formatPower, parseSpan } from '../base/units.ts'
import { didYouMean, listed, problem, quantityOf, type Path, type Problem }
  from '../catalog/problem.ts'
import type { Plant } from '../model/index.ts'
import type { HappeningDocument, ScenarioDocument } from '../model/schema-scenario.ts'
import {
  feederNamed, hallFeeders, nodeNamed, siteNamed, supplyNamed,
} from './scenario-places.ts'
import { curtailmentOf, type Curtailment } from './scenario.ts'

/** What is wrong with a scenario beyond its shape, each with its place and what would do. */
export function scenarioProblems(document: ScenarioDocument, plant: Plant): Problem[] {
  const found: Problem[] = []
  const events = document.events ?? []
  events.forEach((event, at) => {
    const path = ['events', at] as const
    const keys = Object.keys(event)
    if (keys.length !== 1) {
      found.push(problem(path, `this event has ${keys.length} kinds (${keys.join(', ')}); one, `
        + 'such as curtail, would do'))
    }
    found.push(...eventProblems(plant, event, path))
  })
  // Events are only compared where each of them is sound.
  if (found.length === 0) found.push(...overlaps(plant, events))
  document.weather?.forEach(({ site }, at) => {
    if (site !== undefined) found.push(...siteProblems(plant, site, ['weather', at, 'site']))
  })
  document.prices?.forEach((prices, at) => {
    const path = ['prices', at] as const
    if ((prices.file === undefined) === (prices.list === undefined)) {
      found.push(problem(path, 'prices come from a file or a list; one of the two would do'))
    }
    const { site } = prices
    if (site !== undefined) found.push(...siteProblems(plant, site, [...path, 'site']))
    const times = (prices.list ?? []).map(([when]) => ms(when))
    const wrong = times.findIndex((each, row) => row > 0 && each <= times[row - 1]!)
    if (wrong > 0) {
      found.push(problem([...path, 'list', wrong],
        'this price is not later than that before it; the order of time would do'))
    }
  })
  return found
}

function eventProblems(plant: Plant, event: HappeningDocument, path: Path): Problem[] {
  const { curtail, limit, budget, feederLost, supplyLost, heatWave, meterSilent, nodeLost } = event
  const found: Problem[] = []
  for (const [key, each] of Object.entries(event)) {
    const { for: lasts } = each as { for?: string }
    if (lasts !== undefined && ms(lasts) === 0) {
      found.push(problem([...path, key, 'for'], 'it ends when it begins; more than 0s would do'))
    }
  }
  const feeders = { curtail, limit, budget, feederLost, meterSilent }
  for (const [key, each] of Object.entries(feeders)) {
    if (each?.feeder === undefined || feederNamed(plant, each.feeder) >= 0) continue
    found.push(unknown([...path, key, 'feeder'], 'feeder', each.feeder,
      plant.feeders.map((feeder) => feeder.name)))
  }
  if (supplyLost !== undefined) {
    found.push(...supplyProblems(plant, supplyLost, [...path, 'supplyLost']))
  }
  if (heatWave !== undefined) found.push(...heatProblems(plant, heatWave, [...path, 'heatWave']))
  if (nodeLost !== undefined && nodeNamed(plant, nodeLost.node) < 0) {
    const first = plant.racks[0]!
    found.push(problem([...path, 'nodeLost', 'node'], `there is no node "${nodeLost.node}"; a rack `
      + `and a number would do, such as ${first.name}/1 to ${first.name}/`
      + `${first.endNode - first.firstNode}`))
  }
  if (found.length === 0 && curtail !== undefined) {
    const one = curtailmentOf(plant, curtail)
    found.push(...curtailProblems(plant, one, [...path, 'curtail']))
    if (curtail.of === 'import') found.push(...importProblems(plant, one, [...path, 'curtail']))
  }
  for (const [key, each] of Object.entries({ limit, budget })) {
    if (each === undefined || found.length > 0) continue
    const feeder = feederNamed(plant, each.feeder)
    found.push(...lowLimit(plant, feeder, quantityOf(each.to, 'power'), [...path, key, 'to']))
  }
  return found
}

function curtailProblems(plant: Plant, curtailment: Curtailment, path: Path): Problem[] {
  const { holdAtMs, noticeAtMs, startAtMs, baselineW, targetW, feeder } = curtailment
  const found: Problem[] = []
  if (noticeAtMs < 0) {
    found.push(problem([...path, 'notice'], `the notice of ${formatDuration(holdAtMs - noticeAtMs)}`
      + ` would be before the run begins; up to ${formatDuration(holdAtMs)} would do`))
  } else if (startAtMs < noticeAtMs) {
    found.push(problem([...path, 'rampIn'], `the ramp of ${formatDuration(holdAtMs - startAtMs)} `
      + `begins before the notice of ${formatDuration(holdAtMs - noticeAtMs)}; up to that would `
      + 'do'))
  }
  if (baselineW >= 0 && targetW > baselineW) {
    found.push(problem([...path, 'target'], `a target of ${formatPower(targetW)} is above the `
      + `baseline of ${formatPower(baselineW)}; up to that would do`))
  }
  const { limitW, name } = plant.feeders[feeder]!
  if (baselineW > limitW) {
    found.push(problem([...path, 'baseline'], `a baseline of ${formatPower(baselineW)} is above `
      + `the limit of ${name}, ${formatPower(limitW)}; up to that would do`))
  }
  return found
}

/** Only a site takes power of a grid, and only where its file says so. */
function importProblems(plant: Plant, { feeder }: Curtailment, path: Path): Problem[] {
  const hasGrid = plant.sites.some((site) => site.feeder === feeder
    && site.supplies?.some(({ type }) => type === 'grid') === true)
  return hasGrid ? [] : [problem([...path, 'of'], `${plant.feeders[feeder]!.name} is no site with `
    + 'a grid among its supplies; draw would do, or the name of one')]
}

/** Nothing can be granted under a limit below what is drawn with no job running. */
function lowLimit(plant: Plant, feeder: number, watts: number, path: Path): Problem[] {
  const { baseW, name } = plant.feeders[feeder]!
  if (watts >= baseW) return []
  return [problem(path, `${formatPower(watts)} is below what ${name} carries besides what it feeds`
    + `, ${formatPower(baseW)}; from that up would do`)]
}

function supplyProblems(
  plant: Plant, lost: NonNullable<HappeningDocument['supplyLost']>, path: Path): Problem[] {
  const found = siteProblems(plant, lost.site, [...path, 'site'])
  if (found.length > 0) return found
  const site = siteNamed(plant, lost.site)
  const { feeder, name, supplies = [] } = plant.sites[site]!
  const { supply, units, watts } = lost
  const index = supplyNamed(plant, site, supply)
  if (index < 0 && watts === undefined) {
    const known = supplies.map((each) => each.name)
    return [supplies.length === 0
      ? problem(path, `${name} names no supplies in the factory file; say the watts that are lost`)
      : problem([...path, 'supply'], `${name} has no supply "${supply ?? ''}"; ${listed(known)} `
        + `would do${didYouMean(supply ?? '', known)}, or say the watts that are lost`)]
  }
  if (index < 0) {
    const { limitW } = plant.feeders[feeder]!
    return quantityOf(watts!, 'power') <= limitW ? []
      : [problem([...path, 'watts'], `${watts} is more than the limit of ${name}, `
        + `${formatPower(limitW)}; up to that would do`)]
  }
  if (watts !== undefined) {
    return [problem([...path, 'watts'], `${supply} is a supply of the factory file, which is lost `
      + 'as a whole or by units; leave the watts out')]
  }
  const own = supplies[index]!
  const most = own.type === 'turbine' || own.type === 'engine' ? own.units : 1
  return units === undefined || units <= most ? [] : [problem([...path, 'units'],
    `${supply} has ${most} ${most === 1 ? 'unit' : 'units'}; up to that would do`)]
}

function heatProblems(
  plant: Plant, heat: NonNullable<HappeningDocument['heatWave']>, path: Path): Problem[] {
  const { hall, site } = heat
  if ((hall === undefined) === (site === undefined)) {
    return [problem(path, 'a heat wave is in a hall or at a site; one of the two would do')]
  }
  if ((heat.cooling === undefined) === (heat.degrees === undefined)) {
    return [problem(path, 'a heat wave says what cooling takes or how many degrees it has; one of '
      + 'the two would do')]
  }
  const feeders = hallFeeders(plant, heat)
  const fixed = plant.halls.find((each) => each.cooling === undefined
    && feeders.includes(feederNamed(plant, each.name)))
  if (heat.degrees !== undefined && fixed !== undefined) {
    return [problem([...path, 'degrees'], `the cooling of ${fixed.name} does not depend on the `
      + 'weather; say cooling here, or a way to cool such as chiller in the factory file')]
  }
  if (feeders.length > 0) return []
  return hall === undefined ? siteProblems(plant, site!, [...path, 'site'])
    : [unknown([...path, 'hall'], 'hall', hall, plant.halls.map((each) => each.name))]
}

function siteProblems(plant: Plant, name: string, path: Path): Problem[] {
  if (siteNamed(plant, name) >= 0) return []
  return [unknown(path, 'site', name, plant.sites.map((site) => site.name))]
}

function unknown(path: Path, what: string, name: string, known: readonly string[]): Problem {
  return problem(path,
    `there is no ${what} "${name}"; ${listed(known)} would do${didYouMean(name, known)}`)
}

/** Two curtailments of one feeder at a time contradict one another; so do two times away. */
function overlaps(plant: Plant, events: readonly HappeningDocument[]): Problem[] {
  const found: Problem[] = []
  const spans = events.flatMap(({ curtail, controller }, at) => {
    if (controller !== undefined) {
      const fromMs = ms(controller.at)
      return [{ at, key: 'controller', of: 'the controller', fromMs,
        untilMs: fromMs + ms(controller.for) }]
    }
    if (curtail === undefined) return []
    const one = curtailmentOf(plant, curtail)
    const { name } = plant.feeders[one.feeder]!
    return [{ at, key: 'curtail', of: name, fromMs: one.startAtMs,
      untilMs: one.holdEndAtMs + one.rampOutMs }]
  })
  spans.forEach((one, index) => {
    const other = spans.slice(0, index).find((each) => each.of === one.of
      && each.fromMs < one.untilMs && one.fromMs < each.untilMs)
    if (other === undefined) return
    const first = other.fromMs <= one.fromMs ? other : one
    found.push(problem(['events', one.at, one.key, 'at'], `event ${other.at + 1} is still on for `
      + `${one.of} then, until ${formatDuration(first.untilMs)}; a time from its end would do`))
  })
  return found
}

function ms(text: string): number {
  const parsed = parseSpan(text)
  return 'value' in parsed ? parsed.value : 0
}
