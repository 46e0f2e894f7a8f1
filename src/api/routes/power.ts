import { isFresh, UNCHANGED } from '../auth.ts'
import { factoryAt, factoryNamed, type Api, type Desk } from '../desk.ts'
import { versionOf, type Factory } from '../factory.ts'
import { courseOf, curtailmentOf } from '../limits.ts'
import { nowText } from '../moment.ts'
import { cursorOf, pageOfIds } from '../page.ts'
import { feederOf as feederNamed } from '../places.ts'
import { problemSchema } from '../schema-part.ts'
import {
  curtailBody, feedersPage, feedersQuery, limitBody, limitParams, limitsPage,
} from '../schema-plant.ts'
import { readOnly, writeOnly } from '../schema-job.ts'
import { feederOf, isLimit, limitOf } from '../view-plant.ts'
import { carryOut } from '../write.ts'
import { written } from './jobs.ts'
import { supplyRoutes } from './supplies.ts'

const wrong = { '4xx': problemSchema, '5xx': problemSchema }

/** Feeders, limits over time, and events of the grid. */
export function powerRoutes(api: Api, desk: Desk): void {
  api.get('/v1/feeders', {
    config: { role: 'viewer' },
    schema: { summary: 'Feeders of the power tree, page by page', tags: ['power'],
      querystring: feedersQuery, response: { 200: feedersPage, ...wrong } },
  }, async (request, reply) => {
    const { query } = request
    const served = await factoryAt(desk, query)
    if (isFresh(request, reply, versionOf(served))) return reply.code(304).send(UNCHANGED)
    const state = served.controller.state()
    const { feederParent, plant } = state.layout
    const top = query.within === undefined ? -1 : feederNamed(plant, query.within)
    const from = Math.max(0, cursorOf(query.cursor, top - 1) + 1)
    const { ids, next } = pageOfIds(from, plant.feeders.length, query.limit,
      (feeder) => isBelow(feederParent, feeder, top, query.depth))
    const { clock } = served.controller
    return { items: ids.map((feeder) => feederOf(state, feeder, clock)), next, at: nowText(clock) }
  })
  limitRoutes(api, desk)
  curtailRoutes(api, desk)
  supplyRoutes(api, desk)
}

/** Whether a feeder is another or so far below it; -1 stands for what is above roots. O(depth). */
function isBelow(parent: Int32Array, feeder: number, top: number, depth = Infinity): boolean {
  let levels = 0
  for (let at = feeder; at >= 0; at = parent[at]!, levels++) if (at === top) return levels <= depth
  return top < 0 && levels - 1 <= depth
}

function limitRoutes(api: Api, desk: Desk): void {
  api.get('/v1/limits', {
    config: { role: 'viewer' },
    schema: { summary: 'Limits, budgets and targets over time', tags: ['power'],
      querystring: readOnly, response: { 200: limitsPage, ...wrong } },
  }, async (request, reply) => {
    const served = await factoryAt(desk, request.query)
    if (isFresh(request, reply, versionOf(served))) return reply.code(304).send(UNCHANGED)
    return limitsOf(served, () => true)
  })
  api.post('/v1/limits', {
    config: { role: 'operator' },
    schema: { summary: 'Limit what may be granted at a feeder for a while', tags: ['power'],
      querystring: writeOnly, body: limitBody, response: written },
  }, async (request) => {
    const served = factoryNamed(desk, request.query)
    const course = courseOf(served.controller, request.body)
    return carryOut(request, served, { type: 'other', intent: { type: 'limit', course } })
  })
  for (const url of ['/v1/limits/:limit', '/v1/curtailments/:limit']) {
    api.delete(url, {
      config: { role: 'operator' },
      schema: { summary: 'Take a limit or an event back', tags: ['power'], params: limitParams,
        querystring: writeOnly, response: written },
    }, async (request) => carryOut(request, factoryNamed(desk, request.query),
      { type: 'other', intent: { type: 'clear-limit', limit: request.params.limit } }))
  }
}

function curtailRoutes(api: Api, desk: Desk): void {
  api.get('/v1/curtailments', {
    config: { role: 'viewer' },
    schema: { summary: 'What the grid asks for', tags: ['power'], querystring: readOnly,
      response: { 200: limitsPage, ...wrong } },
  }, async (request, reply) => {
    const served = await factoryAt(desk, request.query)
    if (isFresh(request, reply, versionOf(served))) return reply.code(304).send(UNCHANGED)
    return limitsOf(served, (kind) => kind === 'target')
  })
  api.post('/v1/curtailments', {
    config: { role: 'operator' },
    schema: { summary: 'Draw less for a while', tags: ['power'], querystring: writeOnly,
      body: curtailBody, response: written },
  }, async (request) => {
    const served = factoryNamed(desk, request.query)
    const curtailment = curtailmentOf(served.controller, request.body)
    return carryOut(request, served, { type: 'curtail', curtailment })
  })
}

function limitsOf(served: Factory, isShown: (kind: string) => boolean) {
  const state = served.controller.state()
  const { ids } = pageOfIds(0, state.totals.limitRows, Infinity, (row) => isLimit(state, row))
  const items = ids.map((row) => limitOf(served, state, row)).filter(({ kind }) => isShown(kind))
  return { items, next: null, at: nowText(served.controller.clock) }
}
