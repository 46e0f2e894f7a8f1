import * as z from 'zod'
import { checkOrigin, isFresh, UNCHANGED } from '../auth.ts'
import { factoryNamed, type Api, type Desk } from '../desk.ts'
import { dateText, nowText } from '../moment.ts'
import { cursorOf } from '../page.ts'
import { ProblemError } from '../problem.ts'
import { problemSchema } from '../schema-part.ts'
import {
  auditPage, auditQuery, madeTokenSchema, newTokenSchema, sessionSchema, signInSchema,
  tokenParams, tokensSchema, type Token,
} from '../schema-server.ts'
import type { TokenRecord } from '../tokens.ts'
import { keyOf } from '../write.ts'

const wrong = { '4xx': problemSchema, '5xx': problemSchema }
const nothing = z.strictObject({})

/** Tokens, sessions and the audit. */
export function serverRoutes(api: Api, desk: Desk): void {
  tokenRoutes(api, desk)
  sessionRoutes(api, desk)
  api.get('/v1/audit', {
    config: { role: 'admin' },
    schema: { summary: 'Who asked for what, the newest first', tags: ['server'],
      querystring: auditQuery, response: { 200: auditPage, ...wrong } },
  }, async (request) => {
    const { limit, cursor, of } = request.query
    const { store, clock } = factoryNamed(desk, request.query).controller
    const before = cursorOf(cursor, Number.MAX_SAFE_INTEGER)
    const rows = of === 'server' ? desk.audit.rows(before, limit)
      : (await store.audit(before, limit)).map(({ intent, answer, ...row }) =>
          ({ ...row, intent: parsed(intent), answer: parsed(answer) }))
    return {
      items: rows.map(({ id, atMs, who, from, intent, answer }) =>
        ({ id, at: dateText(atMs) ?? '', who, from, intent, answer })),
      next: rows.length === limit ? `${rows.at(-1)!.id}` : null, at: nowText(clock),
    }
  })
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

function tokenRoutes(api: Api, desk: Desk): void {
  const { tokens, audit } = desk
  api.get('/v1/tokens', {
    config: { role: 'admin' },
    schema: { summary: 'Tokens, without their secrets', tags: ['server'], querystring: nothing,
      response: { 200: tokensSchema, ...wrong } },
  }, async () => ({ items: tokens.list().map(tokenOf) }))
  api.post('/v1/tokens', {
    config: { role: 'admin' },
    schema: { summary: 'Make a token', tags: ['server'], querystring: nothing,
      body: newTokenSchema, response: { 201: madeTokenSchema, ...wrong } },
  }, async (request, reply) => {
    const { name, role, account, lifeMs } = request.body
    const key = keyOf(request)
    const { record, token } = tokens.make({
      name, role, account, expiresAtMs: lifeMs === undefined ? 0 : Date.now() + lifeMs,
      madeBy: key === '' ? '' : `${request.caller.id}:${key}`,
    })
    audit.append({ who: request.caller.name, from: request.ip,
      intent: { type: 'token.make', name, role, account }, answer: { id: record.id } })
    return reply.code(201).header('cache-control', 'no-store').send({ ...tokenOf(record), token })
  })
  api.delete('/v1/tokens/:id', {
    config: { role: 'admin' },
    schema: { summary: 'Take a token away', tags: ['server'], params: tokenParams,
      querystring: nothing, response: { 204: z.null(), ...wrong } },
  }, async (request, reply) => {
    const { name, role } = tokens.remove(request.params.id)
    audit.append({ who: request.caller.name, from: request.ip,
      intent: { type: 'token.remove', id: request.params.id }, answer: { name, role } })
    return reply.code(204).send(null)
  })
}

function tokenOf({ id, name, role, account, ...record }: TokenRecord): Token {
  return {
    id, name, role, account, createdAt: dateText(record.createdAtMs) ?? '',
    expiresAt: dateText(record.expiresAtMs), lastUsedAt: dateText(record.lastUsedAtMs),
  }
}

function sessionRoutes(api: Api, { tokens, sessions, audit }: Desk): void {
  api.post('/v1/session', {
    config: { role: 'anyone' },
    schema: { summary: 'Sign a page in: a token becomes a cookie', tags: ['server'],
      querystring: nothing, body: signInSchema, response: { 201: sessionSchema, ...wrong } },
  }, async (request, reply) => {
    checkOrigin(request)
    const record = tokens.find(request.body.token)
    if (record === undefined) {
      throw new ProblemError('not-signed-in', 'The token is not known here, or it has expired.')
    }
    const { cookie, endAtMs } = sessions.begin(record.id)
    audit.append({ who: record.name, from: request.ip, intent: { type: 'session.begin' },
      answer: {} })
    return reply.code(201).header('set-cookie', cookie).header('cache-control', 'no-store')
      .send({ name: record.name, role: record.role, isSession: true,
        expiresAt: dateText(endAtMs) })
  })
  api.get('/v1/session', {
    config: { role: 'viewer' },
    schema: { summary: 'Who asks', tags: ['server'], querystring: nothing,
      response: { 200: sessionSchema, ...wrong } },
  }, async (request, reply) => {
    const { name, role, isSession, expiresAtMs } = request.caller
    if (isFresh(request, reply, `${name}-${role}`)) return reply.code(304).send(UNCHANGED)
    return { name, role, isSession, expiresAt: dateText(expiresAtMs) }
  })
  api.delete('/v1/session', {
    config: { role: 'viewer' },
    schema: { summary: 'Sign out', tags: ['server'], querystring: nothing,
      response: { 204: z.null(), ...wrong } },
  }, async (request, reply) => reply.code(204)
    .header('set-cookie', sessions.end(request.headers.cookie)).send(null))
}
