import type { EngineSupply } from '../model/supply.ts'
import { generatorFlow } from './generator.ts'
import type { SupplyKind } from './source.ts'

/** A reciprocating engine keeps its watts in hot air, up to where its radiator no longer does. */
export const engine: SupplyKind<EngineSupply> = {
  name: 'engine',
  summary: 'reciprocating engines on gas or diesel: quick, low least load, good at part load',
  sourceOf: (supply) => generatorFlow(supply, ({ tempC }) => supply.deratePerC === 0
    ? supply.unitW
    : Math.max(0, Math.floor(supply.unitW
      * (1 - supply.deratePerC * Math.max(0, tempC - supply.derateFromC))))),
}
