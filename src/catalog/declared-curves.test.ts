// Shows that a factory file may bring curves of its own, and that bad ones are problems with their
// place and a remedy.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { drawAt, speedAt } from '../model/curve.ts'
import { factorySchema } from '../model/schema.ts'
import { loadCatalogue } from './catalogue.ts'
import { resolvePlant } from './plant.ts'

const catalogue = loadCatalogue()

function resolve(...curves: readonly object[]) {
  return resolvePlant(factorySchema.parse({
    name: 'a', sites: [{ name: 's', racks: [{ system: 'dgx-h100', count: 1 },
      { system: 'gb200-nvl72', count: 1 }] }], curves,
  }), catalogue)
}

function curve(...points: readonly (readonly [string, number, string?])[]): object {
  return { class: 'compute', device: 'H100', points: points.map(([cap, throughput, draw]) =>
    ({ cap, throughput, ...(draw !== undefined && { draw }) })) }
}

function problemsOf(...curves: readonly object[]): string[] {
  return resolve(...curves).problems.map(({ path, message }) => `${path.join('.')}: ${message}`)
}

test('a declared curve takes the place of the catalogue\'s', () => {
  const { plant, problems } = resolve(
    curve(['300 W', 60, '290 W'], ['500 W', 95, '480 W'], ['0.7 kW', 100, '650 W']))
  assert.deepEqual(problems, [])
  const [h100, gb200] = plant!.curves.byClass[0]!
  assert.deepEqual([300, 500, 700].map((cap) => speedAt(h100!, cap)), [0.6, 0.95, 1])
  assert.deepEqual([300, 500, 700].map((cap) => drawAt(h100!, cap)), [290, 480, 650])
  // Devices that have no points of their own follow the reference.
  assert.equal(gb200!.capW[0], 563)
})

test('points that end below the rating gain what a fitted step says above them', () => {
  const { plant } = resolve(curve(['300 W', 60], ['400 W', 80], ['500 W', 90]))
  const h100 = plant!.curves.byClass[0]![0]!
  assert.equal(speedAt(h100, 700), 1)
  assert.ok(speedAt(h100, 500) > 0.85 && speedAt(h100, 500) < 0.97, `${speedAt(h100, 500)}`)
})

test('a new class is a copy of the first but for what is declared', () => {
  const { plant } = resolve({ ...curve(['200 W', 90], ['700 W', 100]), class: 'sort' })
  const { classes, byClass } = plant!.curves
  assert.equal(classes.at(-1), 'sort')
  assert.equal(speedAt(byClass.at(-1)![0]!, 200), 0.9)
  assert.deepEqual(byClass.at(-1)![1]!.capW.at(-1), 1200)
})

test('bad curves are problems with their place and a remedy', () => {
  const points = [['200 W', 1], ['700 W', 2]] as const
  assert.deepEqual(problemsOf(curve(['700 W', 1])),
    ['curves.0.points: one point is no curve; give two or more, from a low cap to the rating'])
  assert.match(problemsOf(curve(['200 W', 2], ['700 W', 1]))[0]!,
    /^curves\.0\.points\.1: throughput falls from 2 at 200 W to 1 at 700 W; a higher cap never/)
  assert.match(problemsOf(curve(['400 W', 1], ['300 W', 2]))[0]!,
    /^curves\.0\.points\.1: the cap of 300 W comes after one of 400 W; order the points/)
  assert.match(problemsOf(curve(['400 W', 1], ['900 W', 2]))[0]!,
    /^curves\.0\.points\.1: the cap of 900 W is above the rating of 700 W; leave it out/)
  assert.match(problemsOf(curve(['400 W', 1, '390 W'], ['700 W', 2]))[0]!,
    /^curves\.0\.points\.1: this point has no draw and others have; say the draw of all/)
  assert.match(problemsOf(curve(['400 W', 1, '420 W'], ['700 W', 2, '650 W']))[0]!,
    /^curves\.0\.points\.0: 420 W are drawn under a cap of 400 W; give the mean draw/)
  assert.match(problemsOf(curve(...points), curve(...points))[0]!,
    /^curves\.1\.class: there is a curve of H100 in compute already; leave one/)
  assert.match(problemsOf({ ...curve(...points), device: 'H10' })[0]!,
    /^curves\.0\.device: the catalogue has no device "H10"; it has .*did you mean "H100"\?/)
})
