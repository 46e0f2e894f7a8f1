// Rules and waveforms through the command line: a simulated site is written and judged, by a rule
// of the catalogue and one written out; and what cannot be used is told with what would do.
import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { batch, newFolder, type Done } from './command.ts'

const { folder, remove } = newFolder()
after(remove)

const SITE = `step: 20ms
duration: 3m
base: 150 MW
jobs:
  - name: train
    compute: 50 MW
    communication: 30 MW
    period: 2s
    duty: 70 %
    edge: 200ms
    crash: { at: 2m, within: 400ms }
`
const BATTERY = `${SITE}battery:
  { power: 60 MW, energy: 4 MWh, rampUp: 20 MW/min, rampDown: 20 MW/min }
`
const OWN = 'status: draft of our agreement\nrampUp: 5 MW/min\nrampDown: 0.5 MW/s\n'

/** What works, in one process; each test looks at its own. */
const LINES = {
  waveform: 'waveform site.yaml --out site.csv',
  ieso: 'rules check site.csv --rule ieso',
  iesoJson: 'rules check site.csv --rule ieso --json',
  strict: 'rules check site.csv --rule ieso --strict',
  batteryJson: 'waveform battery.yaml --json',
  battery: 'waveform battery.yaml --out new/b.csv',
  own: 'rules check site.csv --rule-file own.yaml',
  ownJson: 'rules check site.csv --rule-file own.json --json',
  scaled: 'rules check flat.csv --rule ercot-nprr1191 --to-peak 200MW --peak 300MW --json',
  passed: 'rules check flat.csv --rule aeso --strict',
  list: 'rules list',
  show: 'rules show caiso',
  catalog: 'catalog show caiso',
} as const

const done = new Map<string, Done>()
const of = (name: keyof typeof LINES) => done.get(name)!

before(async () => {
  const files = {
    'site.yaml': SITE, 'battery.yaml': BATTERY, 'own.yaml': OWN,
    'own.json': '{"rampDown":"5 MW/min"}',
    'flat.csv': 'time_s,power_kw\n0,1000\n60,1000\n120,1000\n',
    'bad.csv': 'time_s,power_kw\n0,1000\n60,much\n',
    'two.csv': 'run,time_s,power_w\na,0,1\na,1,1\nb,0,1\nb,1,1\n',
    'word.yaml': 'rampUp: 20\n', 'key.yaml': 'rampup: 20 MW/min\n', 'none.yaml': 'title: x\n',
    'empty.yaml': '',
  }
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
  const all = await batch(folder, Object.values(LINES).map((line) => line.split(' ')))
  Object.keys(LINES).forEach((name, at) => done.set(name, all[at]!))
})

test('a simulated site is written, judged and mended', () => {
  const [waveform, ieso, json, strict] = [of('waveform'), of('ieso'), of('iesoJson'), of('strict')]
  equal(waveform.code, 0, waveform.stderr)
  match(waveform.stdout, /^9,000 steps of 20 ms, 3 min\nsite {5}150 MW to 200 MW, /)
  deepEqual(waveform.left, ['site.csv'])
  equal(readFileSync(join(folder, 'site.csv'), 'utf8').split('\n')[1], '0,180000000')
  equal(ieso.code, 0, ieso.stderr)
  match(ieso.stdout, /^site\.csv fails ieso: 3 of 4 parts that could be judged\. 2 parts are not/)
  match(ieso.stdout, /\nchange within 15 s +FAILED +50 MW +5 MW +2 min\n {4}once, 2 min 15 s /)
  match(ieso.stdout, /strongest around the worst: ±\d+\.\d MW at 0\.5 Hz/)
  match(ieso.stdout, /What would mend it\n {2}Storage of 4\d\.\d MW and 6\d\d kWh that lets/)
  match(ieso.stdout.replace(/\s+/g, ' '), /The trace ends while the store still works; take the/)
  ok(ieso.stdout.split('\n').every((line) => line.length <= 100))
  const score = JSON.parse(json.stdout) as { verdict: string, parts: object[], remedy: object }
  deepEqual([score.verdict, score.parts.length, Object.keys(score.remedy).length], ['failed', 6, 9])
  equal(strict.code, 3)
})

test('the waveform as JSON, and behind a battery what the grid sees', () => {
  const [json, text] = [of('batteryJson'), of('battery')]
  const summary = JSON.parse(json.stdout) as { grid: object, energy: { missingJ: number } }
  ok(Math.abs(summary.energy.missingJ) < 1)
  match(text.stdout, /\nbattery {2}uses \d+ kWh of 4 MWh, loses /)
  const written = readFileSync(join(folder, 'new/b.csv'), 'utf8')
  equal(written.split('\n')[0], 'time_ms,grid_w,site_w,charge')
})

test('a rule written out, scaled to a peak, and shares of another peak', () => {
  const [own, json, scaled, strict] = [of('own'), of('ownJson'), of('scaled'), of('passed')]
  match(own.stdout, /^site\.csv fails own: 1 of 2 parts[^]*Status: draft of our agreement\.\n$/)
  equal((JSON.parse(json.stdout) as { rule: string }).rule, 'own')
  const score = JSON.parse(scaled.stdout) as Record<string, unknown>
  deepEqual([score['factor'], score['mostW'], score['peakW'], score['verdict'], score['unit']],
    [200, 200e6, 300e6, 'passed', 'kW'])
  equal(strict.code, 0, strict.stdout)
})

describe('the rules of the catalogue', () => {
  test('are listed with their status, and shown as they are written', async () => {
    const [list, show, catalog] = [of('list'), of('show'), of('catalog')]
    match(list.stdout, /^ercot +ERCOT \(Texas\)[^]*\naemc-minimum /)
    match(show.stdout, /\nrampUp: 20 MW\/min\n[^]*\n# rampUp: published; the public list /)
    match(catalog.stdout, /\n {2}rampUpWPerMin +20000000 {2}published: /)
    writeFileSync(join(folder, 'shown.yaml'), show.stdout)
    const [again] = await batch(folder,
      ['rules check flat.csv --rule-file shown.yaml'.split(' ')])
    equal(again!.code, 0, again!.stderr)
  })
})

test('what cannot be used is told with its place and what would do', async () => {
  const cases: readonly (readonly [line: string, message: RegExp, code?: number])[] = [
    ['rules check flat.csv', /^--rule: give a rule by name, such as --rule ercot, or one tha/],
    ['rules check flat.csv --rule aeso --rule-file own.yaml', /^--rule: .* not both;/],
    ['rules check flat.csv --rule ercoot', /^there is no rule ercoot; did you mean "ercot"\?/],
    ['rules show iesso', /did you mean "ieso"\?/],
    ['rules check gone.csv --rule aeso', /^gone\.csv: there is no such file; check the path/],
    ['rules check bad.csv --rule aeso', /^bad\.csv:3: power_kw is "much"; write a number such as/],
    ['rules check two.csv --rule aeso', /^two\.csv: it holds 2 runs; choose one with --run: a, b/],
    ['rules check flat.csv --rule aeso --scale x', /^--scale x: use a number above 0, such as 100/],
    ['rules check flat.csv --rule aeso --to-peak 5', /^--to-peak: "5" has no unit; a power ta/],
    ['rules check flat.csv --rule aeso --scale 2 --to-peak 5MW', /say the same; give one\./],
    ['rules check flat.csv --rule-file gone.yaml', /^gone\.yaml: there is no such file that/],
    ['rules check flat.csv --rule-file word.yaml', /^word\.yaml:1:9: 20 has no unit; a ramp ta/],
    ['rules check flat.csv --rule-file key.yaml', /^key\.yaml:1:1: .*; did you mean "rampUp"\?/],
    ['rules check flat.csv --rule-file none.yaml', /^none\.yaml:1:1: the rule limits nothing;/],
    ['rules check flat.csv --rule-file empty.yaml', /^empty\.yaml:1:1: the file is empty; ra/],
    ['waveform gone.yaml', /^gone\.yaml: there is no such file that can be read; name a waveform/],
    ['waveform own.yaml', /^own\.yaml:1:1: duration is missing; a duration takes ms, s, m, h, d\n/],
    ['waveform site.yaml --out own.yaml/b.csv', /^--out own\.yaml\/b\.csv: it cannot be wr/, 4],
  ]
  const all = await batch(folder, cases.map(([line]) => line.split(' ')))
  for (const [at, { code, stdout, stderr }] of all.entries()) {
    const [line, message, expected] = cases[at]!
    equal(code, expected ?? 2, `${line}: ${stderr}`)
    equal(stdout, '')
    match(stderr, message)
  }
})
