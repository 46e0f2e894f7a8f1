import type { Problem } from './schema-part.ts'

/** Requests over fetch: with a time limit, sent again where that is safe and helps. */

export type TransportOptions = {
  /** Where the server is: http://127.0.0.1:7070. */
  readonly url: string
  readonly token?: string
  /** For one try; without it, 10 s. */
  readonly timeoutMs?: number
  /** How often it is tried again; without it, 4. */
  readonly retries?: number
  readonly fetch?: typeof fetch
}

export type Sent = {
  readonly method: 'GET' | 'POST' | 'DELETE'
  readonly path: string
  readonly query?: Readonly<Record<string, string | number | undefined>>
  readonly body?: unknown
  /** Idempotency key: with one, a write is sent again where its answer was lost. */
  readonly key?: string
  readonly timeoutMs?: number
}

/** The server said no, or nothing: `problem` is what it said. */
export class ApiError extends Error {
  override name = 'ApiError'
  /** 0 where no answer came. */
  readonly status: number
  readonly problem: Problem | undefined

  constructor(message: string, status: number, problem?: Problem, options?: ErrorOptions) {
    super(message, options)
    this.status = status
    this.problem = problem
  }

  /** For programs: a code of the server, or "no-answer". */
  get code(): string {
    return this.problem?.code ?? 'no-answer'
  }
}

const TIMEOUT_MS = 10_000
const RETRIES = 4
const FIRST_WAIT_MS = 100

/** Said by a server that could not do it now, and did nothing. */
const LATER = new Set([429, 502, 503, 504])

export class Transport {
  readonly options: TransportOptions

  constructor(options: TransportOptions) {
    this.options = options
  }

  /** Resolves with the body of a success; rejects with an ApiError. */
  async send<Value>(sent: Sent): Promise<Value> {
    const { retries = RETRIES } = this.options
    const isSafe = sent.method === 'GET' || sent.key !== undefined
    for (let tried = 0; ; tried++) {
      try {
        return await this.once<Value>(sent)
      } catch (error) {
        if (!(error instanceof ApiError)) throw error
        const mayHelp = error.status === 0 || LATER.has(error.status)
        if (!isSafe || !mayHelp || tried >= retries) throw error
        await pause(FIRST_WAIT_MS * 2 ** tried)
      }
    }
  }

  /** A response whose body is read as it comes. */
  async open(path: string, headers: Record<string, string>, signal: AbortSignal) {
    const response = await this.fetch(this.urlOf({ method: 'GET', path }), {
      headers: { ...this.headers(), ...headers }, signal })
    if (response.ok) return response
    throw await errorOf(response)
  }

  private async once<Value>(sent: Sent): Promise<Value> {
    const { method, body, key } = sent
    const timeoutMs = sent.timeoutMs ?? this.options.timeoutMs ?? TIMEOUT_MS
    try {
      const response = await this.fetch(this.urlOf(sent), {
        method,
        headers: {
          ...this.headers(),
          ...body === undefined ? {} : { 'content-type': 'application/json' },
          ...key === undefined ? {} : { 'idempotency-key': key },
        },
        ...body === undefined ? {} : { body: JSON.stringify(body) },
        signal: AbortSignal.timeout(timeoutMs),
      })
      if (!response.ok) throw await errorOf(response)
      const text = await response.text()
      return (text === '' ? undefined : JSON.parse(text)) as Value
    } catch (error) {
      if (error instanceof ApiError) throw error
      const reason = error instanceof Error ? error.message : String(error)
      throw new ApiError(`No answer from ${this.options.url}: ${reason}. Is the server running?`, 0,
        undefined, { cause: error })
    }
  }

  private fetch(url: string, init: RequestInit): Promise<Response> {
    return (this.options.fetch ?? fetch)(url, init)
  }

  private headers(): Record<string, string> {
    const { token } = this.options
    return token === undefined ? {} : { authorization: `Bearer ${token}` }
  }

  private urlOf({ path, query = {} }: Sent): string {
    const given = Object.entries(query).flatMap(([name, value]): [string, string][] =>
      value === undefined ? [] : [[name, String(value)]])
    const search = new URLSearchParams(given).toString()
    return new URL(search === '' ? path : `${path}?${search}`, this.options.url).href
  }
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => { setTimeout(resolve, ms) })
}

async function errorOf(response: Response): Promise<ApiError> {
  const text = await response.text()
  try {
    const problem = JSON.parse(text) as Problem
    const { detail } = problem
    const more = detail.includes(problem.remedy) ? '' : ` ${problem.remedy}`
    return new ApiError(`${detail}${more}`, response.status, problem)
  } catch {
    return new ApiError(`The server answered ${response.status}.`, response.status)
  }
}
