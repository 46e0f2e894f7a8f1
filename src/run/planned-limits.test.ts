// Shows that a factory file's limits over time are told when it says, and again where they come
// again; and that mistakes are said with their place.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { loadCatalogue } from '../catalog/catalogue.ts'
import { resolvePlant } from '../catalog/plant.ts'
import { factorySchema } from '../model/schema.ts'
import { PlannedLimits } from './planned-limits.ts'

const HOUR_MS = 3_600_000

function plantOf(limits: readonly object[]) {
  const document = factorySchema.parse({
    name: 'small', sites: [{ name: 'north', racks: [{ system: 'dgx-h100', nodes: 4 }] }], limits,
  })
  return resolvePlant(document, loadCatalogue())
}

test('one that comes each day is announced a day ahead, one without times at once', () => {
  const { plant, problems } = plantOf([
    { feeder: 'north', limit: '30 kW', at: '18h', for: '3h', every: '1d', notice: '2h' },
    { feeder: 'hall1', budget: '35 kW', cause: 'lease' },
  ])
  assert.deepEqual(problems, [])
  const intents = new PlannedLimits(plant!.limits)
  const told: string[] = []
  for (let count = 0; count < 4; count++) {
    const atMs = intents.peekAtMs()
    const intent = intents.next()
    assert.ok(intent.type === 'limit')
    const { kind, startAtMs, endAtMs } = intent.course
    const until = endAtMs > 1e9 ? 'ever' : `${endAtMs / HOUR_MS} h`
    told.push(`${atMs / HOUR_MS} h: ${kind} from ${startAtMs / HOUR_MS} h to ${until}`)
  }
  assert.deepEqual(told, [
    '0 h: budget from 0 h to ever', '16 h: limit from 18 h to 21 h',
    '40 h: limit from 42 h to 45 h', '64 h: limit from 66 h to 69 h',
  ])
  assert.equal(intents.isOpen(), false)
})

test('mistakes are said with their place, and what would do', () => {
  const { problems } = plantOf([
    { feeder: 'nort', limit: '30 kW' },
    { feeder: 'north', limit: '1 kW' },
    { feeder: 'north', limit: '30 kW', budget: '30 kW' },
    { feeder: 'north', limit: '30 kW', at: '1h', every: '2h' },
    { feeder: 'north', limit: '30 kW', at: '1h', for: '3h', every: '2h' },
  ])
  assert.deepEqual(problems.map(({ path, message }) => `${path.join('.')}: ${message}`), [
    'limits.0.feeder: there is no feeder "nort"; there are north, hall1, hall1/row01, '
      + 'hall1/row01/rack01; did you mean "north"?',
    'limits.1.limit: 1 kW at north is below what it draws with no job running, 20.7 kW; that or '
      + 'more would do',
    'limits.2: say either limit or budget',
    'limits.3.every: a limit that comes again has an end; say how long it holds with for',
    'limits.4.every: it holds for 3h, so it comes again before it is over; a longer every or a '
      + 'shorter for would do',
  ])
})
