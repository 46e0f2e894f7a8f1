// The server answers reads and writes of every resource over HTTP, each role as far as it may.
import { deepEqual, equal, ok, rejects } from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import { serve, smallFactory } from '../../test/api-server.ts'
import { ApiError } from './client.ts'

const small = smallFactory()
const served = await serve([small])
after(served.close)
const operator = served.clientOf('operator')
const submitter = served.clientOf('submitter')

describe('jobs', () => {
  test('a job is submitted, seen, held by its owner only, and cancelled', async () => {
    const done = await submitter.submit({ name: 'first', gpus: 2, limitMs: 60_000,
      spec: { command: ['train'], environment: { SECRET: 'pässword' } } })
    ok('seq' in done)
    equal(done.number, 1)
    const job = await submitter.job(1)
    equal(job.phase, 'starting')
    equal(job.owner, 'submitter')
    deepEqual(job.spec?.variables, ['SECRET'])
    equal(job.placement[0]?.from, 'rack0/1')
    equal((await served.clientOf('other').job(1)).spec, null)
    await refusedWith(served.clientOf('other').cancel(1), 403, 'not-yours')
    await refusedWith(submitter.hold(1), 409, 'not-possible-now')
    await submitter.cancel(1)
    const ended = await submitter.job(1)
    equal(ended.phase, 'ended')
    equal(ended.outcome, 'cancelled')
    deepEqual((await submitter.jobs({ phase: 'ended' })).items.map(({ number }) => number), [1])
  })

  test('what cannot be is refused with what it would take and what there is', async () => {
    const error = await refusedWith(submitter.submit({ gpus: 9 }), 422, 'too-large')
    equal(error.problem?.need, '9 GPUs')
    equal(error.problem?.have, '8 GPUs')
    equal(error.problem?.remedy, 'Ask for fewer.')
    await refusedWith(submitter.submit({ queue: 'dya' }), 422, 'no-such-queue')
    await refusedWith(submitter.job(99), 404, 'no-such-job')
  })

  test('pages lead to one another, and a dry run changes nothing', async () => {
    for (let at = 0; at < 5; at++) await submitter.submit({ gpus: 8, name: `page${at}` })
    const first = await submitter.jobs({ limit: 2 })
    const second = await submitter.jobs({ limit: 2, cursor: first.next! })
    deepEqual([...first.items, ...second.items].map(({ number }) => number), [2, 3, 4, 5])
    const newest = await submitter.jobs({ limit: 2, order: 'newest', reasons: 'true' })
    deepEqual(newest.items.map(({ number }) => number), [6, 5])
    equal(newest.items[0]?.reason?.code, 'nodes')
    const found = await submitter.jobs({ text: 'AGE3' })
    deepEqual(found.items.map(({ name, grantW }) => [name, grantW > 0]), [['page3', true]])
    const all = []
    for await (const job of submitter.all((cursor) => submitter.jobs({ limit: 2,
      ...cursor === undefined ? {} : { cursor } }))) all.push(job.number)
    deepEqual(all, [2, 3, 4, 5, 6])
    const placed = await submitter.jobs({ phase: 'placed' })
    deepEqual(placed.items.map(({ number }) => number), [2])
    const dry = await operator.cancel(2, { dryRun: true })
    ok('dryRun' in dry)
    deepEqual(dry.starts, [3])
    equal((await submitter.job(2)).phase, 'starting')
  })
})

describe('the plant', () => {
  test('nodes are listed, drained by name and resumed', async () => {
    await operator.drain('rack1', 'pump')
    const drained = await operator.nodes({ within: 'rack1', limit: 1 })
    deepEqual(drained.items.map(({ name, isDrained }) => [name, isDrained]), [['rack1/1', true]])
    equal(drained.next, '4')
    await operator.resume('4-7', 'mended')
    equal((await operator.nodes({ state: 'drained' })).items.length, 0)
    await refusedWith(operator.drain('rack9', ''), 404, 'no-such-node')
    await refusedWith(submitter.drain('rack1', ''), 403, 'not-allowed')
  })

  test('factories, queues and feeders say what they hold', async () => {
    const [factory] = (await operator.factories()).items
    deepEqual(factory?.gpus, { total: 8, busy: 8, waiting: 32 })
    const { items } = await operator.queues()
    deepEqual(items.map(({ name, pending, running }) => [name, pending, running]),
      [['day', 4, 1], ['night', 0, 0]])
    const feeders = await operator.feeders({ within: 'row0' })
    deepEqual(feeders.items.map(({ name, grantW }) => [name, grantW]),
      [['row0', 800], ['rack0', 400], ['rack1', 400]])
  })

  test('limits and curtailments come and go', async () => {
    const until = new Date(Date.now() + 3_600_000).toISOString()
    const done = await operator.limit({ feeder: 'site0', watts: 500, until, cause: 'pump' })
    ok('seq' in done)
    const [limit] = (await operator.limits()).items
    deepEqual([limit?.feeder, limit?.watts, limit?.cause, limit?.endAt],
      ['site0', 500, 'pump', until])
    await operator.clearLimit(done.limit!)
    equal((await operator.limits()).items.length, 0)
    await operator.curtail({ cutRatio: 0.25, forMs: 60_000, noticeMs: 1000 })
    equal((await operator.curtailments()).items[0]?.watts, 600)
    await refusedWith(operator.curtail({ forMs: 60_000 }), 400, 'bad-request')
  })
})

test('an unchanged page is answered without a body', async () => {
  const headers = { authorization: `Bearer ${served.secrets.viewer}` }
  const first = await fetch(`${served.server.url}/v1/jobs`, { headers })
  const again = await fetch(`${served.server.url}/v1/jobs`, { headers: {
    ...headers, 'if-none-match': first.headers.get('etag')! } })
  equal(again.status, 304)
  equal(await again.text(), '')
})

test('the same key does it once; with another request it is refused', async () => {
  const first = await submitter.submit({ name: 'once', gpus: 1 }, { key: 'k1' })
  const again = await submitter.submit({ name: 'once', gpus: 1 }, { key: 'k1' })
  deepEqual(again, first)
  await refusedWith(submitter.submit({ name: 'twice', gpus: 1 }, { key: 'k1' }), 422, 'key-reused')
})

async function refusedWith(
  asked: Promise<unknown>, status: number, code: string): Promise<ApiError> {
  let found: ApiError | undefined
  await rejects(asked, (error) => {
    ok(error instanceof ApiError)
    deepEqual([error.status, error.code], [status, code], error.message)
    found = error
    return true
  })
  return found!
}
