import * as z from 'zod'
import { fromHours } from '../base/units.ts'
import { momentOrNull, pageOf, words } from './schema-part.ts'

/** What gives a site its watts, as the interface shows it. */

const stored = z.number().nullable().meta({ description: 'What it holds, or null: no battery.' })
const most = z.number().nullable().meta({ description: 'The most that it may hold.' })

/** Sums over the supplies of a site. */
const sums = {
  gridW: z.number(),
  generatorsW: z.number().meta({ description: 'Turbines and engines.' }),
  solarW: z.number(),
  batteryW: z.number().meta({ description: 'Below 0 it takes.' }),
  unservedW: z.number().meta({ description: 'What is drawn and not given.' }),
  storedMWh: stored,
  mostMWh: most,
}

export const suppliedSchema = z.object(sums).meta({ id: 'Supplied' })

const supplySchema = z.object({
  supply: z.string(),
  type: z.enum(['grid', 'battery', 'turbine', 'engine', 'solar']),
  outputW: z.number().meta({ description: 'What it gives; below 0 a battery takes.' }),
  units: z.int(),
  on: z.int(),
  starting: z.int(),
  lost: z.int(),
  startedAt: momentOrNull.meta({ description: 'When the next one that starts has started.' }),
  storedMWh: stored,
  mostMWh: most,
  givenMWh: z.number().meta({ description: 'From the beginning of the run on, as all below.' }),
  takenMWh: z.number(),
  fuelMWh: z.number().meta({ description: 'Heat of the fuel.' }),
  dollars: z.number().meta({ description: 'Energy, fuel, upkeep and wear.' }),
  starts: z.int(),
}).meta({ id: 'Supply' })

export const siteSuppliesSchema = z.object({
  site: z.string(),
  feeder: z.string().meta({ description: 'The root of its power tree.' }),
  toldAt: momentOrNull.meta({ description: 'When it was told last: each 5 minutes, and when '
    + 'something happens. null: nothing was, as on a real machine.' }),
  drawW: z.number().meta({ description: 'What the site drew then.' }),
  ...sums,
  unservedMWh: z.number(),
  dollars: z.number().meta({ description: 'Of all, with demand charges so far.' }),
  supplies: z.array(supplySchema),
}).meta({ id: 'SiteSupplies' })

export const siteSuppliesPage = pageOf(siteSuppliesSchema, 'SuppliesPage')

/** A year. */
const FOR_MOST = fromHours(366 * 24)

export const loseBody = z.strictObject({
  site: words(200, 'A site by name; without it, the first.').default(''),
  supply: words(200, 'One of its supplies by name.'),
  units: z.int().min(1).max(1_000_000).optional().meta({
    description: 'How many of its units; without it, all.' }),
  forMs: z.int().min(1000).max(FOR_MOST).meta({ description: 'How long they are lost.' }),
}).meta({ id: 'SupplyLoss', description: 'On the twin, to see what then becomes of the site.' })

export type Supplied = z.infer<typeof suppliedSchema>
export type SiteSupplies = z.infer<typeof siteSuppliesSchema>
export type SupplyLoss = z.input<typeof loseBody>
