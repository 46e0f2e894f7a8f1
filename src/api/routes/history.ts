import { fromHours, fromSeconds } from '../../base/units.ts'
import { decisionsOf } from '../decisions.ts'
import { factoryAt, factoryNamed, type Api, type Desk } from '../desk.ts'
import type { Factory } from '../factory.ts'
import { marksOf } from '../marks.ts'
import { momentOf } from '../moment.ts'
import { feederOf } from '../places.ts'
import { factoryOnly } from '../schema-job.ts'
import {
  decisionsQuery, decisionsSchema, healthSchema, historyQuery, historySchema, jobsAheadQuery,
  jobsAheadSchema,
} from '../schema-history.ts'
import { problemSchema } from '../schema-part.ts'
import { marksQuery, marksSchema } from '../schema-marks.ts'
import { healthOf } from '../view-health.ts'
import { historyOf } from '../view-history.ts'

const wrong = { '4xx': problemSchema, '5xx': problemSchema }

/** Without a from it begins so long ago. */
const USUAL_MS = fromHours(12)

/** Pages ask again and again, and a look ahead may take seconds: one answer serves them all. */
const AHEAD_KEPT_MS = fromSeconds(10)

/** Sites and halls that are told one by one. */
const ROWS_MOST = 24

/** The recent past of power, decisions of a time, the hours ahead by job, and health. */
export function historyRoutes(api: Api, desk: Desk): void {
  api.get('/v1/history', {
    config: { role: 'viewer' },
    schema: { summary: 'Power at a feeder over the recent past', tags: ['power'],
      querystring: historyQuery, response: { 200: historySchema, ...wrong } },
  }, async (request) => {
    const { query } = request
    const served = await factoryAt(desk, query)
    const { clock } = served.controller
    const { plant } = served.controller.state().layout
    const feeder = query.feeder === undefined ? plant.sites[0]!.feeder
      : feederOf(plant, query.feeder)
    const untilMs = query.until === undefined ? clock.nowMs() : momentOf(clock, query.until)
    const fromMs = query.from === undefined ? untilMs - USUAL_MS : momentOf(clock, query.from)
    return historyOf(served, feeder, { fromMs, untilMs, points: query.points })
  })
  api.get('/v1/marks', {
    config: { role: 'viewer' },
    schema: { summary: 'Limits, events of the grid and failures over a time',
      tags: ['power', 'events'], querystring: marksQuery,
      response: { 200: marksSchema, ...wrong } },
  }, async (request) => {
    const { query } = request
    const served = factoryNamed(desk, query)
    const { clock } = served.controller
    // Also before the run began: the parts are of the time that was asked for.
    const runMs = (text: string) => Math.round(clock.runOf(Date.parse(text)))
    const fromMs = runMs(query.from)
    return marksOf(served, fromMs, Math.max(fromMs + 1, runMs(query.until)), query.parts)
  })
  api.get('/v1/decisions', {
    config: { role: 'viewer' },
    schema: { summary: 'What was decided in a time, from the journal', tags: ['events'],
      querystring: decisionsQuery, response: { 200: decisionsSchema, ...wrong } },
  }, async (request) => {
    const { query } = request
    const served = factoryNamed(desk, query)
    const { clock } = served.controller
    return decisionsOf(served, momentOf(clock, query.from), momentOf(clock, query.until))
  })
  api.get('/v1/health', {
    config: { role: 'viewer' },
    schema: { summary: 'How a factory is doing, and what to do about it', tags: ['factories'],
      querystring: factoryOnly, response: { 200: healthSchema, ...wrong } },
  }, async (request) => healthOf(factoryNamed(desk, request.query)))
  aheadRoute(api, desk)
}

function aheadRoute(api: Api, desk: Desk): void {
  const kept = new Map<string, { readonly text: Promise<string>, readonly atMs: number }>()
  const textOf = (served: Factory, forMs: number): Promise<string> => {
    const { controller } = served
    const key = `${controller.name}-${forMs}`
    const known = kept.get(key)
    if (known !== undefined && performance.now() - known.atMs < AHEAD_KEPT_MS) return known.text
    const text = desk.thinker.ask(controller,
      { type: 'jobs-ahead', feeders: rowsOf(served), forMs })
    kept.clear()
    kept.set(key, { text, atMs: performance.now() })
    text.catch(() => kept.delete(key))
    return text
  }
  api.get('/v1/jobs-ahead', {
    config: { role: 'viewer' },
    schema: { summary: 'Who runs where in the hours ahead', tags: ['power', 'jobs'],
      querystring: jobsAheadQuery, response: { 200: jobsAheadSchema, ...wrong } },
  }, async (request, reply) => {
    const text = await textOf(factoryNamed(desk, request.query), request.query.forMs)
    return reply.type('application/json').serializer((given: string) => given)
      .send(text as never) as never
  })
}

/** Feeders of sites, each followed by those of its halls. */
function rowsOf({ controller }: Factory): number[] {
  const { plant } = controller.state().layout
  const byName = new Map(plant.feeders.map(({ name }, feeder) => [name, feeder]))
  return plant.sites.flatMap(({ feeder, firstHall, endHall }) => [feeder,
    ...plant.halls.slice(firstHall, endHall).flatMap(({ name }) => byName.get(name) ?? [])
      .filter((hall) => hall !== feeder)]).slice(0, ROWS_MOST)
}
