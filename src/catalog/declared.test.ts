// Shows where declared feeders come to stand in the power tree, and which do not fit.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { factorySchema } from '../model/schema.ts'
import type { FeederDocument } from '../model/schema.ts'
import type { Plant } from '../model/site.ts'
import { loadCatalogue } from './catalogue.ts'
import { resolvePlant } from './plant.ts'

const catalogue = loadCatalogue()

test('feeders hang from what all that they feed have in common', () => {
  const plant = planted([
    { name: 'substation', limit: '10 MW' },
    { name: 'transformer', parent: 'substation', feeds: ['hall1', 'hall2'] },
    { name: 'busway', feeds: ['hall1/row[01-02]'] },
    { name: 'tap', parent: 'busway', feeds: ['hall1/row03/rack01'] },
    { name: 'odd', feeds: ['hall2/row01/rack01', 'hall2/row02/rack02'] },
  ])
  assert.equal(picture(plant), [
    'here',
    '  hall3',
    '    hall3/row01 +2',
    '    hall3/row02 +2',
    '    hall3/row03 +2',
    '  substation',
    '    transformer',
    '      hall1',
    '        hall1/row03 +1',
    '        busway',
    '          hall1/row01 +2',
    '          hall1/row02 +2',
    '          tap +1',
    '      hall2',
    '        hall2/row01 +1',
    '        hall2/row02 +1',
    '        hall2/row03 +2',
    '        odd +2',
  ].join('\n'))
})

test('a row whose racks all hang from feeders is no feeder itself', () => {
  const plant = planted([{ name: 'busway', feeds: ['hall1/row[01-03]/rack01'] },
    { name: 'other', parent: 'hall1', feeds: ['hall1/row01/rack02'] }])
  assert.ok(!plant.feeders.some((feeder) => feeder.name === 'hall1/row01'))
  assert.ok(plant.feeders.some((feeder) => feeder.name === 'hall1/row02'))
})

test('what does not fit is said once, at its place', () => {
  const a: FeederDocument = { name: 'a', feeds: ['hall1'] }
  assert.deepEqual(complaints([a, { name: 'a', feeds: ['hall2'] }]),
    ['1.name: the site has a feeder "a" already; another name would do'])
  assert.deepEqual(complaints([{ name: 'hall1', feeds: ['hall2'] }]),
    ['0.name: the site has a feeder "hall1" already; another name would do'])
  assert.deepEqual(complaints([a, { name: 'b', feeds: ['hall2', 'hall1'] }]),
    ['1.feeds.1: "hall1" is fed by "a" already; one feeder for each would do'])
  assert.deepEqual(complaints([{ name: 'b', feeds: ['hal1'] }]),
    ['0.feeds.0: the site has no "hal1"; it has hall1, hall2, hall3; did you mean "hall1"?'])
  assert.deepEqual(complaints([a, { name: 'b', parent: 'c', feeds: ['hall2'] }]),
    ['1.parent: there is no feeder "c"; the site has a, b, and its halls and rows; '
      + 'did you mean "a"?'])
  assert.deepEqual(complaints([a, { name: 'b' }]), ['1: the feeder "b" feeds nothing; '
    + 'say what it feeds, or name it as the parent of another'])
  assert.deepEqual(complaints([a, { name: 'b', feeds: ['a'] }]), ['1.feeds.0: "a" is a feeder; '
    + 'say its parent there, and name halls, rows and racks here'])
})

test('circles are found, through halls too', () => {
  assert.deepEqual(complaints([
    { name: 'a', parent: 'b', feeds: ['hall1'] },
    { name: 'b', parent: 'c' },
    { name: 'c', parent: 'a' },
  ]), ['0.parent: the feeders run in a circle: a, b, c, a; hang one of them from the site'])
  assert.deepEqual(complaints([{ name: 'a', parent: 'hall1', feeds: ['hall1'] }]),
    ['0.parent: the feeders run in a circle: a, hall1, a; hang one of them from the site'])
  assert.deepEqual(complaints([{ name: 'a', parent: 'a', feeds: ['hall1'] }]),
    ['0.parent: the feeders run in a circle: a, a; hang one of them from the site'])
})

test('the cooling of a hall and the limit of a row are not bypassed', () => {
  assert.deepEqual(complaints([{ name: 'a', feeds: ['hall1/row01', 'hall2/row01'] }]),
    ['0.feeds: "hall1/row01" would bypass its hall and its cooling; give "a" a parent in "hall1"',
      '0.feeds: "hall2/row01" would bypass its hall and its cooling; give "a" a parent in "hall2"'])
  assert.deepEqual(
    complaints([{ name: 'a', feeds: ['hall1/row[01-02]/rack01'] }], { rowLimit: '90 kW' }),
    [1, 2].map((row) => `0.feeds: "hall1/row0${row}/rack01" would bypass the limit of `
      + `"hall1/row0${row}"; leave out rowLimit, or give "a" that row as its parent`))
})

/** Three halls of three rows of two racks. */
function resolve(feeders: FeederDocument[], more: object = {}) {
  return resolvePlant(factorySchema.parse({ name: 'a', sites: [{
    name: 'here',
    racksPerRow: 2,
    halls: [{ count: 3, racks: [{ system: 'dgx-h100', rows: 3, ...more }] }],
    feeders,
  }] }), catalogue)
}

function planted(feeders: FeederDocument[]): Plant {
  const { plant, problems } = resolve(feeders)
  assert.deepEqual(problems, [])
  return plant!
}

function complaints(feeders: FeederDocument[], more?: object): string[] {
  return resolve(feeders, more).problems
    .map((one) => `${one.path.slice(3).join('.')}: ${one.message}`)
}

/** The tree without its racks, which are counted. */
function picture(plant: Plant): string {
  const leaves = new Set(plant.racks.map((rack) => rack.feeder))
  const lines: string[] = []
  plant.feeders.forEach((feeder, at) => {
    if (leaves.has(at)) return
    let depth = 0
    for (let up = feeder.parent; up >= 0; up = plant.feeders[up]!.parent) depth++
    const racks = plant.racks.filter((rack) => plant.feeders[rack.feeder]!.parent === at).length
    lines.push(`${'  '.repeat(depth)}${feeder.name}${racks > 0 ? ` +${racks}` : ''}`)
  })
  return lines.join('\n')
}
