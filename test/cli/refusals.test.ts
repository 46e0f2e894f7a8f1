// Whatever is wrong with a file, a flag or a folder gets the exit code that docs/outputs.md tells,
// a message with the place, what was found and what would do, and nothing is left behind.
import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { batch, newFolder, type Done } from './command.ts'

const { folder, remove } = newFolder()
after(remove)

/** A command line, and what its message says. Where an exit code is not told, it is 2. */
type Case = readonly [line: string, message: RegExp, code?: number]

const GOOD = `name: here
sites:
  - name: a
    racks:
      - system: dgx-h100
        count: 2
`
const FACTORIES: Readonly<Record<string, string>> = {
  'good.yaml': GOOD,
  'key.yaml': GOOD.replace('count', 'cuont'),
  'unit.yaml': GOOD.replace('    racks', '    limit: 40 MV\n    racks'),
  'zero.yaml': GOOD.replace('count: 2', 'count: 0'),
  'negative.yaml': GOOD.replace('count: 2', 'count: -2'),
  'low.yaml': GOOD.replace('    racks', '    limit: 1 kW\n    racks'),
  'cycle.yaml': `${GOOD}    feeders:
      - { name: one, limit: 1 MW, parent: two }
      - { name: two, limit: 1 MW, parent: one }
`,
  'broken.yaml': 'name: [here\nsites: 3\n',
}
const HEAD = 'submit,gpus,duration\n'
const TRACES: Readonly<Record<string, string | Buffer>> = {
  'good.csv': `${HEAD}0,8,60\n30,16,3600\n`,
  'columns.csv': 'submit,gpus\n0,8\n',
  'misspelt.csv': 'submit,gpus,durations\n0,8,60\n',
  'unsorted.csv': `${HEAD}30,8,60\n0,8,60\n`,
  'negative.csv': `${HEAD}0,8,60\n-5,8,60\n`,
  'word.csv': `${HEAD}0,eight,60\n`,
  'none.csv': HEAD,
  'empty.csv': '',
  'skipped.csv': `${HEAD}0,8,0\n`,
  'large.csv': `${HEAD}0,8,60\n10,999,60\n20,8,60\n`,
  'queue.csv': 'submit,gpus,duration,queue\n0,8,60,defalt\n',
  'cut.csv.gz': gzipSync(HEAD + Array.from({ length: 9000 }, (_, at) => (
    `${at},8,${60 + at}`)).join('\n')).subarray(0, 15000),
}

const twin = (factory: string, trace: string, more = '') =>
  `twin ${factory}.yaml --trace csv:${trace} --out new/out${more === '' ? '' : ` ${more}`}`
const run = (more: string) => `twin good.yaml --trace csv:good.csv ${more}`

const FACTORY_CASES: readonly Case[] = [
  ['factory check key.yaml',
    /^key\.yaml:6:9: there is no key "cuont" here; .*did you mean "count"/m],
  [twin('key', 'good.csv'), /^key\.yaml:6:9: /m],
  ['factory check unit.yaml', /^unit\.yaml:4:12: .*40 MV.*MW/m],
  ['factory check zero.yaml', /^zero\.yaml:6:16: count is 0; 1 or more would do/m],
  ['factory check negative.yaml', /^negative\.yaml:6:16: count is -2; 1 or more would do/m],
  ['factory check cycle.yaml', /^cycle\.yaml:\d+:\d+: .*(one|two)/m],
  ['factory check low.yaml', /^low\.yaml:4:12: .*1 kW.*kW/m],
  ['factory check broken.yaml', /^broken\.yaml:\d+:\d+: /m],
  ['factory check none.yaml', /^none\.yaml: there is no such file .*; name a factory file/],
  ['factory show .', /^\.: this is not a file; name a factory file/],
]

const TRACE_CASES: readonly Case[] = [
  [twin('good', 'columns.csv'),
    /^columns\.csv:1: the column duration is missing; found "submit,gpus"/],
  [twin('good', 'misspelt.csv'), /^misspelt\.csv:1: .*durations.*nearest is duration/],
  [twin('good', 'unsorted.csv'),
    /^unsorted\.csv:3: it is submitted at 0 s, before line 2 at 30 s; sort/],
  [twin('good', 'negative.csv'), /^negative\.csv:3: submit is "-5"; a time cannot be negative/],
  [twin('good', 'word.csv'), /^word\.csv:2: gpus is "eight"/],
  [twin('good', 'none.csv'), /^none\.csv:1: the file ends without a job; csv needs rows such as /],
  [twin('good', 'empty.csv'), /^empty\.csv:1: the file is empty; /],
  [twin('good', 'cut.csv.gz'), /^cut\.csv\.gz:\d+: the gzip file is cut off; .*: fetch it again/],
  [twin('good', 'nowhere.csv'), /^nowhere\.csv: there is no such file; check the path/],
  [twin('good', '.'), /^\.: this is a folder; name a file in it/],
  [twin('good', 'good.csv', '--trace phily:x'),
    /no trace format is called "phily", the nearest is philly/],
  [twin('good', 'good.csv', '--trace good.csv'), /--trace good\.csv: write FORMAT:FILE, such as/],
]

const FLAG_CASES: readonly Case[] = [
  ['twin good.yaml', /--trace: give at least one, such as --trace philly:/],
  [run('--seed one'), /--seed one: use a whole number from 0 to 9007199254740991\./],
  [run('--seed -1'), /--seed -1: use a whole number/],
  [run('--seed 1.5'), /--seed 1\.5: use a whole number/],
  [run('--until 0'), /--until: "0" has no unit; a duration takes ms, s, m, h, d\./],
  [run('--until 0s'), /--until 0s: the time must be above 0\./],
  [run('--until 30_days'),
    /--until: "30 days" has the unit "days"; a duration takes ms, s, m, h, d\./],
  [run('--order fif'),
    /--order fif: use one of fifo, priority, fair-share, deadline; did you mean fifo\?/],
  [run('--backfill esy'), /--backfill esy: use one of .*easy.*did you mean easy\?/],
  [run('--backfill conservativ:5'), /--backfill conservativ: .*did you mean conservative\?/],
  [run('--backfill conservative:0'),
    /backfill conservative:0: the depth, .* must be a whole number from 1 to 10000, such as/],
  [run('--place packed'), /--place packed: use one of pack, .*cheapest; did you mean pack\?/],
  [run('--scale copes=2'),
    /there is no key "copes", the nearest is copies; write it like copies=80/],
  [run('--scale copies=0'), /copies is "0", not a whole number from 1 to 100,000/],
  [run('--scale jitter=5'), /jitter.*"5" has no unit/],
  [run('--scale kalos:copies=2'), /no --trace is of the format kalos; the traces are of csv\./],
  [run('--scale copies=2 --scale copies=3'), /there are two for all traces; give one\./],
  [run('--scale skip=9d'), /skip=9 d drops all 2 jobs, the last comes at 30 s; skip less/],
]

const PLACE_CASES: readonly Case[] = [
  [run('--out old'), /old: this exists already\. Give another --out, or --force to replace/],
  [run('--out good.csv'), /good\.csv: this exists already/],
  [run('--out good.csv --force'), /not the output of a run \(it is a file\)/],
  [run('--out mine --force'),
    /not the output of a run \(it holds thesis\.md\).*Give another --out/],
  [run('--out none --force'), /not the output of a run \(it has no summary\.json\)/],
  [run('--out mixed --force'), /not the output of a run \(it holds thesis\.md\)/],
  [run('--out good.csv/out'), /good\.csv\/out: a part of the path is a file\. Give another --out/],
  [run('--out /proc/none/out'),
    /\/proc\/none\/out: no folder can be made there\. Give another --out/],
  [run(`--out ${'x'.repeat(300)}`), /the name is too long\. Give a shorter --out/],
]

const JOURNAL_CASES: readonly Case[] = [
  ['replay cut.mrj', /the journal ends in the middle of a block, at byte \d+; .*--repair NEW/, 3],
  ['journal cut.mrj', /the journal ends in the middle of a block/, 3],
  ['replay changed.mrj', /block 2 does not match its SHA-256, at byte \d+\..*--repair NEW/, 3],
  ['journal longer.mrj', /there are bytes after the end record/, 3],
  ['replay good.csv', /not a Millrace journal: .*Give the journal\.mrj of a run's output folder/],
  ['replay empty.csv', /the journal ends before its header is complete/, 3],
  ['replay old', /this is a folder, not a journal\./],
  ['replay none.mrj', /none\.mrj: .*there is no such file or folder; check the path/],
  ['journal old/journal.mrj --limit few', /--limit few: use a whole number/],
  ['journal old/journal.mrj --repair good.csv', /there is a file already, and it is not replaced/],
]

before(async () => {
  for (const [name, text] of Object.entries({ ...FACTORIES, ...TRACES })) {
    writeFileSync(join(folder, name), text)
  }
  const [old] = await batch(folder, [run('--out old').split(' ')])
  equal(`${old!.code} ${old!.stderr}`, '0 ')
  const journal = readFileSync(join(folder, 'old/journal.mrj'))
  const changed = Buffer.from(journal)
  changed[journal.length - 9]! ^= 1
  writeFileSync(join(folder, 'cut.mrj'), journal.subarray(0, -7))
  writeFileSync(join(folder, 'changed.mrj'), changed)
  writeFileSync(join(folder, 'longer.mrj'), Buffer.concat([journal, Buffer.from('x')]))
  mkdirSync(join(folder, 'none'))
  for (const name of ['mine', 'mixed']) {
    mkdirSync(join(folder, name))
    writeFileSync(join(folder, name, 'thesis.md'), 'years of work')
  }
  writeFileSync(join(folder, 'mixed/summary.json'), '{}')
})

describe('it refuses with a message that helps', () => {
  test('factory files', () => refuseAll(FACTORY_CASES))
  test('traces', () => refuseAll(TRACE_CASES))
  test('flags', () => refuseAll(FLAG_CASES))
  test('places', () => refuseAll(PLACE_CASES))
  test('journals', () => refuseAll(JOURNAL_CASES))
})

test('what is somebody else\'s is still there', () => {
  equal(readFileSync(join(folder, 'mixed/thesis.md'), 'utf8'), 'years of work')
  equal(readFileSync(join(folder, 'mine/thesis.md'), 'utf8'), 'years of work')
})

test('a job that can never run is refused and counted; the others run', async () => {
  const [large, queue] = await runAll([
    `${twin('good', 'large.csv')}1 --json`, run('--json').replace('good.csv', 'queue.csv')])
  equal(large!.code, 0)
  const { jobs } = JSON.parse(large!.stdout) as { jobs: Record<string, number> }
  deepEqual([jobs['submitted'], jobs['refused'], jobs['completed']], [3, 1, 2])
  match(large!.stderr,
    /^Refused first: job 2: 999 GPUs .* largest gang that fits is 64 GPUs .*fewer/)
  const rows = readFileSync(join(folder, 'new/out1/jobs.csv'), 'utf8')
  match(rows, /^2,default,999,10,,,,refused,0,0,0$/m)
  equal(queue!.code, 0)
  match(queue!.stderr, /no queue "defalt"; it has default\. Did you mean "default"\?/)
})

test('a trace whose rows are all skipped is a run without jobs', async () => {
  const [none] = await runAll([`twin good.yaml --trace csv:skipped.csv --json`])
  equal(none!.code, 0)
  const { jobs, traces } = JSON.parse(none!.stdout) as {
    jobs: { submitted: number }, traces: { jobs: number, skipped: { count: number }[] }[] }
  equal(jobs.submitted, 0)
  equal(traces[0]!.jobs, 0)
  equal(traces[0]!.skipped[0]!.count, 1)
})

function runAll(lines: readonly string[]): Promise<Done[]> {
  return batch(folder, lines.map((line) => line.split(' ').map((word) => word.replace('_', ' '))))
}

async function refuseAll(cases: readonly Case[]): Promise<void> {
  const all = await runAll(cases.map(([line]) => line))
  for (const [at, { code, stdout, stderr, left }] of all.entries()) {
    const [line, message, expected = 2] = cases[at]!
    match(stderr, message, line)
    equal(code, expected, `${line}: ${stderr}`)
    ok(!stderr.includes('    at ') && !stderr.includes('bug of Millrace'), stderr)
    if (!line.startsWith('journal')) equal(stdout, '', line)
    deepEqual(left, [], line)
  }
}
