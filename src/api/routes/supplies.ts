import { formatCount } from '../../base/units.ts'
import type { Plant } from '../../model/index.ts'
import { isFresh, UNCHANGED } from '../auth.ts'
import { factoryAt, factoryNamed, type Api, type Desk } from '../desk.ts'
import { versionOf } from '../factory.ts'
import { nowText } from '../moment.ts'
import { ProblemError } from '../problem.ts'
import { readOnly, writeOnly } from '../schema-job.ts'
import { problemSchema } from '../schema-part.ts'
import { loseBody, siteSuppliesPage } from '../schema-supply.ts'
import { siteSuppliesOf } from '../view-supply.ts'
import { carryOut } from '../write.ts'
import { written } from './jobs.ts'

const wrong = { '4xx': problemSchema, '5xx': problemSchema }

/** What gives the sites their watts, and the trial of losing some of it. */
export function supplyRoutes(api: Api, desk: Desk): void {
  api.get('/v1/supplies', {
    config: { role: 'viewer' },
    schema: { summary: 'Supplies of the sites that name some', tags: ['power'],
      querystring: readOnly, response: { 200: siteSuppliesPage, ...wrong } },
  }, async (request, reply) => {
    const served = await factoryAt(desk, request.query)
    if (isFresh(request, reply, versionOf(served))) return reply.code(304).send(UNCHANGED)
    const { clock } = served.controller
    const state = served.controller.state()
    const items = state.layout.plant.sites.flatMap((_, site) =>
      siteSuppliesOf(state, site, clock) ?? [])
    return { items, next: null, at: nowText(clock) }
  })
  api.post('/v1/supplies/lose', {
    config: { role: 'operator' },
    schema: { summary: 'Lose units of a supply of the twin for a while', tags: ['power'],
      querystring: writeOnly, body: loseBody, response: written },
  }, async (request) => {
    const served = factoryNamed(desk, request.query)
    const { controller } = served
    const { plant } = controller.state().layout
    const { forMs } = request.body
    const { site, supply, most } = placeOf(plant, request.body.site, request.body.supply)
    const untilMs = Math.floor(controller.clock.nowMs()) + forMs
    return carryOut(request, served, { type: 'other', intent: {
      type: 'lose-supply', site, supply, units: request.body.units ?? most, untilMs } })
  })
}

function placeOf({ sites }: Plant, siteName: string, supplyName: string) {
  const site = siteName === '' ? 0 : sites.findIndex(({ name }) => name === siteName)
  const supplies = sites[site]?.supplies ?? []
  const supply = supplies.findIndex(({ name }) => name === supplyName)
  const one = supplies[supply]
  if (one !== undefined) return { site, supply, most: 'units' in one ? one.units : 1 }
  const names = supplies.map(({ name }) => name).join(', ')
  throw new ProblemError('no-such-supply', site < 0
    ? `There is no site ${siteName} among ${formatCount(sites.length)}.`
    : `${sites[site]!.name} has no supply ${supplyName}; it has ${names === '' ? 'none' : names}.`)
}
