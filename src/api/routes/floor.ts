import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import * as z from 'zod'
import { isFresh, secureHeaders, UNCHANGED } from '../auth.ts'
import { factoryAt, factoryNamed, type Api, type Desk } from '../desk.ts'
import { bytesOf } from '../floor-bytes.ts'
import { floorPlant } from '../floor-plant.ts'
import { floorOf, LENSES, type Lens } from '../floor-values.ts'
import { outlookOf } from '../outlook.ts'
import { outlookSchema } from '../schema-plant.ts'
import { factoryOnly, readOnly } from '../schema-job.ts'
import { factoryQuery, problemSchema, readQuery } from '../schema-part.ts'
import { Watch } from '../watch.ts'
import { versionOf, type Factory } from '../factory.ts'

const wrong = { '4xx': problemSchema, '5xx': problemSchema }

const lensField = z.enum(LENSES).default('phase')
  .meta({ description: 'What devices are coloured by.' })
const lensQuery = z.strictObject({ ...factoryQuery, lens: lensField })
const floorQuery = z.strictObject({ ...readQuery, lens: lensField })

const zip = promisify(gzip)

/** What the page draws its floor from: the building, a value for each device, and what changes. */
export function floorRoutes(api: Api, desk: Desk): void {
  const watches = new Map<Factory, Watch>()
  const watchOf = (factory: Factory): Watch => {
    const known = watches.get(factory) ?? new Watch(factory)
    watches.set(factory, known)
    return known
  }
  api.addHook('onClose', async () => { for (const watch of watches.values()) watch.close() })
  api.get('/v1/plant', {
    config: { role: 'viewer' },
    schema: { summary: 'The building, for the page', tags: ['floor'], querystring: factoryOnly,
      response: { 200: z.record(z.string(), z.unknown()), ...wrong } },
  }, async (request, reply) => {
    const { controller } = factoryNamed(desk, request.query)
    if (isFresh(request, reply, `plant-${controller.store.opened.header.catalogue}`)) {
      return reply.code(304).send(UNCHANGED)
    }
    return floorPlant(controller.state().layout.plant)
  })
  api.get('/v1/floor', {
    config: { role: 'viewer' },
    schema: {
      summary: 'A value for each device, as runs: count and value, seven bits a byte',
      tags: ['floor'], querystring: floorQuery, response: { 200: z.any(), ...wrong },
    },
  }, async (request, reply) => {
    const { query } = request
    const served = await factoryAt(desk, query)
    const { version, runs } = served.atMs === undefined ? watchOf(served).floor(query.lens)
      : { version: versionOf(served), runs: floorOf(served.controller.state(), query.lens) }
    if (isFresh(request, reply, version)) return reply.code(304).send(UNCHANGED)
    const bytes = await zip(bytesOf(runs))
    void reply.headers({
      'content-type': 'application/octet-stream', 'content-encoding': 'gzip',
      'millrace-version': version,
    })
    return reply.send(bytes)
  })
  outlookRoute(api, desk)
  watchRoute(api, desk, watchOf)
}

function outlookRoute(api: Api, desk: Desk): void {
  api.get('/v1/outlook', {
    config: { role: 'viewer' },
    schema: { summary: 'What limits a factory, and what comes next', tags: ['floor'],
      querystring: readOnly, response: { 200: outlookSchema, ...wrong } },
  }, async (request, reply) => {
    const served = await factoryAt(desk, request.query)
    if (isFresh(request, reply, versionOf(served))) return reply.code(304).send(UNCHANGED)
    const { controller } = served
    return outlookOf(controller.state(), controller.clock)
  })
}

function watchRoute(api: Api, desk: Desk, watchOf: (factory: Factory) => Watch): void {
  api.get('/v1/watch', {
    config: { role: 'viewer' },
    schema: { summary: 'What changes, once a second, for the page', tags: ['floor'],
      querystring: lensQuery, response: { 200: z.any(), ...wrong } },
  }, (request, reply) => {
    const watch = watchOf(factoryNamed(desk, request.query))
    const lens: Lens = request.query.lens
    reply.hijack()
    reply.raw.writeHead(200, {
      ...secureHeaders(request.id), 'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store', connection: 'keep-alive',
    })
    watch.add(reply.raw, lens)
  })
}
