// Events are streamed as they become durable, again from any that the journal has, and only those
// that were asked for; a reader that does not read is cut off. Over HTTP, with the client.
import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { after, test } from 'node:test'
import { serve, smallFactory } from '../../test/api-server.ts'
import type { Client } from './client.ts'
import type { FactoryEvent } from './schema-server.ts'

const small = smallFactory()
const served = await serve([small])
after(served.close)
const submitter = served.clientOf('submitter')
const viewer = served.clientOf('viewer')

/** The first events of a stream. */
async function first(
  count: number, query: Parameters<Client['events']>[0]): Promise<FactoryEvent[]> {
  const found: FactoryEvent[] = []
  const stop = new AbortController()
  for await (const event of viewer.events(query, stop.signal)) {
    found.push(event)
    if (found.length === count) stop.abort()
  }
  return found
}

test('from the beginning, rows are the jobs that had them then', async () => {
  await submitter.submit({ name: 'a', gpus: 1 })
  await submitter.cancel(1)
  await submitter.submit({ name: 'b', gpus: 1 })
  const events = await first(5, { after: 'small-0.0' })
  deepEqual(events.map(({ type, number }) => `${type} ${number}`), [
    'job.submitted 1', 'job.started 1', 'job.ended 1', 'job.submitted 2', 'job.started 2'])
  equal(events[0]?.event['queue'], 'day')
})

test('after an id it goes on with the next, inside a block too', async () => {
  const [, second] = await first(2, { after: 'small-0.0' })
  deepEqual([second?.seq, second?.index], [1, 1])
  const [next] = await first(1, { after: 'small-1.0' })
  deepEqual(next, second)
  const [third] = await first(1, { after: 'small-1.1' })
  equal(third?.type, 'job.ended')
})

test('of one job, from when it came', async () => {
  const [event] = await first(1, { after: 'submitted', job: 2 })
  deepEqual([event?.type, event?.number], ['job.started', 2])
})

test('what happens later comes at once, and only what was asked for', async () => {
  const started = first(1, { types: 'job.started,nodes.*', job: 3 })
  const drained = first(1, { types: 'nodes.*' })
  await until(() => served.lines.length > 0)
  await new Promise((resolve) => { setTimeout(resolve, 100) })
  await submitter.submit({ name: 'c', gpus: 1 })
  await served.clientOf('operator').drain('rack1', 'pump')
  equal((await started)[0]?.number, 3)
  const [event] = await drained
  deepEqual([event?.type, event?.event['from'], event?.event['to']],
    ['nodes.drained', 'rack1/1', 'rack1/4'])
})

test('ids that never were are refused', async () => {
  for (const id of ['small-99.0', 'other-1.0', 'nonsense', '-1.0']) {
    const response = await raw(id)
    equal(response.status, 422)
    match(await response.text(), /no-such-event/)
  }
})

test('a reader that does not read is told its last event and cut', async () => {
  const response = await raw('small-0.0')
  const reader = response.body!.getReader()
  // Long names fill what the kernel and the server keep for it.
  for (let at = 0; at < 1500; at++) {
    await small.ask({ type: 'other', intent: {
      type: 'drain', first: 0, end: 1, reason: 'x'.repeat(5000) } },
    { who: 'a', from: '', key: '' })
  }
  let text = ''
  for (;;) {
    const { value, done } = await reader.read()
    if (done) break
    text = (text + Buffer.from(value).toString()).slice(-10_000)
  }
  match(text, /event: millrace.cut\ndata: \{"why":"it was not read fast enough","lastId":"small-/)
})

async function raw(id: string): Promise<Response> {
  return fetch(`${served.server.url}/v1/events`, { headers: {
    authorization: `Bearer ${served.secrets.viewer}`, 'last-event-id': id } })
}

async function until(isSo: () => boolean): Promise<void> {
  for (let waited = 0; waited < 5000 && !isSo(); waited += 5) {
    await new Promise((resolve) => { setTimeout(resolve, 5) })
  }
  ok(isSo())
}
