// Shows that a factory file is read with every mistake at its line and column, that hostile files
// are turned away, that a document survives a journal, and what the examples come to.
import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { feederLoads, idleDraws } from '../catalog/feeders.ts'
import { InputError } from '../model/error.ts'
import { compileDocument, describePlant, parseFactory, readFactory } from './factory-file.ts'

const EXAMPLES = join(import.meta.dirname, '..', '..', 'examples')

test('all mistakes of a file at once, each with its place and what would do', () => {
  assert.equal(complaint(`name: my factory
sites:
  - name: memphis
    limit: 40 MV
    coling: 1.3
    racks:
      - system: dgx-h10
        count: 0
      - system: dgx-h100
        gpus: 100
        queues: [robot]
queues:
  - name: robots
    quota: -8
  - name: robots
    defaultLimit: 0s
  - priority: high
failures:
  detekt: 3m
  launch: 30
  classes:
    devise: none
    host: non
`), [
    'f.yaml:1:7: name is "my factory"; up to 63 letters, digits, ".", "_" and "-" would do',
    'f.yaml:4:12: "40 MV" has the unit "MV"; a power takes W, kW, MW, GW',
    'f.yaml:5:5: there is no key "coling" here; name, limit, base, cooling, racksPerRow, halls, '
      + 'racks, feeders, rule, supplies, islanded would do; did you mean "cooling"?',
    'f.yaml:7:17: the catalogue has no system "dgx-h10"; it has dgx-v100, a100-gpus-only, '
      + 'dgx-a100, dgx-h100, dgx-h200, dgx-b200, gb200-nvl72, gb300-nvl72, mi250x-frontier, '
      + 'mi300x-8, mi325x-8, mi355x-8, … (15 in all); did you mean "dgx-h100"?',
    'f.yaml:8:16: count is 0; 1 or more would do',
    'f.yaml:10:15: 100 GPUs do not fill whole nodes of 8; 96 or 104 would do',
    'f.yaml:11:18: there is no queue "robot"; the file has robots, robots, unnamed queues 2 name; '
      + 'did you mean "robots"?',
    'f.yaml:14:12: quota is -8; 0 or more would do',
    'f.yaml:15:11: there is a queue "robots" already; another name would do',
    'f.yaml:16:19: "0s" is too small; more than zero would do',
    'f.yaml:17:5: name is missing; a text would do',
    'f.yaml:17:15: priority is "high"; a number would do',
    'f.yaml:19:3: there is no key "detekt" here; detect, healthCheck, launch, load, checkpoint, '
      + 'classes would do; did you mean "detect"?',
    'f.yaml:20:11: 30 has no unit; a duration takes ms, s, m, h, d',
    'f.yaml:22:5: there is no fault class "devise"; the catalogue has device, host, link, '
      + 'software, rack, slow, feeder; did you mean "device"?',
    'f.yaml:23:11: "non" would not do; none, or any of the keys per1000UnitDays, mtbf, repair, '
      + 'slowRatio would; did you mean "none"?',
  ].join('\n'))
})

test('a list that is not what it should be leaves the rest for later', () => {
  assert.equal(complaint('name: a\nsites:\n  - name: s\n    limit: 40\n    racks: [7]\n'), [
    'f.yaml:4:12: 40 has no unit; a power takes W, kW, MW, GW',
    'f.yaml:5:13: racks is 7; keys with values would do',
  ].join('\n'))
})

test('circles and limits have places', () => {
  assert.equal(complaint(`name: a
sites:
  - name: s
    racks: [{system: dgx-h100, rows: 4}]
    feeders:
      - {name: a, parent: b, feeds: [hall1]}
      - {name: b, parent: a}
`), 'f.yaml:6:27: the feeders run in a circle: a, b, a; hang one of them from the site')
  assert.equal(complaint(`name: a
sites:
  - name: s
    racks: [{system: dgx-h100, rows: 4, rackLimit: 1 kW}]
`), 'f.yaml:4:52: the limit of hall1/row01/rack01, 1 kW, is below what it draws with no job '
    + 'running, 20.7 kW; from that up to its rating, 40.8 kW, would do')
})

test('what is no factory file', () => {
  assert.equal(complaint(''), 'f.yaml:1:1: the file is empty; name and sites would do')
  assert.equal(complaint('# nothing\n'), 'f.yaml:1:1: the file is empty; name and sites would do')
  assert.equal(complaint('- a'), 'f.yaml:1:1: the file is a list of 1; keys with values would do')
  assert.equal(complaint('name: a\nname: b'),
    'f.yaml:2:1: the key is there twice; leave one of the two')
  assert.equal(complaint('name: a\n---\nname: b'),
    'f.yaml:2:1: a second document begins; one in a file would do')
  assert.equal(complaint('name: a\nsites:\n\t- b'),
    'f.yaml:3:1: the line begins with a tab; spaces would do')
  assert.match(complaint('name: [a'), /^f\.yaml:1:9: not YAML: Flow sequence/)
  assert.match(complaint('name: a\nsites: [*x]'), /^f\.yaml:1:1: not YAML: Unresolved alias/)
  assert.match(complaint('__proto__: {a: 1}\nname: a\nsites: []'),
    /^f\.yaml:1:1: there is no key "__proto__" here/)
})

test('hostile files are turned away soon', () => {
  const levels = ['a: &a [x, x, x, x, x, x, x, x, x]']
  for (const [one, next] of ['ab', 'bc', 'cd', 'de', 'ef', 'fg', 'gh']) {
    levels.push(`${next}: &${next} [${Array(9).fill(`*${one}`).join(', ')}]`)
  }
  assert.equal(complaint(levels.join('\n')),
    'f.yaml:1:1: its aliases stand for too much; up to 100 would do')
  assert.equal(complaint('['.repeat(100_000)),
    'f.yaml:1:1: the file is nested too deep; a few levels would do')
  assert.match(complaint('name: a\nsites: [{name: s, racks: [{system: w1-node, nodes: 9e8}]}]'),
    /^f\.yaml:2:27: with these, the factory comes to 7031250 racks and 900000000 nodes;/)
  const many = Array.from({ length: 90 }, (_, at) => `k${at}: 1`).join('\n')
  assert.match(complaint(`${many}\nname: a`), /\n… and 41 more$/)
})

test('files that are not there or too large', () => {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-'))
  try {
    const large = join(folder, 'large.yaml')
    writeFileSync(large, '#'.repeat(4_000_001))
    assert.match(thrown(() => readFactory(large)), /: the file has 4000001 bytes; up to 4000000/)
    assert.match(thrown(() => readFactory(join(folder, 'no.yaml'))), /: there is no such file/)
    assert.match(thrown(() => readFactory(folder)), /: this is not a file; name a factory file$/)
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test('aliases are places too', () => {
  assert.match(complaint(`name: a
sites:
  - name: s
    racks: [&group {system: dgx-h100, count: 1, queues: [q]}]
  - name: t
    racks: [*group]
`), /^f\.yaml:4:58: there is no queue "q"; the file has default$/)
})

test('a document in a journal compiles to the same plant', () => {
  const { document, plant } = readFactory(join(EXAMPLES, 'two-sites', 'factory.yaml'))
  assert.deepEqual(compileDocument(JSON.parse(JSON.stringify(document))), plant)
  assert.match(thrown(() => compileDocument({ name: 'a', sites: [{}] })),
    /^factory document: sites\.0\.name: name is missing; a text would do$/)
})

test('Colossus: 230,000 GPUs, 340 MW of IT, 442 of facility, and 397 to be had', () => {
  const { plant } = readFactory(join(EXAMPLES, 'colossus', 'factory.yaml'))
  assert.equal(plant.gpus, 230_000)
  assert.equal(plant.nodes, 150_000 / 8 + 50_000 / 8 + 7500)
  assert.deepEqual(plant.pools.map((pool) => pool.name), ['dgx-h100', 'dgx-h200', 'gb200-nvl72'])
  const { idleW, ratedW } = feederLoads(plant.feeders, rangesOf(plant))
  const itW = plant.halls.reduce((sum, hall) =>
    sum + ratedW[plant.feeders.findIndex((feeder) => feeder.name === hall.name)]!, 0)
  assert.equal((itW / 1e6).toFixed(1), '340.0')
  const root = plant.sites[0]!.feeder
  assert.equal((ratedW[root]! / 1e6).toFixed(1), '442.0')
  assert.equal(plant.feeders[root]!.limitW, 397_000_000)
  assert.ok(idleW[root]! < 397_000_000)
})

test('Frontier: its idle and peak power as published by its own model, within 0.01 %', () => {
  const { plant } = readFactory(join(EXAMPLES, 'frontier', 'factory.yaml'))
  assert.deepEqual([plant.nodes, plant.racks.length, plant.gpus], [9472, 74, 37_888])
  const root = plant.sites[0]!.feeder
  const idleW = idleDraws(plant)[root]!
  const { idleW: emptyW, ratedW } = feederLoads(plant.feeders, rangesOf(plant))
  // ExaDigiT/RAPS: 7.306524 and 28.227884 MW.
  assert.ok(Math.abs(idleW / 7_306_524 - 1) < 1e-4, `idle ${idleW} W`)
  assert.ok(Math.abs(ratedW[root]! / 28_227_884 - 1) < 1e-4, `peak ${ratedW[root]} W`)
  assert.equal(plant.feeders[root]!.limitW, ratedW[root])
  // Nobody caps a host, so grants count all of them at their rating.
  assert.ok(emptyW[root]! > idleW)
  assert.match(describePlant(plant),
    /^frontier draws 7,306,815 W with all nodes idle and 28,228,826 W with everything/m)
})

test('what factory show prints', () => {
  const { plant } = readFactory(join(EXAMPLES, 'two-sites', 'factory.yaml'))
  const text = describePlant(plant)
  assert.equal(text.split('\n').slice(0, 14).join('\n'), TWO_SITES)
  assert.ok(text.split('\n').every((line) => line.length <= 110))
})

test('every block of YAML in the description of the format is a factory', () => {
  const text = readFileSync(join(EXAMPLES, '..', 'docs', 'factory-file.md'), 'utf8')
  const blocks = [...text.matchAll(/```yaml\n([^]*?)```/g)].map((match) => match[1]!)
  assert.equal(blocks.length, 8)
  for (const block of blocks) assert.ok(parseFactory(block, 'docs').plant.gpus > 0)
})

test('the other examples', () => {
  for (const nodes of [128, 1024, 9472]) {
    const { plant } = readFactory(join(EXAMPLES, 'w1', `factory-${nodes}.yaml`))
    assert.equal(plant.nodes, nodes)
    assert.equal(plant.gpus, nodes)
    assert.equal(plant.pools.length, 1)
    assert.deepEqual(plant.failures.classes, [])
  }
  const { plant } = readFactory(join(EXAMPLES, 'philly', 'factory.yaml'))
  assert.equal(plant.nodes, 352)
  assert.equal(plant.gpus, 2816)
})

const TWO_SITES = `\
two-sites: 1,792 GPUs in 300 nodes and 48 racks at 2 sites

                    GPUs    empty    rated   limit   headroom
north              1,312   1.3 MW   2.4 MW  2.2 MW  -169.2 kW
  hall1              800   670 kW   1.3 MW  1.3 MW        0 W  with cooling, 1.25 W for 1 W
    row01 … row02    256   166 kW   326 kW  326 kW        0 W  8 racks, 32 nodes dgx-h100
    row03            288   240 kW   528 kW  528 kW        0 W  4 racks, 72 nodes gb200-nvl72
    row04              0  38.4 kW  38.4 kW   60 kW    21.6 kW  2 racks, 40 nodes cpu-node
  hall2              512   366 kW   678 kW  650 kW   -28.4 kW  with cooling, 1.1 W for 1 W
    row01 … row02    256   183 kW   339 kW  339 kW        0 W  8 racks, 32 nodes mi300x-8
south                480   377 kW   892 kW  850 kW     -42 kW
  hall1              480   377 kW   892 kW  892 kW        0 W
    row01            400   325 kW   790 kW  790 kW        0 W  7 racks, 50 nodes mi355x-8
    row02             80  51.8 kW   102 kW  102 kW        0 W  3 racks, 10 nodes dgx-h200`

function rangesOf(plant: ReturnType<typeof compileDocument>): number[] {
  const rangeW = plant.feeders.map(() => 0)
  for (const rack of plant.racks) {
    const system = plant.systems[plant.pools[rack.pool]!.system]!
    rangeW[rack.feeder] = (rack.endNode - rack.firstNode) * system.gpus
      * (system.deviceRatedW - system.deviceIdleW)
  }
  return rangeW
}

function complaint(text: string): string {
  return thrown(() => parseFactory(text, 'f.yaml'))
}

function thrown(run: () => unknown): string {
  try {
    run()
  } catch (error) {
    assert.ok(error instanceof InputError, String(error))
    return error.message
  }
  return 'nothing was thrown'
}
