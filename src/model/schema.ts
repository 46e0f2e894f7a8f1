import * as z from 'zod'
import { ruleOrName } from './rule.ts'
import { deviceSchema, systemSchema } from './schema-hardware.ts'
import { quantity } from './schema-quantity.ts'
import { coolingSchema, supplyKeys } from './schema-supply.ts'

/**
 * The factory file: what a person writes about a plant. The document is kept as written, with its
 * units ("40 MW"), so that it fits a journal header and can be compiled again.
 */

const name = (about: string) =>
  z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/).meta({ description: about })

const count = (about: string) => z.int().min(1).max(1e9).meta({ description: about })

const whole = (about: string) => z.int().min(0).max(1e9).meta({ description: about })

const power = (about: string) => quantity('power', 1, about, ['40 MW', '132 kW'])

const basePower = (about: string) => quantity('power', 0, about, ['2.9 MW', '500 W'])

const duration = (about: string) => quantity('duration', 0, about, ['30s', '10m', '4h', '1d'])

const racksPerRow = count(
  'Racks in a full row. A hall takes the value of its site; without one, 16.')

const rackGroup = z.strictObject({
  system: z.string().meta({
    description: 'A system of this file or of the catalogue (`millrace catalog show`).',
    examples: ['dgx-h100'] }),
  count: count('How many racks. Say exactly one of count, rows, nodes and gpus.').optional(),
  rows: count('How many full rows of racks.').optional(),
  nodes: count('How many nodes in all; the last rack may be partly filled.').optional(),
  gpus: count('How many GPUs in all; the last rack may be partly filled.').optional(),
  nodesPerRack: count('Nodes in a full rack; without it, the catalogue\'s.').optional(),
  queues: z.array(z.string()).min(1).max(1000).meta({
    description: 'The queues that own these racks. Without it, the racks are shared.' }).optional(),
  rowLimit: power('Most IT watts of each of these rows.').optional(),
  rackLimit: power('Most IT watts of each of these racks.').optional(),
}).meta({ description: 'Racks of one kind, side by side. Each group begins a new row.' })

const racks = z.array(rackGroup).min(1).max(10_000)

const hall = z.strictObject({
  name: name('Without it, hall1, hall2, … With a count, the copies are name1, name2, …')
    .optional(),
  count: count('How many halls like this one; without it, 1.').optional(),
  limit: power('Most IT watts of the hall, before its cooling.').optional(),
  base: basePower('IT watts besides the racks: network, storage, CPU nodes.').optional(),
  cooling: coolingSchema.optional(),
  racksPerRow: racksPerRow.optional(),
  racks,
})

const feeder = z.strictObject({
  name: name('Unlike that of any other feeder, hall, row or rack of the site.'),
  parent: z.string().meta({
    description: 'The feeder, hall or row above it, or the site. Without it, what all that it feeds'
      + ' have in common.' }).optional(),
  limit: power('Most watts that it delivers. Without it, what it feeds at its rating.').optional(),
  base: basePower('Watts that it delivers besides what it feeds.').optional(),
  loss: z.number().min(0).max(0.5).meta({
    description: 'Share of what it takes that it loses: 0.02 for 2 %.' }).optional(),
  feeds: z.array(z.string()).min(1).max(10_000).meta({
    description: 'Halls, rows or racks of the site by name. Brackets hold a range.',
    examples: [['hall1', 'hall2/row[01-08]', 'hall2/row09/rack01']] }).optional(),
}).meta({ description: 'One more limited segment of the power tree: substation, busway, …' })

const site = z.strictObject({
  name: name('Name of the site.'),
  limit: power('Most facility watts of the site. Without it, what its supplies can give for ever, '
    + 'or its rating.').optional(),
  base: basePower('Facility watts besides the halls.').optional(),
  cooling: coolingSchema.optional(),
  racksPerRow: racksPerRow.optional(),
  halls: z.array(hall).min(1).max(1000).optional(),
  racks: racks.meta({ description: 'Racks of a site that is one hall, hall1.' }).optional(),
  feeders: z.array(feeder).min(1).max(10_000).optional(),
  rule: ruleOrName.optional(),
  ...supplyKeys,
})

const limits = (unit: string) => ({
  quota: whole(`${unit} that are its own. Without any quota in its tree of queues there is no `
    + 'limit; where others have one, a queue without lives on what they lend.').optional(),
  borrow: whole(`Most ${unit} that it may hold beyond its own while others of its tree do not use `
    + 'them; without it, all that is lent.').optional(),
  lend: whole(`Most of its unused ${unit} that others of its tree may borrow; without it, all.`)
    .optional(),
})

const queue = z.strictObject({
  name: name('Name of the queue.'),
  parent: z.string().meta({
    description: 'The queue above it: a department above its teams.' }).optional(),
  ...limits('GPUs'),
  cores: z.strictObject(limits('cores of jobs without GPUs')).optional(),
  weight: z.number().min(0.001).max(1e6).meta({
    description: 'Its part of what its parent gets, against the weights of its siblings, where '
      + 'the order is by fair share; without it, 1.' }).optional(),
  minRunTime: quantity('duration', 0, 'How long each of its jobs runs before it may be preempted; '
    + 'without it, a job may be preempted at any time.', ['2h']).optional(),
  priority: z.int().min(-1_000_000).max(1_000_000).meta({
    description: 'Added to the priority of each of its jobs; without it, 0.' }).optional(),
  defaultLimit: quantity('duration', 1,
    'Expected run time of a job that declares none; without it, 1d.', ['1d', '4h']).optional(),
  shared: z.boolean().meta({
    description: 'Whether it may use shared racks. Without it, it may unless it owns racks.',
  }).optional(),
})

const faultClass = z.strictObject({
  per1000UnitDays: z.number().min(0).max(1e6).meta({
    description: 'Faults a day in a thousand units (devices, nodes, racks or feeders).',
  }).optional(),
  mtbf: quantity('duration', 1,
    'Mean time between two faults of one unit.', ['2000d']).optional(),
  repair: z.array(duration('How long a repair takes.')).length(2).meta({
    description: 'Shortest and longest repair, or slow time.', examples: [['1h', '4h']],
  }).optional(),
  slowRatio: z.number().gt(0).max(1).meta({
    description: 'Speed of a job while it is slowed: 0.9 for nine tenths.' }).optional(),
})

const failures = z.strictObject({
  detect: duration('From a fault to the report of it.').optional(),
  healthCheck: duration('Test of a repaired node before it serves again.').optional(),
  launch: duration('From the order to start to the first step.').optional(),
  load: duration('Reading a checkpoint back, on top of the launch.').optional(),
  checkpoint: z.strictObject({
    stall: duration('How long a job stands still for a checkpoint.').optional(),
    save: duration('How long it is written before it counts.').optional(),
  }).optional(),
  classes: z.record(z.string(), z.union([z.literal('none'), faultClass])).meta({
    description: 'Fault classes of the catalogue by name: other numbers, or none.' }).optional(),
}).meta({ description: 'Only what differs from the catalogue.' })

const powerSection = z.strictObject({
  capDelay: duration('From the order to set a cap until it is in force, at most; without it, 40s.')
    .optional(),
  lease: duration('How long a node keeps its cap without hearing from us; without it, 5m.')
    .optional(),
  meter: z.strictObject({
    every: quantity('duration', 1, 'How often meters are read; without it, 1m.', ['5m']).optional(),
    delay: duration('How old a reading is when we have it; without it, 2s.').optional(),
    error: z.number().min(0).max(0.5).meta({
      description: 'Standard deviation of its error, as a share; without it, 0.005.' }).optional(),
    stale: duration('A meter that is silent for so long counts for nothing; without it, three '
      + 'readings.').optional(),
  }).optional(),
  breach: z.number().min(0).max(0.1).meta({
    description: 'Chance at which a feeder may be over its limit: then draw counts, its mean and '
      + 'spread, and not what is granted. Without it, 0: what is granted counts.' }).optional(),
}).meta({ description: 'How power is metered and capped. Only what differs from the usual.' })

const curve = z.strictObject({
  class: name('A class of work: one of the catalogue, or a new one, for jobs to name.'),
  device: z.string().meta({ description: 'A device of the catalogue.', examples: ['H100'] }),
  points: z.array(z.strictObject({
    cap: power('Power cap of a device.'),
    throughput: z.number().gt(0).max(1e15).meta({
      description: 'What it does under that cap, in any unit; never less than under a lower one.',
    }),
    draw: power('Mean draw under that cap; say it for all points or for none.').optional(),
  })).min(1).max(1000).meta({ description: 'By rising cap, two or more.' }),
}).meta({ description: 'Throughput and draw of a device under caps, as you measured them.' })

const plannedLimit = z.strictObject({
  feeder: z.string().meta({
    description: 'A site, hall, row, rack or declared feeder by its full name.',
    examples: ['north', 'hall1/row01'] }),
  limit: power('Most that may be granted there while it holds. Say limit or budget.').optional(),
  budget: power('The same as an operator\'s wish; the lower of all holds.').optional(),
  at: duration('When it begins, from the start of the run; without it, at the start.').optional(),
  for: quantity('duration', 1, 'How long it holds; without it, for ever.', ['3h']).optional(),
  every: quantity('duration', 1, 'From one time to the next, for one that comes again.', ['1d'])
    .optional(),
  notice: duration('How long before it is known; without it, 1d.').optional(),
  cause: z.string().max(200).meta({ description: 'Why, for people.' }).optional(),
}).meta({ description: 'A limit over time.' })

export const factorySchema = z.strictObject({
  name: name('Name of the factory.'),
  description: z.string().max(2000).meta({ description: 'For people.' }).optional(),
  sites: z.array(site).min(1).max(100),
  queues: z.array(queue).min(1).max(1000).meta({
    description: 'Without it, one queue named default that may use everything.' }).optional(),
  usage: z.strictObject({
    halfLife: quantity('duration', 1, 'Time in which past use counts half in the order by fair '
      + 'share; without it, 7d.', ['7d', '12h']).optional(),
  }).optional(),
  power: powerSection.optional(),
  limits: z.array(plannedLimit).min(1).max(1000).meta({
    description: 'Limits and budgets over time, beside the limits of the feeders.' }).optional(),
  devices: z.array(deviceSchema).min(1).max(100).meta({
    description: 'Devices in place of those of the catalogue, or beside them.' }).optional(),
  systems: z.array(systemSchema).min(1).max(100).meta({
    description: 'Systems in place of those of the catalogue, or beside them.' }).optional(),
  curves: z.array(curve).min(1).max(1000).meta({
    description: 'In place of the curves of the catalogue, or beside them.' }).optional(),
  failures: z.union([z.literal('none'), failures]).meta({
    description: 'How the twin fails and recovers; none also means no start-up times.',
  }).optional(),
}).meta({ title: 'Millrace factory file' })

export type FactoryDocument = z.infer<typeof factorySchema>
export type SiteDocument = FactoryDocument['sites'][number]
export type HallDocument = z.infer<typeof hall>
export type RackGroupDocument = z.infer<typeof rackGroup>
export type FeederDocument = z.infer<typeof feeder>
export type FailuresDocument = z.infer<typeof failures>

/** The published JSON Schema of the factory file, as plain data. */
export function factoryJsonSchema(): object {
  return z.toJSONSchema(factorySchema)
}
