// The recent past of power, decisions and health over HTTP, of a small factory whose limit is cut
// and given back.
import { deepEqual, equal, ok } from 'node:assert/strict'
import { after, test } from 'node:test'
import { serve, smallFactory } from '../../test/api-server.ts'
import type { Marks } from './schema-marks.ts'
import type { Decisions, FactoryHealth, PowerHistory } from './schema-history.ts'

const small = smallFactory()
const served = await serve([small])
after(served.close)
const operator = served.clientOf('operator')

async function read<Answer>(path: string): Promise<Answer> {
  const response = await fetch(`${served.server.url}${path}`, {
    headers: { authorization: `Bearer ${served.secrets.viewer}` } })
  equal(response.status, 200, path)
  return await response.json() as Answer
}

test('a limit that was set and cleared stays in the past with its words', async () => {
  const [root] = (await operator.feeders()).items
  const set = await operator.limit({ feeder: root!.name, watts: root!.limitW - 1,
    cause: 'breaker test' })
  ok('limit' in set)
  const during = await read<PowerHistory>('/v1/history')
  deepEqual([during.feeder, during.path], [root!.name, []])
  equal(during.samples.limitW.at(-1), root!.limitW - 1)
  equal(during.samples.grantW.at(-1), (await operator.feeders()).items[0]!.grantW)
  deepEqual(during.limits.map(({ cause, kind, clearedAt }) => ({ cause, kind, clearedAt })),
    [{ cause: 'breaker test', kind: 'limit', clearedAt: null }])
  await operator.clearLimit(set.limit!)
  const later = await read<PowerHistory>('/v1/history')
  equal(later.samples.limitW.at(-1), root!.limitW)
  ok(later.limits.every(({ clearedAt }) => clearedAt !== null))
})

test('a time is marked with its limits, and with nodes that went down in parts of it', async () => {
  const now = Date.parse((await read<PowerHistory>('/v1/history')).at)
  await small.report({ type: 'nodes.lost', first: 5, end: 7, cause: 'test' })
  const around = (backMs: number, aheadMs: number) => `from=${
    new Date(now - backMs).toISOString()}&until=${new Date(now + aheadMs).toISOString()}`
  const marks = await read<Marks>(`/v1/marks?parts=2&${around(600_000, 600_000)}`)
  deepEqual(marks.wentDown, [0, 2])
  deepEqual(marks.limits.map(({ cause, kind }) => [cause, kind]), [['breaker test', 'limit']])
  ok(marks.limits[0]!.endAt !== null)
  const later = await read<Marks>(`/v1/marks?${around(-600_000, 1_200_000)}`)
  deepEqual([later.limits.length, later.wentDown.length], [0, 120])
  await small.report({ type: 'nodes.healthy', first: 5, end: 7 })
})

test('only so many levels of feeders are told where that is asked', async () => {
  const { items } = await operator.feeders({ depth: 0 })
  deepEqual(items.map(({ parent }) => parent), [null])
  const below = await operator.feeders({ within: items[0]!.name, depth: 1 })
  ok(below.items.slice(1).every(({ parent }) => parent === items[0]!.name))
})

test('decisions of a time come from the journal, with who and why', async () => {
  await operator.submit({ name: 'told', gpus: 2 })
  const from = new Date(0).toISOString()
  const until = new Date(Date.parse((await read<PowerHistory>('/v1/history')).at) + 1e9)
  const told = await read<Decisions>(
    `/v1/decisions?from=${from}&until=${until.toISOString()}`)
  equal(told.counts['job.submitted'], 1)
  equal(told.counts['limit.set'], 1)
  deepEqual(told.items.filter(({ name }) => name === 'told').map(({ type }) => type),
    ['job.submitted', 'job.started'])
  equal(told.items.find(({ type }) => type === 'limit.set')?.why, 'breaker test')
})

test('health says what is checked, how long commits take, and what to look at', async () => {
  const health = await read<FactoryHealth>('/v1/health')
  ok(health.isDeciding && health.invariants.items.length > 10)
  ok(health.journal.events > 0 && health.journal.seq > 0)
  deepEqual(health.problems, [])
  await operator.drain('rack0/1', 'a look')
  deepEqual((await read<FactoryHealth>('/v1/health')).problems,
    [{ code: 'nodes', values: { down: 0, drained: 1 } }])
})
