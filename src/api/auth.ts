import type { FastifyReply, FastifyRequest } from 'fastify'
import { fromSeconds } from '../base/units.ts'
import type { Desk } from './desk.ts'
import { ProblemError } from './problem.ts'
import { ROLES, type Role } from './schema-server.ts'

/** Who sends a request. */
export type Caller = {
  /** Of the token; '' for anyone. */
  readonly id: string
  readonly name: string
  readonly role: Role
  readonly account: string
  /** Whether the cookie of a page says so, and no header. */
  readonly isSession: boolean
  /** Date in ms; 0: never. */
  readonly expiresAtMs: number
}

/** What anyone is: no route of a role lets it in. */
export const NOBODY: Caller = {
  id: '', name: '', role: 'viewer', account: '', isSession: false, expiresAtMs: 0,
}

/** Names under which a browser on this machine reaches it; any other would be a rebound one. */
export const LOOPBACK = ['localhost', '127.0.0.1', '[::1]']

/** Sent with every answer. What the server says is never a page of another site. */
const HEADERS = {
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cache-control': 'private, no-cache',
} as const

export function secureHeaders(requestId: string): Record<string, string> {
  return { ...HEADERS, 'x-request-id': requestId }
}

/** Refuses names that are not the server's: a page of another site may point one at it. */
export function checkHost(request: FastifyRequest, hosts: ReadonlySet<string>): void {
  const host = (request.headers.host ?? '').toLowerCase().replace(/:[0-9]+$/, '')
  if (hosts.has(host)) return
  throw new ProblemError('wrong-host', `This server does not go by the name ${
    host.slice(0, 100) || '(none)'}.`)
}

/** Finds out who asks, and whether the route is for them. */
export function checkCaller(desk: Desk, brake: Brake, request: FastifyRequest): void {
  const { role } = request.routeOptions.config
  if (role === undefined || role === 'anyone') return
  const caller = callerOf(desk, request)
  if (caller === undefined) {
    brake.count(request.ip)
    throw new ProblemError('not-signed-in', request.headers.authorization === undefined
      ? 'The request has no token.' : 'The token is not known here, or it has expired.')
  }
  request.caller = caller
  if (ROLES.indexOf(caller.role) < ROLES.indexOf(role)) {
    throw new ProblemError('not-allowed', `${caller.name} is ${caller.role}; this takes ${role}.`,
      { need: role, have: caller.role })
  }
  if (caller.isSession) checkOrigin(request)
}

function callerOf({ tokens, sessions }: Desk, request: FastifyRequest): Caller | undefined {
  const { authorization, cookie } = request.headers
  const bearer = /^Bearer +([A-Za-z0-9_-]+) *$/i.exec(authorization ?? '')?.[1]
  const isSession = authorization === undefined
  const tokenId = isSession ? sessions.find(cookie) : undefined
  const record = bearer !== undefined ? tokens.find(bearer)
    : tokenId === undefined ? undefined : tokens.live(tokenId)
  if (record === undefined) return undefined
  const { id, name, role, account, expiresAtMs } = record
  return { id, name, role, account, isSession, expiresAtMs }
}

/**
 * A cookie goes along with what other pages make a browser send; SameSite=Strict keeps it back,
 * and where a browser says where the request comes from, it has to be from here.
 */
export function checkOrigin({ headers }: FastifyRequest): void {
  const site = headers['sec-fetch-site']
  const isSame = site === undefined || site === 'same-origin' || site === 'none'
  const { origin, host } = headers
  const isOurs = origin === undefined || origin.replace(/^https?:\/\//, '') === host
  if (isSame && isOurs) return
  throw new ProblemError('wrong-origin', 'The request was made by the page of another site.')
}

/** Whether somebody may do to a job what its owner may. */
export function isOperator({ role }: Caller): boolean {
  return ROLES.indexOf(role) >= ROLES.indexOf('operator')
}

/** Slows down who tries tokens: not since one could be guessed, but to keep the log readable. */
export class Brake {
  private readonly failures = new Map<string, number>()
  private untilMs = 0

  /** Counts a failure; too many in a while are refused before the token is looked at. */
  count(from: string): void {
    if (Date.now() > this.untilMs) {
      this.failures.clear()
      this.untilMs = Date.now() + BRAKE_MS
    }
    const failures = (this.failures.get(from) ?? 0) + 1
    if (this.failures.size < FROM_MOST) this.failures.set(from, failures)
    if (failures > FAILURES_MOST) {
      throw new ProblemError('too-many-requests', `${failures} requests without a token that is `
        + 'known came from there in a few seconds.')
    }
  }
}

const BRAKE_MS = fromSeconds(10)
const FAILURES_MOST = 200
const FROM_MOST = 10_000

/** A request whose answer is the same as one that the client has. */
export function isFresh(request: FastifyRequest, reply: FastifyReply, version: string): boolean {
  const tag = `W/"${version}"`
  void reply.header('etag', tag)
  const known = request.headers['if-none-match']?.split(',').map((each) => each.trim()) ?? []
  return known.includes(tag) || known.includes('*')
}

/** An answer of 304 has no body, whatever the schema of the route says. */
export const UNCHANGED = undefined as never
