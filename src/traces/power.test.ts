// Shows which power files are read, times and units by the names of their columns, and that what
// is wrong in one is told with its line and what would do.
import { deepEqual, equal, rejects } from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { readPower, type PowerChoice } from './power.ts'

const folder = mkdtempSync(join(tmpdir(), 'millrace-power-'))
after(() => rmSync(folder, { recursive: true, force: true }))

let files = 0
function read(text: string, choice: PowerChoice = {}, isPacked = false) {
  const path = join(folder, `p${files++}.csv`)
  writeFileSync(path, isPacked ? gzipSync(text) : text)
  return readPower(path, choice)
}

const rowsOf = async (text: string, choice?: PowerChoice, isPacked?: boolean) => {
  const { trace } = await read(text, choice, isPacked)
  return [[...trace.atMs], [...trace.powerW]]
}

test('times by their unit, their size or their zone', async () => {
  const at = async (head: string, ...times: string[]) =>
    (await rowsOf(`${head},power_w\n${times.map((time) => `${time},1\n`).join('')}`))[0]
  deepEqual(await at('time_ms', '0', '10'), [0, 10])
  deepEqual(await at('time_s', '0', '2.5'), [0, 2500])
  deepEqual(await at('Time (s)', '1', '2'), [1000, 2000])
  deepEqual(await at('at_s', '1', '2'), [1000, 2000])
  deepEqual(await at('time', '0', '2'), [0, 2000])
  deepEqual(await at('timestamp', '1715341080', '1715341082'), [1715341080000, 1715341082000])
  deepEqual(await at('timestamp', '1715341080337', '1715341082342'), [1715341080337, 1715341082342])
  deepEqual(await at('timestamp', '2025-05-04 14:40:00-07:00', '2025-05-04T21:41:00Z'),
    [1746394800000, 1746394860000])
})

test('power by the unit at the end of its name', async () => {
  const watts = async (name: string, choice?: PowerChoice) =>
    (await rowsOf(`time_s,${name}\n0,2\n1,3\n`, choice))[1]
  deepEqual(await watts('power_w'), [2, 3])
  deepEqual(await watts('power_kw'), [2000, 3000])
  deepEqual(await watts('Site load (MW)'), [2e6, 3e6])
  deepEqual(await watts('total'), [2, 3])
  deepEqual(await watts('x', { column: 'x' }), [2, 3])
  const { column, unit } = await read('time_s,site_w,grid_w\n0,9,2\n1,9,3\n')
  deepEqual([column, unit], ['grid_w', 'W'])
  deepEqual(await rowsOf('time_s,mw\n0,2\n1,3\n', {}, true), [[0, 1000], [2e6, 3e6]])
})

test('voltage and frequency come along', async () => {
  const { trace } = await read('time_s,power_w,voltage_pu,frequency_hz\n0,1,0.9,60\n1,1,1,59.9\n')
  deepEqual([[...trace.voltagePu!], [...trace.frequencyHz!]], [[0.9, 1], [60, 59.9]])
})

test('nodes of one run are summed over the time that all have', async () => {
  const text = 'run,node,time_ms,power_w\na,0,0,100\na,0,2000,300\na,0,4000,300\n'
    + 'a,1,1000,10\na,1,5000,50\nb,0,0,7\nb,0,1000,8\n'
  deepEqual(await rowsOf(text, { run: 'a' }), [[2000, 4000], [320, 340]])
  deepEqual(await rowsOf(text, { run: 'b' }), [[0, 1000], [7, 8]])
  await rejects(read(text), /it holds 2 runs; choose one with --run: a, b$/)
  await rejects(read(text, { run: 'c' }), /it has no run "c"; there are a, b$/)
})

test('of two readings at one time the later counts', async () => {
  deepEqual(await rowsOf('time_s,power_w\n0,1\n1,2\n1,3\n'), [[0, 1000], [1, 3]])
})

test('what is wrong is told with its line and what would do', async () => {
  const cases: readonly (readonly [text: string, message: RegExp, choice?: PowerChoice])[] = [
    ['when,power_w\n0,1\n', /csv:1: no column looks like a time; found "when,power_w", needed/],
    ['time,watt hours\n0,1\n', /csv:1: no column looks like a power; found "time,watt hours"/],
    ['time,site_w,load_w\n0,1,1\n', /csv:1: several columns may be the power: site_w, load_w; ch/],
    ['time,a\n0,1\n', /csv:1: there is no column "b"; the file has time, a$/, { column: 'b' }],
    ['time,power_w\n0,1\n1,n/a\n', /csv:3: power_w is "n\/a"; write a number such as 1250\.5$/],
    ['time,power_w\n0,1\n1,\n', /csv:3: power_w is empty; write a number/],
    ['time,power_w\n5,1\n1,1\n', /csv:3: the time is 4000 ms before the row above; sort the rows/],
    ['time,power_w\n2026-01-01 00:00,1\n', /csv:2: time is ".*"; it says no zone; write one, such/],
    ['time,power_w\nnoon,1\n', /csv:2: time is "noon"; write a time such as 2026-/],
    ['time,power_w\n0,1\n', /csv:2: there are fewer than two readings; a head such as time_ms,p/],
    ['', /csv:1: there are fewer than two readings/],
    ['time,power_w\n0,1\n1,2\n', /it has no column run; leave --run out/, { run: 'a' }],
    ['node,time,power_w\n0,0,1\n0,1,1\n1,5,1\n1,6,1\n', /its 2 nodes have no time in common/],
    ['time,power_w\n0,1,2\n', /csv:2: the row has 3 fields, the header has 2/],
  ]
  for (const [text, message, choice] of cases) await rejects(read(text, choice), message, text)
  equal(files > cases.length, true)
})
