import * as z from 'zod'
import { isFresh, UNCHANGED } from '../auth.ts'
import { factoryAt, factoryNamed, type Api, type Desk } from '../desk.ts'
import { versionOf } from '../factory.ts'
import { nowText } from '../moment.ts'
import { cursorOf, pageOfIds } from '../page.ts'
import { nodesNamed } from '../places.ts'
import { problemSchema, readQuery, writeQuery } from '../schema-part.ts'
import {
  factoriesSchema, factorySchema, nodesPage, nodesQuery, nodesSchema, queuesPage,
} from '../schema-plant.ts'
import { readOnly } from '../schema-job.ts'
import { factoryOf, nodeOf, queueOf, stateOf } from '../view-plant.ts'
import { carryOut } from '../write.ts'
import { written } from './jobs.ts'

const wrong = { '4xx': problemSchema, '5xx': problemSchema }

/** Factories, their nodes and their queues. */
export function plantRoutes(api: Api, desk: Desk): void {
  api.get('/v1/factories', {
    config: { role: 'viewer' },
    schema: { summary: 'Factories of this server', tags: ['factories'],
      querystring: z.strictObject({}), response: { 200: factoriesSchema, ...wrong } },
  }, async () => ({ items: [...desk.factories.values()].map(factoryOf) }))
  api.get('/v1/factories/:name', {
    config: { role: 'viewer' },
    schema: { summary: 'One factory', tags: ['factories'],
      params: z.strictObject({ name: z.string().max(63) }),
      querystring: z.strictObject({ at: readQuery.at }),
      response: { 200: factorySchema, ...wrong } },
  }, async (request) => factoryOf(await factoryAt(desk, {
    factory: request.params.name, at: request.query.at })))
  api.get('/v1/queues', {
    config: { role: 'viewer' },
    schema: { summary: 'Queues, with what they hold', tags: ['queues'], querystring: readOnly,
      response: { 200: queuesPage, ...wrong } },
  }, async (request, reply) => {
    const served = await factoryAt(desk, request.query)
    if (isFresh(request, reply, versionOf(served))) return reply.code(304).send(UNCHANGED)
    const state = served.controller.state()
    return {
      items: state.layout.plant.queues.map((_, queue) => queueOf(served, state, queue)),
      next: null, at: nowText(served.controller.clock),
    }
  })
  nodeRoutes(api, desk)
}

function nodeRoutes(api: Api, desk: Desk): void {
  api.get('/v1/nodes', {
    config: { role: 'viewer' },
    schema: { summary: 'Nodes, page by page', tags: ['nodes'], querystring: nodesQuery,
      response: { 200: nodesPage, ...wrong } },
  }, async (request, reply) => {
    const { query } = request
    const served = await factoryAt(desk, query)
    if (isFresh(request, reply, versionOf(served))) return reply.code(304).send(UNCHANGED)
    const state = served.controller.state()
    const { layout } = state
    const { first, end } = query.within === undefined ? { first: 0, end: layout.plant.nodes }
      : nodesNamed(layout, query.within)
    const from = Math.max(first, cursorOf(query.cursor, first - 1) + 1)
    const { ids, next } = pageOfIds(from, end, query.limit, (node) =>
      query.state === undefined || stateOf(state, node) === query.state)
    return { items: ids.map((node) => nodeOf(state, node)), next,
      at: nowText(served.controller.clock) }
  })
  for (const type of ['drain', 'resume'] as const) {
    api.post(`/v1/nodes/${type}`, {
      config: { role: 'operator' },
      schema: {
        summary: type === 'drain' ? 'Let nothing new start on nodes' : 'Let nodes serve again',
        tags: ['nodes'], querystring: z.strictObject(writeQuery), body: nodesSchema,
        response: written },
    }, async (request) => {
      const served = factoryNamed(desk, request.query)
      const { nodes, reason } = request.body
      const range = nodesNamed(served.controller.state().layout, nodes)
      return carryOut(request, served, { type: 'other', intent: { type, ...range, reason } })
    })
  }
}
