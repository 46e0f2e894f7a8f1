import type { PowerHistory } from '../../../src/api/client.ts'
import { t, type Key } from '../texts.svelte.ts'
import type { Line } from './lines.ts'
import { partsOf, type SupplyCourse, type SupplyPart } from './supplies.ts'

/** How the lines of supplies look. */
type Look = Omit<Line, 'key' | 'name' | 'values'> & {
  readonly part: SupplyPart, readonly text: Key }

/** Told apart by dash and width as well as by colour. */
const LOOKS: readonly Look[] = [
  { part: 'gridW', text: 'supply.grid', colour: '--accent', width: 2.5 },
  { part: 'generatorsW', text: 'supply.generators', colour: '--warn', dash: [10, 3] },
  { part: 'solarW', text: 'supply.solar', colour: '--ink-soft', dash: [2, 3] },
  { part: 'batteryW', text: 'supply.battery', colour: '--good', dash: [7, 3, 2, 3], width: 2.5 },
]

const CHARGE: Look = { part: 'storedMWh', text: 'supply.charge', colour: '--good', width: 2.5 }

/** Looks of the supplies that a site has at all. */
export function looksOf(history: PowerHistory): readonly Look[] {
  const parts = partsOf(history)
  return LOOKS.filter(({ part }) => parts.includes(part))
}

/** Lines of power by supply. */
export function supplyLines(course: SupplyCourse, looks: readonly Look[]): Line[] {
  return looks.flatMap((look) => bothOf(course, look))
}

/** Lines of the charge. */
export function chargeLines(course: SupplyCourse): Line[] {
  return bothOf(course, CHARGE)
}

function bothOf({ past, ahead }: SupplyCourse, { part, text, ...look }: Look): Line[] {
  const name = t(text)
  return [{ ...look, key: part, name, values: past[part] },
    { ...look, key: `ahead-${part}`, name, values: ahead[part], width: 1.2, dash: [5, 4] }]
}
