// Shows that hourly files of prices, weather and demand are read, plain and gzipped, that what is
// missing stays missing, and that a bad row is said with its line.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { parseHourly, readHourly, seriesOf } from './series.ts'

const PRICES = 'utc,price_usd_per_mwh,temp_c,rh_pct\n2023-01-01T00:00Z,10.42,17.4,57\n'
  + '2023-01-01T01:00Z,-4.5,18.1,53\n2023-01-01T02:00Z,11.5,,\n'

test('columns by name, over a span of time', () => {
  const table = parse(PRICES, ['price_usd_per_mwh', 'temp_c'])
  assert.equal(table.startAtMs, Date.UTC(2023, 0, 1))
  assert.deepEqual([...table.columns['price_usd_per_mwh']!], [10.42, -4.5, 11.5])
  assert.ok(Number.isNaN(table.columns['temp_c']![2]))
  assert.deepEqual(seriesOf(table, 'price_usd_per_mwh').everyMs, 3_600_000)
  assert.throws(() => seriesOf(table, 'temp_c'), /temp_c has no value at 2023-01-01T02:00Z/)
})

test('gzip or not, and only the hours that are asked for', () => {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-series-'))
  try {
    const path = join(folder, 'a.csv.gz')
    writeFileSync(path, gzipSync('date_time,raw demand (MW),category,cleaned demand (MW)\n'
      + '2022-12-31 23:00:00,5,OKAY,5\n2023-01-01 00:00:00,6,OKAY,6\n'
      + '2023-01-01 02:00:00,8,OKAY,8\n'))
    const { hours, columns } = readHourly(path, { columns: ['cleaned demand (MW)'],
      from: '2023-01-01', until: '2024-01-01' })
    assert.equal(hours, 3)
    assert.deepEqual([...columns['cleaned demand (MW)']!], [6, NaN, 8])
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test('a bad row is said with its line and what would do', () => {
  const head = 'utc,price\n'
  const cases: readonly (readonly [string, RegExp])[] = [
    ['2023-01-01T00:00Z,ten', /a\.csv:2: price is "ten"; a number would do/],
    ['01.02.2023,1', /a\.csv:2: "01\.02\.2023" is no moment in UTC/],
    ['2023-02-31T25:00Z,1', /is no moment in UTC/],
    ['2023-01-01T00:00Z', /a\.csv:2: the row has 1 fields, its header has 2 \(utc, price\)/],
    ['2023-01-01T01:00Z,1\n2023-01-01T01:00Z,2', /a\.csv:3: .* is not after the row before it/],
    ['2023-01-01T01:00Z,1\n2023-01-01T01:30Z,2', /is no whole hour after the first row/],
    ['1023-01-01T01:00Z,1\n2023-01-01T01:00Z,2', /span \d+ hours/],
    ['', /no row lies in the span/],
  ]
  for (const [rows, message] of cases) assert.throws(() => parse(head + rows, ['price']), message)
  assert.throws(() => parse(`${head}2023-01-01T00:00Z,1`, ['cost']), /no column "cost".*has price/)
})

function parse(text: string, columns: readonly string[]) {
  return parseHourly(text, 'a.csv', { columns })
}
