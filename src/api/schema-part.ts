import * as z from 'zod'

/** Parts that several resources are made of. */

/** Moments are RFC 3339 texts, by the factory's clock. */
export const moment = z.iso.datetime({ offset: true }).meta({
  description: 'A moment of the factory\'s clock (RFC 3339).', examples: ['2026-03-01T18:00:00Z'],
})

/** Absent moments are null, so that a reader need not guess which number means never. */
export const momentOrNull = z.string().nullable().meta({
  description: 'A moment of the factory\'s clock (RFC 3339), or null where there is none.' })

export const watts = (about: string) => z.int().min(0).max(1e12).meta({ description: about })

/**
 * Texts for people: without control characters, marks that turn the direction of writing and
 * halves of characters, which play tricks with terminals, logs and pages.
 */
export const words = (most: number, about: string) =>
  z.string().max(most).regex(/^[^\p{Cc}\p{Cs}\u2028-\u202e\u2066-\u2069]*$/u)
    .meta({ description: about })

const flag = (about: string) => z.enum(['true', 'false']).default('false')
  .meta({ description: about })

/** What every route about a factory takes. */
export const factoryQuery = {
  factory: words(63, 'Name of the factory; without it, the server\'s default one.').optional(),
}

/** What reads of a factory take that can be asked for another time. */
export const readQuery = {
  ...factoryQuery,
  at: moment.meta({ description: 'The moment to show: what was then, by the journal, or what may '
    + 'be then, by one look ahead; without it, now.' }).optional(),
}

/** What every write takes besides. */
export const writeQuery = {
  ...factoryQuery,
  dryRun: flag('true: nothing changes; the answer says what would happen.'),
}

export const wish = (about: string) => flag(about)

const PAGE_MOST = 1000

export const pageQuery = {
  ...factoryQuery,
  limit: z.coerce.number<number | string>().int().min(1).max(PAGE_MOST).default(100).meta({
    description: 'Most entries of a page.' }),
  cursor: words(64, 'Where the last page ended: its `next`.').optional(),
}

/** A page of entries; `next` leads to the following one, null at the last. */
export function pageOf<Item extends z.ZodType>(item: Item, id: string) {
  return z.object({
    items: z.array(item),
    next: z.string().nullable().meta({ description: 'Cursor of the next page; null: the last.' }),
    at: z.string().meta({ description: 'The factory\'s clock when this was read.' }),
  }).meta({ id })
}

/** Every answer that is not a success, as RFC 9457 has it. */
export const problemSchema = z.object({
  type: z.string().meta({ description: 'urn:millrace:problem: and the code.' }),
  title: z.string(),
  status: z.int(),
  detail: z.string().meta({ description: 'What happened, in one sentence with the numbers.' }),
  code: z.string().meta({ description: 'For programs: a code is never renamed.' }),
  need: z.string().meta({ description: 'What it would take.' }).optional(),
  have: z.string().meta({ description: 'What there is.' }).optional(),
  remedy: z.string().meta({ description: 'What to do.' }),
  instance: z.string().meta({ description: 'Id of the request, as it is in the log.' }),
  errors: z.array(z.object({
    place: z.string().meta({ description: 'Where: body.gpus, query.limit, path.number.' }),
    value: z.string().meta({ description: 'What was found there, shortened.' }),
    limit: z.string().meta({ description: 'What would do.' }),
    remedy: z.string(),
  })).meta({ description: 'Of a request that is not as it should be: each place.' }).optional(),
}).meta({ id: 'Problem' })

export type Problem = z.infer<typeof problemSchema>

/** What was done, once it is durable. */
export const doneSchema = z.object({
  factory: z.string(),
  seq: z.int().meta({ description: 'Block of the journal that holds it.' }),
  event: z.string().meta({ description: 'Type of the event that makes it so.' }),
  number: z.int().nullable().meta({ description: 'Number of the job that it is about.' }),
  limit: z.int().nullable().meta({ description: 'Id of the limit or curtailment it is about.' }),
}).meta({ id: 'Done' })

/** What would be done, and what would follow in the same turn. */
export const dryRunSchema = z.object({
  factory: z.string(),
  dryRun: z.literal(true),
  event: z.string(),
  number: z.int().nullable().meta({ description: 'Number of the job that it is about.' }),
  starts: z.array(z.int()).meta({ description: 'Jobs that would start at once.' }),
  stops: z.array(z.int()).meta({ description: 'Jobs that would stop at once.' }),
}).meta({ id: 'DryRun' })

export type Done = z.infer<typeof doneSchema>
export type DryRun = z.infer<typeof dryRunSchema>
