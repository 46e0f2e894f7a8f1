// Moments as people write them, read in their zone and said back with it, also where clocks change.
import { deepEqual, equal, throws } from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { readWhen, shownSoon, shownWhen } from './when.ts'

const zone = process.env['TZ']

describe('in Berlin', () => {
  before(() => { process.env['TZ'] = 'Europe/Berlin' })
  after(() => {
    if (zone === undefined) delete process.env['TZ']
    else process.env['TZ'] = zone
  })
  const at = (text: string) => Date.parse(text)
  // A Tuesday in winter, five in the afternoon there.
  const now = at('2026-11-24T16:00:00Z')

  test('a time of day is the next one, a date is in the zone, a span is from now', () => {
    const cases: readonly (readonly [string, string])[] = [
      ['18:00', '2026-11-24T17:00:00Z'],
      ['17:00', '2026-11-25T16:00:00Z'],
      ['9:30', '2026-11-25T08:30:00Z'],
      ['2026-12-01T06:15', '2026-12-01T05:15:00Z'],
      ['2026-12-01', '2026-11-30T23:00:00Z'],
      ['2026-12-01T06:15Z', '2026-12-01T06:15:00Z'],
      ['2026-12-01T06:15:30-08:00', '2026-12-01T14:15:30Z'],
      ['+2h30m', '2026-11-24T18:30:00Z'],
      ['now', '2026-11-24T16:00:00Z'],
    ]
    for (const [text, expected] of cases) equal(readWhen('--from', text, now), at(expected), text)
  })

  test('on the night when clocks go back, noon is still noon', () => {
    equal(readWhen('--at', '12:00', at('2026-10-24T18:00:00Z')), at('2026-10-25T11:00:00Z'))
  })

  test('what is no time is refused with the flag and the forms', () => {
    for (const text of ['', '25:00', '6pm', '2026-02-30', '-2h', '2026-13-01T00:00', '+2 apples']) {
      throws(() => readWhen('--from', text, now), /^InputError: --from .*18:00/)
    }
  })

  test('it is said back with zone, and year where that is another', () => {
    deepEqual([
      shownWhen(at('2026-11-24T17:00:00Z'), now), shownWhen(at('2027-07-01T10:00:00Z'), now),
      shownSoon(at('2026-11-24T18:00:00Z'), now), shownSoon(at('2026-11-24T15:00:00Z'), now),
    ], [
      'Tue 24 Nov 18:00 CET', 'Thu 1 Jul 2027 12:00 CEST', 'Tue 24 Nov 19:00 CET (in 2 h)',
      'Tue 24 Nov 16:00 CET (1 h ago)',
    ].map((text) => text.replace('CEST', 'CEST')))
  })
})
