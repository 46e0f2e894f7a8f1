// Requests made from the server's own document, right and wrong, never meet a mistake of ours: no
// answer is a 500, every refusal is a problem with what to do, and every success is as the document
// says. FUZZ_RUNS and FUZZ_SEED repeat or lengthen it.
import { equal, ok } from 'node:assert/strict'
import { connect } from 'node:net'
import { after, describe, test } from 'node:test'
import * as fc from 'fast-check'
import { serve, smallFactory } from '../../test/api-server.ts'
import { documentOf, requestsOf, type Shot } from '../../test/api-requests.ts'
import { problemSchema } from './schema-part.ts'

const served = await serve([smallFactory()])
after(served.close)
const { url, port } = served.server
const document = await documentOf(url)
const runs = Number(process.env['FUZZ_RUNS'] ?? 300)
const seed = Number(process.env['FUZZ_SEED'] ?? 1)

test('what the document allows, and what it does not, is never a mistake of ours', async () => {
  const seen = new Map<string, number>()
  await fc.assert(fc.asyncProperty(requestsOf(document), async (shot) => {
    const response = await sent(shot)
    const text = await response.text()
    seen.set(`${response.status}`, (seen.get(`${response.status}`) ?? 0) + 1)
    ok(response.status < 500 || [503].includes(response.status), `${response.status} ${text}`)
    if (response.status >= 400) isProblem(response, text)
    // The floor is bytes, and has tests of its own.
    else if (response.headers.get('content-type')?.includes('json')) {
      ok(shot.isAnswer(response.status, JSON.parse(text)), text)
    }
  }), { numRuns: runs, seed })
  ok((seen.get('200') ?? 0) > runs / 50, JSON.stringify([...seen]))
  ok((seen.get('400') ?? 0) > runs / 50)
})

describe('what is no request of the document', () => {
  const authorization = `Bearer ${served.secrets.admin}`
  const post = (body: Uint8Array<ArrayBuffer> | string, type = 'application/json') =>
    fetch(`${url}/v1/jobs`, { method: 'POST', body,
      headers: { authorization, 'content-type': type } })
  const cases: Readonly<Record<string, readonly [number, string, () => Promise<Response>]>> = {
    'an address that is not there': [404, 'no-such-route', () => fetch(`${url}/v1/nothing`)],
    'another method': [405, 'no-such-method', () => fetch(`${url}/v1/jobs`, { method: 'PUT' })],
    'a media type': [415, 'no-such-media-type', () => post('a: 1', 'application/yaml')],
    'a form': [415, 'no-such-media-type', () =>
      post('gpus=1', 'application/x-www-form-urlencoded')],
    'no JSON': [400, 'bad-json', () => post('{"gpus": 1')],
    'a list': [400, 'bad-request', () => post('[1]')],
    'null': [400, 'bad-request', () => post('null')],
    'a polluted prototype': [400, 'bad-json', () => post('{"__proto__": {"gpus": 1}}')],
    'bytes that are not UTF-8': [400, 'bad-encoding', () =>
      post(Uint8Array.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]))],
    'half a character': [400, 'bad-request', () => post('{"name": "\\ud800"}')],
    'a name that turns the writing': [400, 'bad-request', () => post('{"name": "a\\u202eb"}')],
    'a name with a bell': [400, 'bad-request', () => post('{"name": "a\\u0007"}')],
    'a huge body': [413, 'body-too-large', () => post(JSON.stringify({ name: 'x'.repeat(2e6) }))],
    'a bad escape': [400, 'bad-encoding', () => fetch(`${url}/v1/jobs/%ff`)],
    'a path upwards': [400, 'bad-request', () =>
      fetch(`${url}/v1/jobs/..%2f..%2fetc`, { headers: { authorization } })],
    'a long number': [400, 'bad-request', () =>
      fetch(`${url}/v1/jobs/${'9'.repeat(30)}`, { headers: { authorization } })],
    'a long part': [404, 'no-such-route', () =>
      fetch(`${url}/v1/jobs/${'9'.repeat(300)}`, { headers: { authorization } })],
    'a key of two lines': [400, 'bad-request', () => fetch(`${url}/v1/jobs`, { method: 'POST',
      body: '{}', headers: { authorization, 'content-type': 'application/json',
        'idempotency-key': 'a\tb' } })],
    'a name that is not ours': [404, 'no-such-factory', () =>
      fetch(`${url}/v1/jobs?factory=other`, { headers: { authorization } })],
    'a parameter twice': [400, 'bad-request', () =>
      fetch(`${url}/v1/jobs?limit=1&limit=2`, { headers: { authorization } })],
    'a parameter that is not known': [400, 'bad-request', () =>
      fetch(`${url}/v1/jobs?limt=1`, { headers: { authorization } })],
  }
  for (const [name, [status, code, ask]] of Object.entries(cases)) {
    test(name, async () => {
      const response = await ask()
      const text = await response.text()
      equal(response.status, status, text)
      equal(isProblem(response, text), code, text)
    })
  }

  test('bytes that are no HTTP are answered and end the connection', async () => {
    for (const bytes of ['\0\0\0\n\n', 'GET / HTTP/9.9\r\n\r\n', `GET /${'a'.repeat(40_000)}`]) {
      const text = await new Promise<string>((resolve) => {
        let got = ''
        const socket = connect(port, '127.0.0.1', () => socket.write(bytes))
        socket.on('data', (part) => { got += part.toString() })
        socket.on('close', () => resolve(got)).on('error', () => {})
      })
      ok(/^HTTP\/1.1 4\d\d /.test(text), text)
    }
    equal((await fetch(`${url}/healthz`)).status, 200)
  })
})

test('too many requests are told when to come again', async () => {
  const slow = await serve([smallFactory()], { ratePerSecond: 3 })
  try {
    const responses = await Promise.all([...Array(6)].map(() => fetch(
      `${slow.server.url}/v1/queues`,
      { headers: { authorization: `Bearer ${slow.secrets.viewer}` } })))
    const last = responses.find(({ status }) => status === 429)!
    equal(last.headers.get('retry-after'), '1')
    equal(isProblem(last, await last.text()), 'too-many-requests')
  } finally {
    await slow.close()
  }
})

/** What a problem has to say; returns its code. */
function isProblem(response: Response, text: string): string {
  equal(response.headers.get('content-type'), 'application/problem+json', text)
  const problem = problemSchema.parse(JSON.parse(text))
  equal(problem.status, response.status)
  ok(problem.remedy.length > 5, text)
  ok(!/invalid/i.test(problem.detail), text)
  ok(!text.includes('    at '), text)
  return problem.code
}

async function sent({ method, path, body, headers }: Shot): Promise<Response> {
  return fetch(`${url}${path}`, {
    method,
    headers: { authorization: `Bearer ${served.secrets.admin}`, ...headers,
      ...body === undefined ? {} : { 'content-type': 'application/json' } },
    ...body === undefined ? {} : { body: JSON.stringify(body) },
    signal: AbortSignal.timeout(30_000),
  })
}
