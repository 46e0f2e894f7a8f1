import * as z from 'zod'
import { quantity } from './schema-quantity.ts'

/** The part of the factory file that says what gives a site its watts and how it is cooled. */

const watts = (about: string) => quantity('power', 1, about, ['150 MW'])

const ratio = (about: string) => z.number().min(0).max(1).meta({ description: about })

const time = (about: string) => quantity('duration', 0, about, ['30m', '10m'])

const price = (about: string, example: string) => quantity('price', 0, about, [example])

export const coolingSchema = z.union([z.number().min(1).max(5), z.string()]).meta({
  description: 'Facility watts for one IT watt: 1.3 means that 1 W in the hall is 1.3 W of its '
    + 'site; or a way to cool of the catalogue, which then depends on the weather: chiller, tower, '
    + 'dry. A hall takes the value of its site; without one, 1.',
  examples: [1.3, 'tower'],
})

const supply = z.strictObject({
  type: z.string().meta({ description: 'A supply of the catalogue (`millrace catalog list`).',
    examples: ['grid', 'megapack-2xl', 'smt-130', 'recip', 'solar'] }),
  name: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/).meta({
    description: 'Unlike that of any other supply of the site; without it, the type.' }).optional(),
  count: z.int().min(1).max(100_000).meta({
    description: 'How many units; without it, 1. Megawatts of the peak for solar.' }).optional(),
  firm: watts('Grid: watts that the contract owes at any time.').optional(),
  interruptible: watts('Grid: watts beyond them that the utility may call back.').optional(),
  notice: time('Grid: how long before a call it says so.').optional(),
  calledHours: z.number().min(0).max(8784).meta({
    description: 'Grid: most hours a year that it may call.', examples: [44] }).optional(),
  ramp: quantity('ramp', 1, 'Grid: how fast the import may change; a generator: how fast one unit '
    + 'does.', ['20 MW/min']).optional(),
  price: z.union([z.literal('market'), price('USD a megawatt-hour.', '47 USD/MWh')]).meta({
    description: 'Grid: price of its energy; market takes the price series of the scenario.',
  }).optional(),
  demandCharge: quantity('demand charge', 0, 'Grid: for the highest mean of 15 minutes in a month.',
    ['12 USD/kW-month']).optional(),
  reserve: ratio('Battery: share of its energy that only a need may use, no price.').optional(),
  charge: ratio('Battery: state of charge when a run begins; without it, half.').optional(),
  unit: watts('Generator: watts of one unit.').optional(),
  start: time('Generator: from the order to start until it takes load.').optional(),
  leastLoad: ratio('Generator: least steady load of a unit that runs.').optional(),
  fuelPrice: price('Generator: price of the heat in its fuel.', '4 USD/MMBtu').optional(),
  hours: z.array(z.number().min(0).max(1)).length(24).meta({
    description: 'Solar: share of the peak in each hour of a day, UTC.' }).optional(),
}).meta({ description: 'What gives a site watts. What is not said is as the catalogue says.' })

export type SupplyDocument = z.infer<typeof supply>

export const supplyKeys = {
  supplies: z.array(supply).min(1).max(100).meta({
    description: 'Grid contracts, batteries, generators and solar of the site.' }).optional(),
  islanded: z.boolean().meta({
    description: 'Whether the site runs without a grid, and so keeps a reserve for its largest '
      + 'unit; without it, it does where no supply is a grid.' }).optional(),
}
