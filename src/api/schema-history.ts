import * as z from 'zod'
import { fromHours } from '../base/units.ts'
import { LIMIT_KINDS } from '../model/index.ts'
import { siteSuppliesSchema } from './schema-supply.ts'
import { factoryQuery, moment, momentOrNull, readQuery, words } from './schema-part.ts'

/** The recent past of power, what was decided in it, and how the factory is doing. */

const POINTS_MOST = 1500

export const historyQuery = z.strictObject({
  ...readQuery,
  feeder: words(200, 'Feeder by name; without it, the first site.').optional(),
  from: moment.optional(),
  until: moment.optional(),
  points: z.coerce.number<number | string>().int().min(2).max(POINTS_MOST).default(400).meta({
    description: 'Most samples of the answer.' }),
})

const column = (about: string) => z.array(z.number().nullable()).meta({ description: about })

export const historySchema = z.object({
  at: z.string(),
  stateAt: z.string().meta({ description: 'How far the run is: a pace may be too fast for it.' }),
  feeder: z.string(),
  path: z.array(z.string()).meta({ description: 'The feeders above it, the root first.' }),
  isPowered: z.boolean().meta({ description: 'A power policy acts: caps are set.' }),
  samples: z.object({
    at: z.array(z.string()),
    limitW: column('What could be granted.'),
    targetW: column('What could be drawn, where it was asked.'),
    grantW: column('What was granted.'),
    floorW: column('What grants could be held down to.'),
    drawW: column('What was expected to be drawn.'),
    sdW: column('Standard deviation of that over time.'),
    meterW: column('What its meter had read last.'),
    gpusPerMW: column('GPUs at work that one more megawatt was worth.'),
    supplied: z.object({
      gridW: column('What the grid gave.'), generatorsW: column('Turbines and engines.'),
      solarW: column('The sun.'), batteryW: column('Batteries; below 0 they took.'),
      unservedW: column('What was drawn and not given.'),
      storedMWh: column('What batteries held.'),
    }).nullable().meta({ description: 'At the root of a site that names supplies.' }),
  }).meta({ description: 'As it was at each moment; the last one is now. They begin with the '
    + 'server or when the feeder was first asked for.' }),
  limits: z.array(z.object({
    limit: z.int(), feeder: z.string(), kind: z.enum(LIMIT_KINDS),
    watts: z.number(), fromW: z.number(), cause: z.string(),
    startAt: momentOrNull, holdAt: momentOrNull, holdEndAt: momentOrNull, endAt: momentOrNull,
    clearedAt: momentOrNull,
  })).meta({ description: 'Over time, at the feeder and above it, past and to come.' }),
  binding: z.array(z.object({
    feeder: z.string(), gpusPerMW: z.number(),
    where: z.enum(['here', 'above', 'below']),
    isDraw: z.boolean().meta({ description: 'A target of what is drawn binds, not a limit.' }),
  })).meta({ description: 'Feeders that bind now, on the way up and below, the dearest first.' }),
  supplies: z.array(z.object({
    name: z.string(), type: z.string(), mostW: z.number(), energyJ: z.number().nullable(),
  })).meta({ description: 'What the file says that gives the site its watts.' }),
  supplied: siteSuppliesSchema.nullable().meta({
    description: 'How they stand now, where the feeder is the root of their site.' }),
  ramps: z.object({
    riseWPerMin: z.number().nullable(), fallWPerMin: z.number().nullable(),
  }).meta({ description: 'How fast the grid of the site lets its import change; null: any.' }),
}).meta({ id: 'PowerHistory' })

export const decisionsQuery = z.strictObject({
  ...factoryQuery, from: moment, until: moment,
})

export const decisionsSchema = z.object({
  at: z.string(),
  isWhole: z.boolean().meta({ description: 'false: the journal of some of it was not read.' }),
  counts: z.record(z.string(), z.int()).meta({ description: 'Events by type.' }),
  items: z.array(z.object({
    seq: z.int(), at: momentOrNull, type: z.string(),
    number: z.int().nullable(), name: z.string(), gpus: z.int(),
    waitedMs: z.number().nullable(), capW: z.number().nullable(),
    feeder: z.string().nullable(), watts: z.number().nullable(), why: z.string(),
  })).meta({ description: 'The weightiest of them, in the order of time.' }),
}).meta({ id: 'Decisions' })

export const jobsAheadQuery = z.strictObject({
  ...factoryQuery,
  forMs: z.coerce.number<number | string>().int().min(60_000).max(fromHours(14 * 24))
    .default(fromHours(12)),
})

export const jobsAheadSchema = z.record(z.string(), z.unknown()).meta({
  id: 'JobsAhead', description: 'Who runs where in the hours ahead, step by step.' })

const errors = z.object({
  count: z.int(), medianMs: z.number(), medianRatio: z.number(), biasMs: z.number(),
  withinRatio: z.number(),
})

export const healthSchema = z.object({
  at: z.string(), factory: z.string(), engine: z.string(),
  pace: z.number(), isDeciding: z.boolean(), problem: z.string(), turns: z.int(),
  behindMs: z.number(), lastTurnAt: momentOrNull, unanswered: z.int().meta({
    description: 'Starts that the engine was told and has not answered.' }),
  invariants: z.object({
    checkedAgoMs: z.number().nullable().meta({ description: 'By the wall clock.' }),
    items: z.array(z.object({ id: z.string(), sentence: z.string() })),
  }),
  journal: z.object({
    seq: z.int(), epoch: z.int(), events: z.int().meta({ description: 'Since the server began.' }),
    commitMs: z.number(), commitP50Ms: z.number(), commitP95Ms: z.number(),
  }),
  meters: z.object({
    feeders: z.int(), read: z.int(), late: z.int(),
    items: z.array(z.object({
      feeder: z.string(), meterW: z.number(), drawW: z.number(), ageMs: z.number(),
    })).meta({ description: 'The sites, then those that were not read for longest.' }),
  }),
  prediction: z.object({
    runs: errors.meta({ description: 'Of runs, against the median believed at the start.' }),
    starts: errors.meta({ description: 'Of starts, against the last reservation; within: not '
      + 'later.' }),
    draw: z.object({
      samples: z.int(), meanRatio: z.number(), worstRatio: z.number(),
    }).meta({ description: 'Of the sites\' draw, against their meters, as a share of it.' }),
  }),
  problems: z.array(z.object({
    code: z.enum(['stopped', 'journal', 'behind', 'meters', 'nodes']),
    values: z.record(z.string(), z.union([z.string(), z.number()])),
  })),
}).meta({ id: 'FactoryHealth' })

export type PowerHistory = z.infer<typeof historySchema>
export type Decisions = z.infer<typeof decisionsSchema>
export type FactoryHealth = z.infer<typeof healthSchema>
