import type { State } from '../core/state.ts'
import type { LiveClock } from '../run/live/clock.ts'
import { suppliesOf } from '../run/power-ahead.ts'
import { suppliesNow } from '../run/supply-view.ts'
import { momentText } from './moment.ts'
import type { SiteSupplies, Supplied } from './schema-supply.ts'

/** The supplies of a site, where it names some and they were told. O(units). */
export function siteSuppliesOf(
  state: State, site: number, clock: LiveClock): SiteSupplies | undefined {
  const { plant } = state.layout
  const { name, feeder, supplies } = plant.sites[site]!
  if (supplies === undefined) return undefined
  const now = suppliesNow(state, site)
  const place = { site: name, feeder: plant.feeders[feeder]!.name }
  if (now === undefined) return { ...place, ...NOTHING }
  const { site: _, atMs, supplies: each, ...sums } = now
  return {
    ...place, ...sums, toldAt: momentText(clock, atMs),
    supplies: each.map(({ startedAtMs, ...one }) =>
      ({ ...one, startedAt: startedAtMs < 0 ? null : momentText(clock, startedAtMs) })),
  }
}

const NOTHING = {
  toldAt: null, drawW: 0, gridW: 0, generatorsW: 0, solarW: 0, batteryW: 0, unservedW: 0,
  storedMWh: null, mostMWh: null, unservedMWh: 0, dollars: 0, supplies: [],
}

/** Sums over the supplies of the site whose root a feeder is. */
export function suppliedOf(state: State, feeder: number): Supplied | null {
  const now = suppliesOf(state, feeder)
  if (now === undefined) return null
  const { gridW, generatorsW, solarW, batteryW, unservedW, storedMWh, mostMWh } = now
  return { gridW, generatorsW, solarW, batteryW, unservedW, storedMWh, mostMWh }
}
