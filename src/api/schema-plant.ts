import * as z from 'zod'
import { fromHours } from '../base/units.ts'
import { LIMIT_KINDS } from '../model/index.ts'
import { moment, momentOrNull, pageOf, pageQuery, readQuery, watts, words } from './schema-part.ts'
import { suppliedSchema } from './schema-supply.ts'

/** Factories, nodes, queues, feeders and limits as the interface shows and takes them. */

export const factorySchema = z.object({
  name: z.string(),
  isDefault: z.boolean(),
  engine: z.string(),
  policies: z.record(z.string(), z.string()),
  beganAt: momentOrNull.meta({ description: 'Where its journal begins, by its clock.' }),
  pace: z.number().meta({ description: 'How much faster than the wall its clock goes.' }),
  at: z.string().meta({ description: 'Its clock now.' }),
  seq: z.int().meta({ description: 'Last durable block of its journal.' }),
  sites: z.array(z.string()),
  nodes: z.object({ total: z.int(), down: z.int(), drained: z.int() }),
  gpus: z.object({ total: z.int(), busy: z.int(), waiting: z.int() }),
  jobs: z.object({ pending: z.int(), running: z.int(), seen: z.int(), capped: z.int() }),
  power: z.object({
    limitW: z.number(), grantW: z.number(), drawW: z.number(),
    targetW: z.number().nullable(), meterW: z.number().nullable(),
  }).meta({ description: 'Sums over the sites; draw is what is expected, the meter is read.' }),
  health: z.object({
    isDeciding: z.boolean(), problem: z.string(), turns: z.int(), commitMs: z.number(),
    behindMs: z.number(), lastTurnAt: momentOrNull, invariantsAt: momentOrNull,
  }),
}).meta({ id: 'Factory' })

const NODE_STATES = ['idle', 'mixed', 'allocated', 'drained', 'down'] as const

const nodeSchema = z.object({
  node: z.int(),
  name: z.string().meta({ description: 'Its rack and its place there: hall1/row01/rack01/2.' }),
  pool: z.string(),
  state: z.enum(NODE_STATES).meta({ description: 'In Slurm\'s words.' }),
  isDown: z.boolean(),
  isDrained: z.boolean(),
  gpus: z.int(), freeGpus: z.int(), cpus: z.int(), freeCpus: z.int(),
  memoryGiB: z.int(), freeMemoryGiB: z.int(),
  jobs: z.array(z.int()).meta({ description: 'Numbers of the jobs that have devices of it.' }),
}).meta({ id: 'Node' })

export const nodesQuery = z.strictObject({
  ...pageQuery,
  ...readQuery,
  within: words(200, 'Only nodes of this site, hall, row or rack.').optional(),
  state: z.enum(NODE_STATES).optional(),
})

export const nodesSchema = z.strictObject({
  nodes: words(200, 'A site, hall, row, rack or node by name (hall1/row01/rack01/2), a node by '
    + 'number, or a range of numbers, both included: 16-31.'),
  reason: words(200, 'Why, for people.').default(''),
}).meta({ id: 'NodeRange' })

const quota = z.object({
  used: z.int(),
  quota: z.number().nullable().meta({ description: 'Its own; null: no limit.' }),
  borrow: z.number().nullable(), lend: z.number().nullable(),
})

const queueSchema = z.object({
  name: z.string(), parent: z.string().nullable(), weight: z.number(), priority: z.int(),
  gpus: quota, cores: quota,
  pending: z.int(), running: z.int(), waitingGpus: z.int(),
}).meta({ id: 'Queue' })

const feederSchema = z.object({
  feeder: z.int(),
  name: z.string(),
  parent: z.string().nullable(),
  limitW: z.number().meta({ description: 'What may be granted now.' }),
  plantLimitW: z.number().meta({ description: 'What the plant allows.' }),
  targetW: z.number().nullable().meta({ description: 'What may be drawn now, where asked.' }),
  grantW: z.number(),
  floorW: z.number().meta({ description: 'What its grants can be held down to.' }),
  drawW: z.number().meta({ description: 'What is expected to be drawn.' }),
  meterW: z.number().nullable(),
  meteredAt: momentOrNull,
  gpusPerMW: z.number().meta({ description: 'GPUs at work that one more megawatt is worth.' }),
  supplied: suppliedSchema.nullable().meta({
    description: 'At the root of a site that names supplies, once they were told.' }),
}).meta({ id: 'Feeder' })

export const feedersQuery = z.strictObject({
  ...pageQuery,
  ...readQuery,
  within: words(200, 'Only this feeder and those below it.').optional(),
  depth: z.coerce.number<number | string>().int().min(0).max(16).optional().meta({
    description: 'Only so many levels below it, or below the roots; without it, all.' }),
})

const limitSchema = z.object({
  limit: z.int().meta({ description: 'Its id while it lasts.' }),
  feeder: z.string(),
  kind: z.enum(LIMIT_KINDS),
  watts: z.number(),
  fromW: z.number().meta({ description: 'Watts at both ends of its ramps.' }),
  startAt: momentOrNull, holdAt: momentOrNull, holdEndAt: momentOrNull, endAt: momentOrNull,
  isNow: z.boolean().meta({ description: 'It says something now.' }),
  cause: z.string(),
}).meta({ id: 'Limit' })

export const limitBody = z.strictObject({
  feeder: words(200, 'A feeder, hall, row, rack or site by name.'),
  kind: z.enum(['limit', 'budget']).default('limit'),
  watts: watts('Most watts that may be granted there.'),
  from: moment.optional(),
  until: moment.optional(),
  cause: words(200, 'Why, for people.').default(''),
}).meta({ id: 'NewLimit', description: 'Without from, from now on; without until, for ever.' })

/** A year: nobody is asked for longer, and times stay exact. */
const SPAN_MOST = fromHours(366 * 24)

const span = (about: string) => z.int().min(0).max(SPAN_MOST).meta({ description: about })

export const curtailBody = z.strictObject({
  feeder: words(200, 'A feeder by name; without it, the first site.').default(''),
  at: moment.optional(),
  noticeMs: span('Without at: it holds so long from now.').default(0),
  forMs: span('How long it holds.').min(1),
  targetW: watts('What may be drawn.').optional(),
  cutRatio: z.number().min(0).max(1).meta({
    description: 'Share of the baseline that is cut; say this or targetW.' }).optional(),
  rampDownMs: span('How long before that the draw goes down in a line.').default(0),
  rampUpMs: span('How long the return takes.').default(0),
  baselineW: watts('What is cut from; without it, the late mean of the meter.').optional(),
  cause: words(200, 'Who asks and why.').default('curtailment'),
}).meta({ id: 'NewCurtailment', description: 'The grid asks for less. Say targetW or cutRatio.' })

export const limitParams = z.strictObject({
  limit: z.coerce.number<number | string>().int().min(0).max(1_000_000),
})

/** What the page says in a sentence: what keeps jobs waiting, and what comes next. */
export const outlookSchema = z.object({
  blocker: z.object({
    code: z.string(), sentence: z.string(), job: z.int(),
    jobs: z.int().meta({ description: 'How many of those looked at it keeps.' }),
    of: z.int().meta({ description: 'How many were looked at: the oldest.' }),
  }).nullable().meta({ description: 'What keeps most of the GPUs waiting; null: nothing waits.' }),
  paused: z.int().meta({ description: 'Jobs that wait for watts on their nodes.' }),
  end: z.object({ at: momentOrNull, job: z.int(), gpus: z.int() }).nullable()
    .meta({ description: 'The run that is expected to end first.' }),
  limit: z.object({
    at: momentOrNull, feeder: z.string(), kind: z.enum(LIMIT_KINDS), watts: z.number(),
    isStart: z.boolean(),
  }).nullable().meta({ description: 'The next limit that begins, or ends.' }),
}).meta({ id: 'Outlook' })

export const nodesPage = pageOf(nodeSchema, 'NodePage')
export const queuesPage = pageOf(queueSchema, 'QueuePage')
export const feedersPage = pageOf(feederSchema, 'FeederPage')
export const limitsPage = pageOf(limitSchema, 'LimitPage')
export const factoriesSchema = z.object({ items: z.array(factorySchema) })
  .meta({ id: 'Factories' })

export type Factory = z.infer<typeof factorySchema>
export type Node = z.infer<typeof nodeSchema>
export type Queue = z.infer<typeof queueSchema>
export type Feeder = z.infer<typeof feederSchema>
export type Outlook = z.infer<typeof outlookSchema>
export type Limit = z.infer<typeof limitSchema>
export type NodesQuery = z.input<typeof nodesQuery>
export type FeedersQuery = z.input<typeof feedersQuery>
export type NewLimit = z.input<typeof limitBody>
export type NewCurtailment = z.input<typeof curtailBody>
