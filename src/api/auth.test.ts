// Every route takes the roles that it says and no less, other hosts and origins are refused, and
// no secret is in the log, the audit or a file. Over HTTP, from the server's own document.
import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { request } from 'node:http'
import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { serve, smallFactory } from '../../test/api-server.ts'
import { ROLES, type Role } from './schema-server.ts'
import { Sessions } from './sessions.ts'
import { Tokens } from './tokens.ts'

const served = await serve([smallFactory()])
after(served.close)
const { url } = served.server

type Document = { readonly paths: Record<string, Record<string, { 'x-role': string }>> }

describe('roles', async () => {
  const document = await (await fetch(`${url}/v1/openapi.json`)).json() as Document
  const routes = Object.entries(document.paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, operation]) => ({ path, method, operation })))

  test('the document names the role of every route', () => {
    ok(routes.length >= 28)
    for (const { operation } of routes) {
      ok(['anyone', ...ROLES].includes(operation['x-role'] as Role))
    }
  })

  for (const { path, method, operation } of routes) {
    const least = operation['x-role']
    if (least === 'anyone') continue
    test(`${method} ${path} takes ${least}`, async () => {
      const address = `${url}${path.replace(/\{\w+\}/g, '1')}?dryRun=true&nonsense=1`
      const statusOf = async (token: string | undefined) => {
        const response = await fetch(address, { method: method.toUpperCase(),
          headers: token === undefined ? {} : { authorization: `Bearer ${token}` } })
        equal(response.headers.get('content-type'), 'application/problem+json')
        await response.text()
        return response.status
      }
      equal(await statusOf(undefined), 401)
      equal(await statusOf('mr_AAAAAAAA_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'), 401)
      for (const role of ROLES) {
        const isLess = ROLES.indexOf(role) < ROLES.indexOf(least as Role)
        // Whoever may ask is told that the address has a part that is not known.
        equal(await statusOf(served.secrets[role]), isLess ? 403 : 400, role)
      }
    })
  }
})

describe('a page', () => {
  test('signs in for a cookie that scripts cannot read, and out again', async () => {
    const made = await fetch(`${url}/v1/session`, { method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ token: served.secrets.operator }) })
    equal(made.status, 201)
    const header = made.headers.get('set-cookie')!
    match(header, /^millrace-session=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict; Max-Age=43200$/)
    const cookie = header.split(';')[0]!
    const who = await fetch(`${url}/v1/session`, { headers: { cookie } })
    deepEqual(await who.json(), { name: 'operator', role: 'operator', isSession: true,
      expiresAt: null })
    for (const foreign of [{ origin: 'https://example.org' }, { 'sec-fetch-site': 'cross-site' }]) {
      const crossed = await fetch(`${url}/v1/factories`, { headers: { cookie, ...foreign } })
      equal(crossed.status, 403)
    }
    // The next server on the folder knows it too: a page goes on by itself. No secret is kept.
    const kept = readFileSync(join(served.folder, 'sessions.json'), 'utf8')
    ok(!kept.includes(cookie.split('=')[1]!))
    equal(new Sessions(served.folder).find(cookie),
      served.tokens.list().find(({ name }) => name === 'operator')!.id)
    equal((await fetch(`${url}/v1/session`, { method: 'DELETE', headers: { cookie } })).status, 204)
    equal((await fetch(`${url}/v1/session`, { headers: { cookie } })).status, 401)
    equal(new Sessions(served.folder).find(cookie), undefined)
    writeFileSync(join(served.folder, 'sessions.json'), 'half a li')
    equal(new Sessions(served.folder).find(cookie), undefined)
  })

  test('of a name that is not ours is refused, and no other origin is let in', async () => {
    for (const host of ['evil.example', '127.0.0.1.evil.example', 'localhost.', '127.0.0.1@a']) {
      equal(await statusWithHost(host), 421, host)
    }
    equal(await statusWithHost(`localhost:${served.server.port}`), 200)
    const options = await fetch(`${url}/v1/jobs`, { method: 'OPTIONS', headers: {
      origin: 'https://example.org', 'access-control-request-method': 'POST' } })
    equal(options.status, 405)
    equal(options.headers.get('access-control-allow-origin'), null)
    equal(options.headers.get('x-content-type-options'), 'nosniff')
  })
})

describe('tokens', () => {
  test('are made, expire, are taken away, and are shown once', async () => {
    const admin = served.clientOf('admin')
    const made = await admin.makeToken({ name: 'short', role: 'viewer', lifeMs: 1000 },
      { key: 'once' })
    const again = await admin.makeToken({ name: 'short', role: 'viewer', lifeMs: 1000 },
      { key: 'once' })
    equal(again.id, made.id)
    equal(served.tokens.find(made.token), undefined)
    equal(served.tokens.find(again.token)?.name, 'short')
    ok(!JSON.stringify(await admin.tokens()).includes(again.token))
    await admin.removeToken(made.id)
    equal(served.tokens.find(again.token), undefined)
    const self = served.tokens.list().find(({ role }) => role === 'admin')!
    const last = await fetch(`${url}/v1/tokens/${self.id}`, { method: 'DELETE',
      headers: { authorization: `Bearer ${served.secrets.admin}` } })
    match(await last.text(), /last-admin/)
  })

  test('are kept as hashes in a file of their owner, and are there after a restart', () => {
    const file = join(served.folder, 'tokens.json')
    equal(statSync(file).mode & 0o777, 0o600)
    equal(statSync(join(served.folder, 'token')).mode & 0o777, 0o600)
    const text = readFileSync(file, 'utf8')
    for (const secret of Object.values(served.secrets)) {
      ok(!text.includes(secret.slice(12)))
    }
    const again = new Tokens(served.folder)
    equal(again.first, undefined)
    equal(again.find(served.secrets.operator)?.role, 'operator')
    let nowMs = Date.now()
    const timed = new Tokens(served.folder, () => nowMs)
    const { token } = timed.make({ name: 'x', role: 'viewer', account: '', madeBy: '',
      expiresAtMs: nowMs + 10 })
    ok(timed.find(token))
    nowMs += 10
    equal(timed.find(token), undefined)
  })
})

test('nothing secret is logged or audited', async () => {
  const submitter = served.clientOf('submitter')
  await submitter.submit({ gpus: 1, spec: { command: ['a'], environment: { KEY: 'hush-hush' } } })
  const audit = await served.clientOf('admin').audit()
  const acts = await served.clientOf('admin').audit({ of: 'server' })
  deepEqual(audit.items[0]?.who, 'submitter')
  deepEqual(audit.items[0]?.from, '127.0.0.1')
  ok(acts.items.some(({ intent }) => (intent as { type: string }).type === 'token.make'))
  const text = served.lines.join('') + JSON.stringify([audit, acts])
    + readFileSync(join(served.folder, 'audit.jsonl'), 'utf8')
  match(text, /"who":"submitter"/)
  ok(!text.includes('hush-hush'))
  ok(!text.includes('millrace-session='))
  for (const secret of Object.values(served.secrets)) ok(!text.includes(secret.slice(12)))
})

function statusWithHost(host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    request(`${url}/healthz`, { headers: { host } }, (response) => {
      response.resume()
      resolve(response.statusCode!)
    }).on('error', reject).end()
  })
}
