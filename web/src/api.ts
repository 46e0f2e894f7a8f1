/** Requests to the server that the page came from. Scripts cannot read the session's cookie. */

/** What the server answers where it does not do what was asked: RFC 9457. */
export type Problem = {
  readonly title: string
  readonly status: number
  readonly detail: string
  readonly code: string
  readonly need?: unknown
  readonly have?: unknown
  readonly remedy?: string
}

export class Refused extends Error {
  readonly problem: Problem

  constructor(problem: Problem) {
    super(problem.detail)
    this.problem = problem
  }

  /** What is wrong and what to do; most details end with that. */
  get words(): string {
    const { detail, remedy = '' } = this.problem
    return detail.endsWith(remedy) ? detail : `${detail} ${remedy}`
  }
}

export type Query = Readonly<Record<string, string | number | boolean | undefined>>

/** The address of a resource. Empty values are left out: the server has its own. */
export function pathOf(path: string, query: Query = {}): string {
  const search = new URLSearchParams()
  for (const [key, value] of Object.entries(query)) {
    if (value !== undefined && value !== '') search.set(key, `${value}`)
  }
  const text = search.toString()
  return text === '' ? path : `${path}?${text}`
}

export async function get<Answer>(
  path: string, query: Query = {}, signal?: AbortSignal): Promise<Answer> {
  const response = await ask(pathOf(path, query), { ...(signal && { signal }) })
  return await response.json() as Answer
}

export async function getBytes(
  path: string, query: Query = {}): Promise<{ bytes: Uint8Array, headers: Headers }> {
  const response = await ask(pathOf(path, query), {})
  return { bytes: new Uint8Array(await response.arrayBuffer()), headers: response.headers }
}

/** Writes carry a key, so that a request whose answer was lost may be sent again. */
export async function send<Answer>(
  method: 'POST' | 'DELETE', path: string, body?: unknown, query: Query = {}): Promise<Answer> {
  const response = await ask(pathOf(path, query), {
    method,
    headers: {
      'idempotency-key': crypto.randomUUID(),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  return response.status === 204 ? undefined as Answer : await response.json() as Answer
}

async function ask(address: string, init: RequestInit): Promise<Response> {
  const response = await fetch(address, { ...init, credentials: 'same-origin' })
  if (response.ok) return response
  throw new Refused(await problemOf(response))
}

async function problemOf(response: Response): Promise<Problem> {
  const fallback = {
    title: response.statusText, status: response.status, code: `${response.status}`,
    detail: `${response.status} ${response.statusText}`,
  }
  try {
    return { ...fallback, ...await response.json() as Partial<Problem> }
  } catch {
    return fallback
  }
}
