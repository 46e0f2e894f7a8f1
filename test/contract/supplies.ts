import { loadCatalogue } from '../../src/catalog/catalogue.ts'
import { compilePlant } from '../../src/catalog/plant.ts'
import { factorySchema } from '../../src/model/schema.ts'
import type { Supply } from '../../src/model/supply.ts'

/** Supplies as a factory file writes them, with the numbers of the catalogue. */
export function suppliesOf(written: readonly object[]): readonly Supply[] {
  const racks = [{ system: 'dgx-h100', count: 1 }]
  // One site for each, so that names may be the same; a battery alone would be a limit of 0 W.
  const sites = written.map((one, at) =>
    ({ name: `s${at}`, limit: '50 kW', racks, supplies: [one] }))
  const plant = compilePlant(factorySchema.parse({ name: 'a', sites }), loadCatalogue())
  return plant.sites.flatMap(({ supplies }) => supplies!)
}
