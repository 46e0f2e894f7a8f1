import type { TurbineSupply } from '../model/supply.ts'
import { generatorFlow } from './generator.ts'
import type { SupplyKind } from './source.ts'

/** A gas turbine gives less in hot air: whole watts, rounded down. */
export const turbine: SupplyKind<TurbineSupply> = {
  name: 'turbine',
  summary: 'gas turbines: start, ramp, least load, heat rate, less in hot air',
  sourceOf: (supply) => generatorFlow(supply, ({ tempC }) => {
    const hotC = Math.max(0, tempC - supply.derateFromC)
    return Math.max(0, Math.floor(supply.unitW * (1 - supply.deratePerC * hotC)))
  }),
}
