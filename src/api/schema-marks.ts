import * as z from 'zod'
import { LIMIT_KINDS } from '../model/index.ts'
import { factoryQuery, moment, momentOrNull } from './schema-part.ts'

/** What a bar of time is marked with: limits of all feeders, and nodes that went down. */

const PARTS_MOST = 500

export const marksQuery = z.strictObject({
  ...factoryQuery,
  from: moment,
  until: moment,
  parts: z.coerce.number<number | string>().int().min(1).max(PARTS_MOST).default(120).meta({
    description: 'Parts of the time by which nodes that went down are counted.' }),
})

export const marksSchema = z.object({
  at: z.string(),
  limits: z.array(z.object({
    limit: z.int(), feeder: z.string(), kind: z.enum(LIMIT_KINDS), watts: z.number(),
    cause: z.string(),
    startAt: momentOrNull, endAt: momentOrNull.meta({
      description: 'When it ends or was taken back; null: for ever.' }),
  })).meta({ description: 'Limits, budgets and events of the grid that hold in it, in order.' }),
  wentDown: z.array(z.int()).meta({
    description: 'Nodes that went down in each part of the time, as far as the server knows.' }),
}).meta({ id: 'Marks' })

export type Marks = z.infer<typeof marksSchema>
