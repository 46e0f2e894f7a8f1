// The client over a factory that is run by the live loop: a reply that was lost is asked for again
// with the same key and the job is there once; questions are answered from another thread.
import { deepEqual, equal, match, ok, rejects } from 'node:assert/strict'
import { after, test } from 'node:test'
import { serve } from '../../test/api-server.ts'
import { HandClock, keptOf, POLICIES, smallPlant } from '../../test/live/site.ts'
import { startController } from '../run/live/start.ts'
import { twinKind } from '../run/live/twin.ts'
import { Client } from './client.ts'

const plant = smallPlant()
const kept = keptOf(plant)
const clock = new HandClock()
const controller = await startController({
  name: 'small', plant, policies: POLICIES, open: () => kept.open(), pace: 1, clocks: clock,
  engine: twinKind([], 1, false),
})
const served = await serve([controller])
after(async () => {
  await served.close()
  await controller.close()
})

/** A network that loses the first answers of each request. */
function losing(times: number): { readonly fetch: typeof fetch, readonly lost: () => number } {
  let lost = 0
  return {
    lost: () => lost,
    fetch: async (...asked) => {
      const response = await fetch(...asked)
      if (lost >= times) return response
      lost++
      await response.text()
      throw new TypeError('the connection was lost')
    },
  }
}

test('a lost reply is asked for again, and the job is there once', async () => {
  const network = losing(2)
  const client = new Client({ url: served.server.url, token: served.secrets.submitter,
    fetch: network.fetch })
  const done = await client.submit({ name: 'once', gpus: 8, limitMs: 60_000 })
  equal(network.lost(), 2)
  ok('seq' in done)
  deepEqual((await client.jobs()).items.map(({ name, number }) => [name, number]), [['once', 1]])
  await rejects(new Client({ url: served.server.url, token: served.secrets.submitter, retries: 0,
    fetch: losing(1).fetch }).jobs(), /No answer/)
})

test('a limit from now on that comes again with its key is the same request', async () => {
  const client = new Client({ url: served.server.url, token: served.secrets.operator,
    fetch: losing(1).fetch })
  clock.pass(1000)
  const slow = new Client({ url: served.server.url, token: served.secrets.operator })
  const first = await slow.limit({ feeder: 'here', watts: 100_000 }, { key: 'cut' })
  clock.pass(5000)
  deepEqual(await client.limit({ feeder: 'here', watts: 100_000 }, { key: 'cut' }), first)
  equal((await client.limits()).items.length, 1)
})

test('why, what-if and the hours ahead come from another thread', async () => {
  const operator = served.clientOf('operator')
  const done = await operator.submit({ name: 'waits', gpus: 56, limitMs: 60_000 })
  ok('seq' in done)
  const why = await operator.why(done.number!)
  ok(['pending', 'starting', 'running', 'paused'].includes(why['state'] as string))
  const answer = await operator.whatIf({ changes: ['limit here 110 kW'], forMs: 3_600_000,
    seeds: 1 })
  equal(typeof answer['verdict'], 'string')
  await rejects(operator.whatIf({ changes: ['limt here 1 MW'] }), /did you mean limit/)
  const ahead = await operator.powerAhead({ forMs: 3_600_000 })
  equal((ahead['feeders'] as object[]).length, 1)
  const dry = await operator.cancel(1, { dryRun: true })
  ok('dryRun' in dry)
  deepEqual(dry.stops, [1])
})

test('metrics, health and readiness are there for those who watch', async () => {
  const { url } = served.server
  equal(await (await fetch(`${url}/healthz`)).text(), 'ok\n')
  equal((await fetch(`${url}/readyz`)).status, 200)
  const response = await fetch(`${url}/metrics`, { headers: {
    authorization: `Bearer ${served.secrets.viewer}` } })
  const text = await response.text()
  match(text, /^millrace_power_limit_watts\{factory="small",feeder="here"\} 100000$/m)
  match(text, /^millrace_jobs\{factory="small",queue="default",state="running"\} \d$/m)
  match(text, /^http_request_duration_seconds_bucket\{/m)
})
