import { perMegawatt } from '../base/units.ts'
import type { State } from '../core/state.ts'
import { LIMIT_KINDS, type LimitCourse, type Supply } from '../model/index.ts'
import type { Factory } from './factory.ts'
import type { PastLimit } from './history.ts'
import { dateText, momentText, nowText } from './moment.ts'
import type { PowerHistory } from './schema-history.ts'
import { COLUMNS, SUPPLY_COLUMNS, withNow } from './series.ts'
import { siteSuppliesOf } from './view-supply.ts'
import { isLimit } from './view-plant.ts'

type Span = { readonly fromMs: number, readonly untilMs: number, readonly points: number }

/** Feeders that bind, of which the dearest are told. */
const BINDING_MOST = 20

/** A feeder over a time of the past, with what holds there and what binds. O(feeders). */
export function historyOf(
  served: Factory, feeder: number, { fromMs, untilMs, points }: Span): PowerHistory {
  const { controller, history } = served
  const { clock } = controller
  const state = controller.state()
  const { plant } = state.layout
  history.series.want(feeder)
  const past = history.series.samples(feeder, fromMs, untilMs, points)
  const { atMs, ...columns } = untilMs >= state.totals.nowMs ? withNow(past, state, feeder) : past
  const above = pathOf(state, feeder)
  const site = siteOf(state, feeder)
  const grid = site?.supplies?.find((each) => each.type === 'grid')
  return {
    at: nowText(clock), stateAt: momentText(clock, state.totals.nowMs) ?? nowText(clock),
    feeder: plant.feeders[feeder]!.name,
    path: above.map((each) => plant.feeders[each]!.name),
    isPowered: state.totals.isPowered === 1,
    samples: {
      at: atMs.map((each) => momentText(clock, each) ?? ''),
      ...Object.fromEntries(COLUMNS.map((name) => [name, [...columns[name]]])),
      supplied: columns.gridW === undefined ? null : Object.fromEntries(
        SUPPLY_COLUMNS.map((name) => [name, [...columns[name] ?? []]])),
    } as PowerHistory['samples'],
    limits: limitsOf(served, (each) => each === feeder || above.includes(each), fromMs),
    binding: bindingOf(state, feeder, new Set(above)),
    supplies: (site?.supplies ?? []).map(supplyOf),
    supplied: site === undefined ? null
      : siteSuppliesOf(state, plant.sites.indexOf(site), clock) ?? null,
    ramps: { riseWPerMin: grid?.riseWPerMin || null, fallWPerMin: grid?.fallWPerMin || null },
  }
}

/** Feeders above one, the root first. */
function pathOf({ layout }: State, feeder: number): number[] {
  const path: number[] = []
  for (let at = layout.feederParent[feeder]!; at >= 0; at = layout.feederParent[at]!) path.push(at)
  return path.reverse()
}

function siteOf({ layout }: State, feeder: number) {
  return layout.plant.sites.find((site) => site.feeder === feeder)
}

/**
 * Limits over time that end after `fromMs`, as they were set; those that the book does not go back
 * to, as the state has them.
 */
export function limitsOf(
  { controller, history, book, atMs = Infinity }: Factory,
  isShown: (feeder: number) => boolean, fromMs: number,
): PowerHistory['limits'] {
  const { clock } = controller
  const state = controller.state()
  // Of another time, what was set or cleared after it was not known then.
  const all: PastLimit[] = history.limits.filter(({ setAtMs }) => setAtMs <= atMs)
    .map((each) => each.clearedAtMs > atMs ? { ...each, clearedAtMs: Infinity } : each)
  const known = new Set(all.filter(({ clearedAtMs }) => clearedAtMs === Infinity)
    .map(({ limit }) => limit))
  for (let limit = 0; limit < state.totals.limitRows; limit++) {
    if (known.has(limit) || !isLimit(state, limit)) continue
    all.push({ limit, course: courseOf(state, limit, book.causeOf(limit)), setAtMs: 0,
      clearedAtMs: Infinity })
  }
  const text = (runMs: number) => momentText(clock, runMs)
  return all
    .filter(({ course, clearedAtMs }) => isShown(course.feeder)
      && Math.min(course.endAtMs, clearedAtMs) >= fromMs && clearedAtMs > course.startAtMs)
    .map(({ limit, course, clearedAtMs }) => ({
      limit, feeder: state.layout.plant.feeders[course.feeder]!.name, kind: course.kind,
      watts: course.watts, fromW: course.fromW, cause: course.cause,
      startAt: text(course.startAtMs), holdAt: text(course.holdAtMs),
      holdEndAt: text(course.holdEndAtMs), endAt: text(course.endAtMs),
      clearedAt: dateText(Math.round(clock.dateOf(clearedAtMs))),
    }))
}

function courseOf(state: State, limit: number, cause: string): LimitCourse {
  const { limits } = state.tables
  return {
    feeder: limits.feeder[limit]!, kind: LIMIT_KINDS[limits.kind[limit]!]!,
    watts: limits.watts[limit]!, fromW: limits.fromW[limit]!,
    startAtMs: limits.startAtMs[limit]!, holdAtMs: limits.holdAtMs[limit]!,
    holdEndAtMs: limits.holdEndAtMs[limit]!, endAtMs: limits.endAtMs[limit]!, cause,
  }
}

function bindingOf(
  state: State, feeder: number, above: ReadonlySet<number>): PowerHistory['binding'] {
  const { price, drawPrice } = state.tables.feeders
  const { feederParent, plant } = state.layout
  const found: PowerHistory['binding'] = []
  for (let each = 0; each < plant.feeders.length; each++) {
    if (price[each]! + drawPrice[each]! <= 0) continue
    const where = each === feeder ? 'here' : above.has(each) ? 'above'
      : isBelow(feederParent, each, feeder) ? 'below' : undefined
    if (where === undefined) continue
    found.push({ feeder: plant.feeders[each]!.name, where, isDraw: drawPrice[each]! > price[each]!,
      gpusPerMW: perMegawatt(price[each]! + drawPrice[each]!) })
  }
  return found.sort((a, b) => b.gpusPerMW - a.gpusPerMW).slice(0, BINDING_MOST)
}

function isBelow(parent: Int32Array, feeder: number, top: number): boolean {
  for (let at = feeder; at >= 0; at = parent[at]!) if (at === top) return true
  return false
}

function supplyOf(supply: Supply): PowerHistory['supplies'][number] {
  const { name, type } = supply
  switch (supply.type) {
    case 'grid': return { name, type, mostW: supply.firmW + supply.interruptibleW, energyJ: null }
    case 'battery': return { name, type, mostW: supply.dischargeW, energyJ: supply.energyJ }
    case 'solar': return { name, type, mostW: supply.peakW, energyJ: null }
    default: return { name, type, mostW: supply.units * supply.unitW, energyJ: null }
  }
}
