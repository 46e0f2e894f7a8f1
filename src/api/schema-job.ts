import * as z from 'zod'
import { CHECKPOINT_SIGNALS, LEVELS, OUTCOMES, specSchema } from '../model/index.ts'
import {
  factoryQuery, moment, momentOrNull, pageOf, pageQuery, readQuery, wish, words, writeQuery,
} from './schema-part.ts'

/** Jobs as the interface shows and takes them. */

export const PHASES = ['pending', 'starting', 'running', 'paused', 'ended'] as const

const NUMBER_MOST = Number.MAX_SAFE_INTEGER

const jobSchema = z.object({
  number: z.int(),
  name: z.string().meta({ description: 'Its number where it was given no name.' }),
  queue: z.string(),
  phase: z.enum(PHASES).meta({ description: 'Paused jobs stay loaded on their nodes.' }),
  outcome: z.enum(OUTCOMES).nullable().meta({ description: 'Of a job that has ended.' }),
  owner: z.string().meta({ description: 'Who submitted it; empty for the jobs of a trace.' }),
  isHeld: z.boolean(),
  gpus: z.int(),
  nodes: z.int().meta({ description: 'As it asked; 0: as few as hold its GPUs.' }),
  cpusPerNode: z.int(),
  memoryPerNodeGiB: z.int(),
  device: z.string().meta({ description: 'Device type; empty for any.' }),
  level: z.enum(LEVELS).meta({ description: 'Largest domain that it may span.' }),
  class: z.string().meta({ description: 'Its class of work, for power.' }),
  priority: z.int(),
  limitMs: z.number().meta({ description: 'Declared run time; 0 where there is none.' }),
  leastSpeed: z.number(),
  worth: z.number(),
  array: z.int().meta({ description: 'Number of the first job of its array, or 0.' }),
  submittedAt: momentOrNull,
  startedAt: momentOrNull,
  expectedEndAt: momentOrNull,
  endedAt: momentOrNull,
  starts: z.int().meta({ description: 'How often it was started.' }),
  preemptions: z.int(),
  heldGpus: z.int().meta({ description: 'GPUs that it holds now.' }),
  pool: z.string().meta({ description: 'Where it runs; empty where it does not.' }),
  capW: z.int().nullable().meta({
    description: 'Cap of each of its devices where that is below their rating; 0: paused.' }),
  speed: z.number().meta({ description: 'Throughput under its cap, against that without.' }),
  grantW: z.number().meta({ description: 'What its devices are granted above idle; of a pending '
    + 'job, what they would be at their rating, in the first pool that it may use.' }),
  drawW: z.number().nullable().meta({ description: 'What they are expected to draw above idle; '
    + 'null where no power policy looks after draw.' }),
  reason: z.object({
    code: z.string(),
    need: z.number(),
    have: z.number(),
    unit: z.string(),
    at: z.string(),
    sentence: z.string(),
  }).nullable().meta({
    description: 'What binds a pending job first; null for others, or where it was not asked.' }),
}).meta({ id: 'Job' })

/** Environment is not shown: people keep secrets there. */
export const jobDetailSchema = z.object({
  ...jobSchema.shape,
  placement: z.array(z.object({
    first: z.int(), end: z.int(), from: z.string(), to: z.string(),
    devices: z.array(z.int()).nullable().meta({ description: 'Of each node; null: all.' }),
  })).meta({ description: 'Runs of nodes; a large gang\'s list is cut.' }),
  spec: z.object({
    command: z.array(z.string()), script: z.string(), directory: z.string(), output: z.string(),
    error: z.string(), variables: z.array(z.string()),
    checkpointSignal: z.enum(['', ...CHECKPOINT_SIGNALS]), graceMs: z.int(), pause: z.string(),
    account: z.string(),
  }).nullable().meta({ description: 'For its owner and for operators; null for others.' }),
  progress: z.object({
    pid: z.int(), upAt: momentOrNull, savedAt: momentOrNull, says: z.string(),
    logs: z.array(z.string()),
  }).nullable().meta({ description: 'What the engine knows of its run.' }),
}).meta({ id: 'JobDetail' })

const count = (most: number, about: string) => z.int().min(0).max(most).default(0)
  .meta({ description: about })

/** As the core takes them; it says so with the numbers of the factory where they are too large. */
const COUNT_MOST = 2_000_000_000
const LIMIT_MS_MOST = 10_000_000_000_000

export const submitSchema = z.strictObject({
  name: words(200, 'For people; without it, its number.').default(''),
  queue: words(63, 'Name of a queue; without it, the factory\'s first one.').default(''),
  gpus: count(COUNT_MOST, 'Devices of the whole gang; 0 for a job without.'),
  nodes: count(COUNT_MOST, 'Nodes of the gang; 0: as few as hold its GPUs.'),
  cpusPerNode: count(COUNT_MOST, 'Cores on each node; 0: the share that goes with its devices.'),
  memoryPerNodeGiB: count(COUNT_MOST, 'Memory on each node; 0: the share of its devices.'),
  device: words(63, 'Device type, such as H100; without it, any.').default(''),
  level: z.enum(['', ...LEVELS]).default('').meta({
    description: 'Largest domain that the gang may span; without it, the site.' }),
  priority: z.int().min(-COUNT_MOST).max(COUNT_MOST).default(0),
  limitMs: count(LIMIT_MS_MOST, 'How long it is expected to run, in ms; 0: not said.'),
  leastNodes: count(COUNT_MOST, 'Fewest nodes that it can run on; 0: it needs all.'),
  leastRunMs: count(LIMIT_MS_MOST, 'How long it runs before it may be preempted.'),
  deadlineAt: moment.optional(),
  isHero: z.boolean().default(false).meta({
    description: 'Nodes are kept free for it as they become so while it is first and blocked.' }),
  class: words(63, 'Class of work, for power; without it, the first.').default(''),
  speeds: words(1000, 'Throughput by device type, as H100=1,B200=2.1.').default(''),
  leastSpeed: z.number().min(0).max(1).default(0).meta({
    description: 'Share of its full throughput that it is promised; 0: it may be paused.' }),
  worth: z.number().gt(0).max(1_000_000).default(1).meta({
    description: 'What an hour of one of its devices is worth against that of others.' }),
  after: z.array(z.strictObject({
    number: z.int().min(1).max(NUMBER_MOST),
    on: z.enum(['completed', 'ended']).default('completed'),
  })).max(1000).default([]).meta({ description: 'Jobs that must end before it may start.' }),
  spec: specSchema.prefault({}).meta({ description: 'What is run, and how it is treated.' }),
}).meta({ id: 'Submission' })

export const requeueSchema = z.strictObject({
  reason: words(200, 'Why, for people.').default('requeued'),
}).meta({ id: 'Requeue' })

export const jobsQuery = z.strictObject({
  ...pageQuery,
  ...readQuery,
  queue: words(63, 'Only jobs of this queue.').optional(),
  phase: z.enum([...PHASES, 'placed']).meta({ description: 'Only jobs in this phase; placed: '
    + 'all that hold nodes, which start, run or are paused.' }).optional(),
  name: words(200, 'Only jobs of this name.').optional(),
  owner: words(63, 'Only jobs of this owner.').optional(),
  text: words(200, 'Only jobs with this in their name, or of this number.').optional(),
  order: z.enum(['oldest', 'newest']).default('oldest'),
  reasons: wish('true: say of each pending job what keeps it.'),
})

export const jobParams = z.strictObject({
  number: z.coerce.number<number | string>().int().min(1).max(NUMBER_MOST),
})

export const factoryOnly = z.strictObject(factoryQuery)
export const readOnly = z.strictObject(readQuery)
export const writeOnly = z.strictObject(writeQuery)

export const logsQuery = z.strictObject({
  ...factoryQuery,
  file: words(1000, 'One of the files that the answer lists; without it, the first.').optional(),
  from: z.coerce.number<number | string>().int().min(-1).max(NUMBER_MOST).default(0).meta({
    description: 'First byte; -1: the last of the file that an answer holds.' }),
  waitMs: z.coerce.number<number | string>().int().min(0).max(20_000).default(0).meta({
    description: 'How long to wait for more where there is none yet.' }),
})

export const logsSchema = z.object({
  files: z.array(z.string()),
  file: z.string(),
  from: z.int().meta({ description: 'First byte of the text.' }),
  next: z.int().meta({ description: 'Where to go on.' }),
  size: z.int(),
  text: z.string(),
  isOver: z.boolean().meta({ description: 'The job has ended and this is the end of the file.' }),
}).meta({ id: 'Logs' })

export const jobsPage = pageOf(jobSchema, 'JobPage')

export type Job = z.infer<typeof jobSchema>
export type JobDetail = z.infer<typeof jobDetailSchema>
export type JobPage = z.infer<typeof jobsPage>
export type Submission = z.input<typeof submitSchema>
export type Submitted = z.output<typeof submitSchema>
export type JobsQuery = z.input<typeof jobsQuery>
export type Logs = z.infer<typeof logsSchema>
