// What-ifs of a small run through the command line: the text, the JSON, the same for the same
// seeds, and for what cannot be used a message with the place and what would do.
import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { batch, newFolder, type Done } from './command.ts'

const { folder, remove } = newFolder()
after(remove)

const FACTORY = `name: frail
sites:
  - name: here
    limit: 170 kW
    racks:
      - system: dgx-h100
        count: 4
failures: { classes: { host: { mtbf: 60h }, link: { mtbf: 80h } } }
`
const JOBS = ['submit,gpus,duration', ...Array.from({ length: 60 }, (_, at) => (
  `${at * 600},${[8, 96, 4, 24, 64, 1][at % 6]},${[4000, 9000, 1500][at % 3]}`))].join('\n')

/** Words are parted by spaces; what stands in quotes is one. */
const whatif = (line: string) => ['whatif', 'run/journal.mrj',
  ...[...line.matchAll(/'([^']*)'|(\S+)/g)].map((each) => each[1] ?? each[2]!)]

before(async () => {
  writeFileSync(join(folder, 'frail.yaml'), FACTORY)
  writeFileSync(join(folder, 'jobs.csv'), JOBS)
  const [ran] = await batch(folder, [['twin', 'frail.yaml', '--trace', 'csv:jobs.csv',
    '--backfill', 'easy', '--out', 'run']])
  equal(ran!.code, 0, ran!.stderr)
})

type Result = {
  readonly verdict: string, readonly atMs: number, readonly untilMs: number
  readonly arrivals: number, readonly waiting: number, readonly seeds: number
  readonly doings: readonly string[]
  readonly figures: Readonly<Record<string, {
    readonly difference: { readonly least: number, readonly mean: number, readonly most: number }
  }>>
}

const resultOf = ({ code, stdout, stderr }: Done): Result => {
  equal(code, 0, stderr)
  return JSON.parse(stdout) as Result
}

describe('a what-if', () => {
  test('says first what it comes to, and what it rests on at the end', async () => {
    const [done] = await batch(folder, [whatif("--at 1h30m --change 'add 8 nodes' --for 1d")])
    equal(done!.code, 0, done!.stderr)
    deepEqual(done!.left, [])
    match(done!.stdout, /^Adding 8 nodes starts job \S+ .* earlier; \d+ jobs? starts? earlier, /)
    match(done!.stdout, /\n\nin 1 d, estimated +without +with +difference +spread\njobs started /)
    match(done!.stdout, /\n\nEstimates for 1 d from 1 h 30 min on, in 5 futures/)
  })

  test('as JSON: the same for the same seeds, changes in their order', async () => {
    const line = "--at 2h --change 'limit here 200 kW' --change 'order priority' --json --seeds 3"
    const [first, again, other] = (await batch(folder,
      [whatif(line), whatif(line), whatif(`${line} --seed 9`)])).map(resultOf)
    deepEqual(first, again)
    ok(JSON.stringify(first!.figures) !== JSON.stringify(other!.figures))
    deepEqual(first!.doings, ['A limit of 200 kW at here', 'The order policy priority instead of '
      + 'fifo'])
    equal(first!.atMs, 2 * 3_600_000)
    equal(first!.untilMs, (7 * 24 + 2) * 3_600_000)
    equal(first!.seeds, 3)
    for (const { difference } of Object.values(first!.figures)) {
      ok(difference.least <= difference.mean && difference.mean <= difference.most)
    }
  })

  test('jobs of the journal come as they did, or none; at the end of it none do', async () => {
    const change = "--change 'submit 8 gpus 1h' --json"
    const [some, none, end] = (await batch(folder, [
      whatif(`--at 5h ${change}`), whatif(`--at 5h --arrivals none --no-failures ${change}`),
      whatif(`--at end ${change}`),
    ])).map(resultOf)
    // One comes every ten minutes, sixty in all; at 5 h the 31st has come.
    deepEqual([some!.arrivals, none!.arrivals, end!.arrivals], [29, 0, 0])
    ok(end!.atMs > 10 * 3_600_000)
    match(end!.verdict, /^One more job of 8 GPUs for 1 h starts at once; no other job waits now\.$/)
  })
})

test('what cannot be used is said with its place and what would do', async () => {
  const change = "--change 'add 1 node'"
  const cases: readonly (readonly [line: string, message: RegExp])[] = [
    ['--at 1h', /^--change: give 1 to 100, such as --change 'add 40 nodes'; millrace whatif --he/],
    [change, /^--at: say at which moment of the run, such as 3d12h, or end\./],
    [`--at noon ${change}`, /^--at: "noon" is not a number with a unit .*such as 3d12h, or end\./],
    [`--at 3 ${change}`, /^--at: "3" has no unit/],
    [`--at 3dx ${change}`, /^--at: "3dx" has the unit "dx"/],
    [`--at=-3d ${change}`, /^--at -3d: the run begins at 0s; write that or later\./],
    [`--at 99d ${change}`, /^--at: the journal ends before that, at .* or --at end\./],
    [`--at 1h --for 0s ${change}`, /^--for 0s: the time must be above 0\./],
    [`--at 1h --seeds 0 ${change}`, /^--seeds 0: use a whole number from 1 to 1000\./],
    [`--at 1h --arrivals jornal ${change}`, /use one of journal, none; did you mean journal\?/],
    ["--at 1h --change 'add a node'", /^--change "add a node": write "add COUNT nodes \[of P/],
    ["--at 1h --change 'cancel x'", /there is no job x at 1 h; \d+ wait and \d+ run\./],
    ["--at 1h --change 'limit there 1 MW'", /no feeder there; there are here, hall1, /],
  ]
  const all = await batch(folder, cases.map(([line]) => whatif(line)))
  for (const [at, { code, stdout, stderr }] of all.entries()) {
    const [line, message] = cases[at]!
    equal(code, 2, `${line}: ${stderr}`)
    equal(stdout, '')
    match(stderr, message)
  }
})
