// Traces that come again and again: what comes after a moment is the same whether somebody took
// what came before it or began there, and names lead back to the jobs of the traces.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { readTrace } from '../../traces/read.ts'
import { parseScale, type ScaledTrace } from '../../traces/scale.ts'
import { EndlessArrivals } from './endless.ts'

const FIXTURES = join(import.meta.dirname, '..', '..', '..', 'test', 'fixtures', 'traces')

async function traces(scale: string): Promise<ScaledTrace[]> {
  const philly = await readTrace('philly', join(FIXTURES, 'philly-40.csv.gz'))
  const kalos = await readTrace('kalos', join(FIXTURES, 'kalos-40.csv'))
  return [philly, kalos].map((trace) => ({ trace, scale: parseScale(scale) }))
}

function taken(arrivals: EndlessArrivals, count: number): { atMs: number, name: string }[] {
  return Array.from({ length: count }, () => {
    const atMs = arrivals.peekAtMs()
    return { atMs, name: arrivals.next().name }
  })
}

for (const scale of ['', 'copies=3,jitter=2d']) {
  test(`they never end, in the order of time, each once (${scale || 'as they are'})`, async () => {
    const all = taken(new EndlessArrivals(await traces(scale), 7, -1), 2000)
    all.reduce((before, each) => {
      assert.ok(each.atMs >= before.atMs, `${each.name} comes before ${before.name}`)
      return each
    })
    assert.equal(new Set(all.map(({ name }) => name)).size, all.length)
    assert.ok(all.some(({ name }) => /~\d/.test(name)), 'a second cycle came')
  })

  test(`who begins behind a moment has the rest (${scale || 'as they are'})`, async () => {
    const list = await traces(scale)
    const all = taken(new EndlessArrivals(list, 7, -1), 2000)
    for (const at of [0, 1, 39, 200, 777, 1500]) {
      const { atMs } = all[at]!
      const rest = all.filter((each) => each.atMs > atMs)
      assert.deepEqual(taken(new EndlessArrivals(list, 7, atMs), 100), rest.slice(0, 100))
    }
  })

  test(`names lead back to jobs (${scale || 'as they are'})`, async () => {
    const arrivals = new EndlessArrivals(await traces(scale), 7, -1)
    for (let at = 0; at < 1000; at++) {
      const { job, name } = arrivals.next()
      assert.deepEqual(arrivals.jobNamed(name), job, name)
    }
    assert.equal(arrivals.jobNamed('no such job'), undefined)
    assert.equal(arrivals.jobNamed(''), undefined)
  })
}
