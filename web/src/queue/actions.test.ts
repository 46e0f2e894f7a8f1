// A remedy becomes the requests that carry it out, whole or not at all, and is offered only to
// those who may. By hand, with remedies as the server writes them.
import { deepEqual, equal } from 'node:assert/strict'
import { test } from 'node:test'
import { actionsOf, changesOf, gentlerOf, isAllowed } from './actions.ts'
import { expectedOf } from './answer.ts'

type Changes = ({ type: string } & Record<string, unknown>)[]

const remedy = (...changes: Changes) => ({ sentence: '', changes, capW: -1 })

test('jobs, nodes and limits are acted on', () => {
  const paths = (...changes: Changes) =>
    actionsOf(remedy(...changes), 7).map(({ method, path }) => `${method} ${path}`)
  deepEqual(paths({ type: 'release' }), ['POST /v1/jobs/7/release'])
  deepEqual(paths({ type: 'end', jobs: [3, 4] }),
    ['POST /v1/jobs/3/cancel', 'POST /v1/jobs/4/cancel'])
  deepEqual(paths({ type: 'drop', limits: [2] }), ['DELETE /v1/limits/2'])
  deepEqual(actionsOf(remedy({ type: 'serve', ranges: [8, 12, 20, 21] }), 7)
    .map(({ body }) => body?.['nodes']), ['8-11', '20-20'])
})

test('where another could take what a job leaves, it is a what-if and no button', () => {
  const found = remedy({ type: 'release' }, { type: 'end', jobs: [3] }, { type: 'hold', jobs: [4] })
  deepEqual(actionsOf(found, 7), [])
  deepEqual(changesOf(found, 7), ['release 7', 'hold 4', 'cancel 3'])
})

test('one job that is to end may wait again in its place, several may not', () => {
  const gentler = (...jobs: number[]) =>
    gentlerOf(actionsOf(remedy({ type: 'end', jobs }), 7))?.map(({ path }) => path)
  deepEqual(gentler(3), ['/v1/jobs/3/requeue'])
  equal(gentler(3, 4), undefined)
  equal(gentlerOf(actionsOf(remedy({ type: 'release' }), 7)), undefined)
})

test('a remedy of which a part takes no button has none', () => {
  deepEqual(actionsOf(remedy({ type: 'release' }, { type: 'priority', priority: 3 }), 7), [])
  deepEqual(actionsOf(remedy({ type: 'limit', feeder: 'lab', byW: 10 }), 7), [])
  deepEqual(changesOf(remedy({ type: 'limit', feeder: 'lab', byW: 10 }), 7), ['limit lab +10 W'])
  deepEqual(changesOf(remedy({ type: 'priority', priority: 3 }), 7), [])
})

test('submitters act on their own jobs, operators on all', () => {
  const [release] = actionsOf(remedy({ type: 'release' }), 7)
  const [stop] = actionsOf(remedy({ type: 'end', jobs: [3] }), 7)
  equal(isAllowed(release!, false, true, true), true)
  equal(isAllowed(release!, false, true, false), false)
  equal(isAllowed(release!, false, false, true), false)
  equal(isAllowed(stop!, false, true, true), false)
  equal(isAllowed(stop!, true, true, false), true)
})

test('starts are told from now on', () => {
  const expected = expectedOf({ atMs: 100, untilMs: 1100, futures: 3, numbers: [4],
    leastAtMs: [100], middleAtMs: [150], mostAtMs: [null] })
  deepEqual(expected.get(4), { least: 0, middle: 50, most: undefined, within: 1000 })
})
