import type { Supply } from '../model/supply.ts'
import { battery } from './battery.ts'
import { engine } from './engine.ts'
import { grid } from './grid.ts'
import { solar } from './solar.ts'
import type { Source } from './source.ts'
import { turbine } from './turbine.ts'

/** Every kind of supply by name. A new one is its file, a line here and one below. */
export const SUPPLIES = { grid, battery, turbine, engine, solar } as const

/** What a supply can do and what that costs. */
export function sourceOf(supply: Supply): Source {
  switch (supply.type) {
    case 'grid': return grid.sourceOf(supply)
    case 'battery': return battery.sourceOf(supply)
    case 'turbine': return turbine.sourceOf(supply)
    case 'engine': return engine.sourceOf(supply)
    case 'solar': return solar.sourceOf(supply)
  }
}
