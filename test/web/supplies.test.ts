// What the page draws of a site's supplies: past and forecast on one axis with a joint, nothing
// where there are none, and only the kinds that a site has.
import { deepEqual, equal } from 'node:assert/strict'
import { test } from 'node:test'
import type { PowerHistory } from '../../src/api/client.ts'
import { valueAt } from '../../web/src/power/course.ts'
import { partsOf, supplyCourseOf } from '../../web/src/power/supplies.ts'

const START_MS = Date.parse('2026-03-01T00:00:00Z')
const MINUTE_MS = 60_000

function history(storedMWh: readonly number[] | null): PowerHistory {
  const values = storedMWh ?? [0]
  const all = (value: number) => values.map(() => value)
  return {
    at: new Date(START_MS + values.length * MINUTE_MS).toISOString(),
    stateAt: '', feeder: 'site', path: [], isPowered: true,
    samples: {
      at: values.map((_, at) => new Date(START_MS + at * MINUTE_MS).toISOString()),
      limitW: all(100), targetW: all(0), grantW: all(90), floorW: all(50),
      drawW: all(70), sdW: all(3), meterW: all(70), gpusPerMW: all(0),
      supplied: storedMWh === null ? null : { gridW: all(40), generatorsW: all(0), solarW: all(0),
        batteryW: all(30), unservedW: all(0), storedMWh: [...storedMWh] },
    },
    limits: [], binding: [], supplied: null, ramps: { riseWPerMin: null, fallWPerMin: null },
    supplies: [{ name: 'grid', type: 'grid', mostW: 100, energyJ: null },
      { name: 'store', type: 'battery', mostW: 50, energyJ: 3.6e9 }],
  }
}

test('the charge goes on ahead from where it is now', () => {
  const moment = (minute: number, storedMWh: number) => ({
    atMs: minute * MINUTE_MS, limitW: 100, targetW: null, grantW: 80, drawW: 70, drawSdW: 1,
    floorW: 50, gpusPerMW: 5, supplied: { gridW: 45, generatorsW: 0, solarW: 0, batteryW: 25,
      storedMWh } })
  const course = supplyCourseOf(history([0.9, 0.8]), { epochMs: START_MS, stepMs: MINUTE_MS,
    feeders: [{ moments: [moment(1, 0.85), moment(3, 0.6)] }] })!
  equal(course.firstAhead, 2)
  deepEqual(course.past.storedMWh, [0.9, 0.8, null])
  deepEqual(course.ahead.storedMWh, [null, 0.8, 0.6])
  deepEqual(course.atS.map((each) => each - START_MS / 1000), [0, 60, 180])
  deepEqual([0, 2].map((at) => valueAt(course, 'gridW', at)), [40, 45])
})

test('without supplies there is nothing to draw, and only kinds that are there have lines', () => {
  equal(supplyCourseOf(history(null), undefined), undefined)
  deepEqual(partsOf(history([1])), ['gridW', 'batteryW'])
})
