import * as z from 'zod'
import { fromHours } from '../base/units.ts'
import {
  momentOrNull, factoryQuery, pageOf, pageQuery, readQuery, wish, words,
} from './schema-part.ts'

/** What the server itself has: tokens, audit, events, and questions that take a while. */

/** From the least to the most: each may do what those before it may. */
export const ROLES = ['viewer', 'submitter', 'operator', 'admin'] as const
export type Role = (typeof ROLES)[number]

/** Names of tokens stand in the audit and own jobs, so they are plain. */
const plainName = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._@-]{0,62}$/)

const tokenSchema = z.object({
  id: z.string(),
  name: z.string(),
  role: z.enum(ROLES),
  account: z.string(),
  createdAt: z.string(),
  expiresAt: momentOrNull,
  lastUsedAt: momentOrNull,
}).meta({ id: 'Token' })

export const newTokenSchema = z.strictObject({
  name: plainName.meta({ description: 'Whose it is: letters, digits, ".", "_", "@" and "-".' }),
  role: z.enum(ROLES),
  account: z.string().regex(/^([a-z_][a-z0-9_-]{0,31})?$/).default('').meta({
    description: 'Account of the machine that its jobs run as, where the server is root.' }),
  lifeMs: z.int().min(1000).max(fromHours(10 * 366 * 24)).optional(),
}).meta({ id: 'NewToken' })

export const madeTokenSchema = z.object({
  ...tokenSchema.shape,
  token: z.string().meta({ description: 'Shown this once; only its hash is kept.' }),
}).meta({ id: 'MadeToken' })

export const tokensSchema = z.object({ items: z.array(tokenSchema) }).meta({ id: 'Tokens' })

export const tokenParams = z.strictObject({ id: z.string().regex(/^[A-Za-z0-9_-]{1,32}$/) })

export const signInSchema = z.strictObject({ token: z.string().max(200) }).meta({ id: 'SignIn' })

export const sessionSchema = z.object({
  name: z.string(), role: z.enum(ROLES), isSession: z.boolean(), expiresAt: momentOrNull,
}).meta({ id: 'Session' })

export const auditQuery = z.strictObject({
  ...pageQuery,
  of: z.enum(['factory', 'server']).default('factory').meta({
    description: 'Intents of a factory, or what was done to tokens and sessions.' }),
})

const auditRowSchema = z.object({
  id: z.int(), at: z.string(), who: z.string(), from: z.string(),
  intent: z.unknown(), answer: z.unknown(),
}).meta({ id: 'AuditRow' })

export const auditPage = pageOf(auditRowSchema, 'AuditPage')

export const eventsQuery = z.strictObject({
  ...factoryQuery,
  after: words(200, 'Id of the last event that was seen, as Last-Event-ID; FACTORY-0.0: all; '
    + 'submitted: those of the job since it came.')
    .optional(),
  types: words(1000, 'Only these types, with commas: job.started,job.ended or job.*.').optional(),
  job: z.coerce.number<number | string>().int().min(1).max(Number.MAX_SAFE_INTEGER).meta({
    description: 'Only events of this job.' }).optional(),
})

export const eventSchema = z.object({
  factory: z.string(), seq: z.int(), index: z.int(), at: z.string(), type: z.string(),
  number: z.int().nullable(),
  event: z.record(z.string(), z.unknown()).meta({ description: 'Its fields, names for rows.' }),
}).meta({ id: 'Event' })

export const whyQuery = z.strictObject({
  ...readQuery,
  expected: wish('true: also look ahead for when it may start, which takes seconds.'),
})

export const whySchema = z.record(z.string(), z.unknown()).meta({
  id: 'Why', description: 'docs/why.md explains each field.' })

/** As much as the command line allows; each change may cost a pass over the state. */
const CHANGES_MOST = 100

export const whatIfBody = z.strictObject({
  changes: z.array(words(1000, 'As `millrace whatif --help` lists them.')).min(1)
    .max(CHANGES_MOST),
  forMs: z.int().min(1000).max(fromHours(366 * 24)).default(fromHours(7 * 24)),
  seeds: z.int().min(1).max(20).default(3),
  seed: z.int().min(0).max(2_000_000_000).default(1),
  failures: z.boolean().default(true),
}).meta({ id: 'NewWhatIf' })

export const whatIfSchema = z.record(z.string(), z.unknown()).meta({
  id: 'WhatIf', description: 'docs/whatif.md explains each field.' })

export const startsQuery = z.strictObject({
  ...factoryQuery,
  forMs: z.coerce.number<number | string>().int().min(60_000).max(fromHours(30 * 24))
    .default(fromHours(3 * 24)).meta({ description: 'How far to look ahead.' }),
})

export const startsSchema = z.record(z.string(), z.unknown()).meta({
  id: 'Starts', description: 'In columns, by number of job: the earliest, the middle and the '
    + 'latest start of some futures, as times of the run; null: not within that time.' })

export const aheadQuery = z.strictObject({
  ...factoryQuery,
  feeder: words(200, 'Feeder by name; without it, the sites.').optional(),
  forMs: z.coerce.number<number | string>().int().min(60_000).max(fromHours(14 * 24))
    .default(fromHours(24)),
})

export const aheadSchema = z.record(z.string(), z.unknown()).meta({
  id: 'PowerAhead', description: 'The hours ahead at some feeders: docs/power.md.' })

export type Token = z.infer<typeof tokenSchema>
export type NewToken = z.input<typeof newTokenSchema>
export type MadeToken = z.infer<typeof madeTokenSchema>
export type Session = z.infer<typeof sessionSchema>
export type AuditRow = z.infer<typeof auditRowSchema>
export type AuditQuery = z.input<typeof auditQuery>
export type FactoryEvent = z.infer<typeof eventSchema>
export type EventsQuery = z.input<typeof eventsQuery>
export type NewWhatIf = z.input<typeof whatIfBody>
