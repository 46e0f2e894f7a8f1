// What `millrace power` prints: the hours ahead of a small factory with an announced cut, from a
// run and from its journal, as JSON too; then questions that have no answer.
import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { PowerAhead } from '../../src/run/power-ahead.ts'
import { batch, newFolder } from './command.ts'

const { folder, remove } = newFolder()
after(remove)

const FACTORY = `name: lab
sites:
  - name: lab
    limit: 37 kW
    racks:
      - system: dgx-h100
        count: 1
queues:
  - name: language
failures: none
`
const JOBS = `id,submit,gpus,duration,limit,queue
pretrain,0,16,7h,7h,language
sweep,1m,8,2h,2h,language
`
/** Known from half an hour on. */
const SCENARIO = `name: evening
events:
  - limit:
      feeder: lab
      at: 3h
      for: 1h
      to: 25 kW
      notice: 2h30m
`
const RUN = ['--trace', 'csv:jobs.csv', '--power', 'price', '--scenario', 'evening.yaml']
const JOURNAL = ['--journal', 'out/journal.mrj', '--at', '1h', '--hours', '6']

before(async () => {
  for (const [name, text] of [['lab.yaml', FACTORY], ['jobs.csv', JOBS],
    ['evening.yaml', SCENARIO]] as const) writeFileSync(join(folder, name), text)
  const [run] = await batch(folder, [['twin', 'lab.yaml', ...RUN, '--out', 'out', '--json']])
  equal(run!.code, 0, run!.stderr)
})

test('the same hours from a run and from its journal', async () => {
  const [fromRun, text, json] = await batch(folder, [
    ['power', 'lab.yaml', ...RUN, '--at', '1h', '--hours', '6', '--no-failures'],
    ['power', ...JOURNAL, '--no-failures'],
    ['power', ...JOURNAL, '--no-failures', '--feeder', 'lab', '--json'],
  ])
  equal(fromRun!.code, 0, fromRun!.stderr)
  equal(text!.stdout, fromRun!.stdout)
  ok(text!.stdout.split('\n').every((line) => line.length <= 80))
  match(text!.stdout, /The worst hour is from 2 h to 3 h from now/)
  match(text!.stdout, /- job pretrain, 16 GPUs: \d+ W a GPU/)
  const ahead = JSON.parse(json!.stdout) as PowerAhead
  const { moments } = ahead.feeders[0]!
  deepEqual([ahead.stepMs, moments.length, ahead.isPowered], [450_000, 48, true])
  deepEqual(moments.filter(({ limitW }) => limitW === 25_000).map(({ atMs }) => atMs),
    Array.from({ length: 8 }, (_, at) => 10_800_000 + at * 450_000))
  // The cut is met when it comes.
  for (const { grantW, limitW, atMs } of moments) ok(grantW <= limitW || atMs < 10_800_000)
})

describe('questions without an answer', () => {
  const cases: readonly (readonly [command: readonly string[], problem: RegExp])[] = [
    [['power'], /^Give a factory file, such as .+, or --journal and .+, and not both/],
    [['power', 'lab.yaml', ...JOURNAL], /and not both/],
    [['power', ...JOURNAL, '--trace', 'csv:jobs.csv'], /the journal has what came; leave them out/],
    [['power', ...JOURNAL, '--feeder', 'lap'], /--feeder lap: there is no such .+ mean lab\?/],
    [['power', ...JOURNAL, '--hours', '0'], /--hours 0: use a whole number from 1 to 336/],
    [['power', '--journal', 'out/journal.mrj', '--at', '9d'], /the journal ends before that/],
    [['power', 'lab.yaml', '--power', 'prize'], /--power prize: use one of .+ mean price\?/],
    [['power', 'lab.yaml', '--at', 'end'], /--at end: without a trace nothing ends/],
  ]

  test('each says what would do, and ends with 2', async () => {
    const done = await batch(folder, cases.map(([command]) => command))
    cases.forEach(([command, problem], at) => {
      equal(done[at]!.code, 2, command.join(' '))
      match(done[at]!.stderr, problem)
    })
  })
})
