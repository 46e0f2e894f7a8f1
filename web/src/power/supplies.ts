import type { PowerHistory } from '../../../src/api/client.ts'
import type { Course, PowerAhead, Values } from './course.ts'

/** What gave a site its watts, and is expected to. */
export const SUPPLY_PARTS = [
  'gridW', 'generatorsW', 'solarW', 'batteryW', 'storedMWh',
] as const
export type SupplyPart = (typeof SUPPLY_PARTS)[number]

export type SupplyCourse = Course<SupplyPart>

/** Past and forecast on one axis; nothing where the site names no supplies. O(samples). */
export function supplyCourseOf(
  history: PowerHistory, forecast: PowerAhead | undefined): SupplyCourse | undefined {
  const { at, supplied } = history.samples
  if (supplied === null) return undefined
  const lastMs = Date.parse(at.at(-1) ?? history.at)
  const later = (forecast?.feeders[0]?.moments ?? [])
    .map(({ atMs, supplied: given }) => ({ atMs: forecast!.epochMs + atMs, given }))
    .filter(({ atMs }) => atMs > lastMs)
  const none = (count: number): Values => Array.from<null>({ length: count }).fill(null)
  const each = (values: (part: SupplyPart) => Values) =>
    Object.fromEntries(SUPPLY_PARTS.map((part) => [part, values(part)])) as
      Record<SupplyPart, Values>
  const firstAhead = at.length
  // The forecast begins where the past ends, so that there is no gap.
  const joint = (part: SupplyPart): Values => firstAhead === 0 ? []
    : [...none(firstAhead - 1), later.length > 0 ? supplied[part].at(-1) ?? null : null]
  return {
    atS: [...at.map((text) => Date.parse(text) / 1000), ...later.map(({ atMs }) => atMs / 1000)],
    firstAhead,
    past: each((part) => [...supplied[part], ...none(later.length)]),
    ahead: each((part) => [...joint(part), ...later.map(({ given }) => given?.[part] ?? null)]),
  }
}

/** Parts of power of the kinds that a site has at all. */
export function partsOf({ supplies }: PowerHistory): readonly SupplyPart[] {
  const types = new Set(supplies.map(({ type }) => type))
  const generators = types.has('turbine') || types.has('engine')
  return [
    ...types.has('grid') ? ['gridW'] as const : [], ...generators ? ['generatorsW'] as const : [],
    ...types.has('solar') ? ['solarW'] as const : [],
    ...types.has('battery') ? ['batteryW'] as const : [],
  ]
}
