import {
  refusal, type Event, type Intent, type Refusal, type SuppliesRead,
} from '../model/index.ts'
import type { State } from './state.ts'

/** How supplies stand, from whoever plays or meters them. */
export function askSupplies({ layout }: State, reading: SuppliesRead): Event | Refusal {
  const cells = layout.supplyCells.sites[reading.site]
  const room = cells === undefined ? 0 : cells.end - cells.first
  const isKnown = reading.cells.every((cell, at) => Number.isInteger(cell) && cell >= 0
    && cell < room && !Number.isNaN(reading.values[at]))
  if (room > 0 && isKnown && reading.cells.length === reading.values.length) return reading
  return refusal('out-of-range', `Site ${reading.site} has ${room} cells for its supplies, and one `
    + 'that it lacks, or none at all, is written to.')
}

/** Units of a supply trip; there must be some that can. */
export function askLoss(
  { layout, totals }: State, intent: Extract<Intent, { type: 'lose-supply' }>): Event | Refusal {
  const { site, supply, units, untilMs } = intent
  const known = layout.plant.sites[site]?.supplies
  const one = known?.[supply]
  if (known === undefined || one === undefined) {
    const names = known?.map(({ name }) => name).join(', ')
    return refusal('no-such-supply', `Site ${layout.plant.sites[site]?.name ?? site} has no `
      + `supply ${supply}. ${names === undefined ? 'It names none.' : `It has ${names}.`}`)
  }
  const most = 'units' in one ? one.units : 1
  const isWhole = Number.isInteger(units) && units >= 1 && units <= most
  if (!isWhole || !Number.isSafeInteger(untilMs) || untilMs <= totals.nowMs) {
    return refusal('out-of-range', `${units} units of ${one.name} are to be lost until ${
      untilMs} ms; it has ${most}, and it is ${totals.nowMs} ms now. Use 1 to ${most} and a later `
      + 'moment.')
  }
  return { type: 'supply.lost', site, supply, units, untilMs }
}
