import type {
  Job, JobDetail, JobPage, JobsQuery, Logs, Submission,
} from './schema-job.ts'
import type { Done, DryRun, Problem } from './schema-part.ts'
import type {
  Factory, Feeder, FeedersQuery, Limit, NewCurtailment, NewLimit, Node, NodesQuery,
  Outlook, Queue,
} from './schema-plant.ts'
import type {
  AuditQuery, AuditRow, EventsQuery, FactoryEvent, MadeToken, NewToken, NewWhatIf, Session, Token,
} from './schema-server.ts'
import type { SiteSupplies, Supplied, SupplyLoss } from './schema-supply.ts'
import { eventsFrom } from './client-events.ts'
import { ApiError, type Sent, Transport, type TransportOptions } from './client-transport.ts'

/**
 * A client of the HTTP interface for programs. Every write carries an idempotency key, and is
 * sent again with the same one where its answer is lost, so that it happens once.
 */

export { ApiError }
export type { JobsAhead, NewsType } from '../run/jobs-course.ts'
export type { Decisions, FactoryHealth, PowerHistory } from './schema-history.ts'
export type { FloorPlant } from './floor-plant.ts'
export type { Marks } from './schema-marks.ts'
export type { Lens } from './floor-values.ts'
export type {
  Done, DryRun, Factory, FactoryEvent, Feeder, Job, JobDetail, JobPage, JobsQuery, Limit, Logs,
  MadeToken, NewCurtailment, NewLimit, NewToken, NewWhatIf, Node, Outlook, Problem, Queue, Session,
  SiteSupplies, Submission, Supplied, SupplyLoss, Token,
}

export type Page<Item> =
  { readonly items: readonly Item[], readonly next: string | null, readonly at: string }

/** Options of a write. */
export type WriteOptions = {
  readonly factory?: string | undefined
  /** Nothing changes; the answer says what would happen. */
  readonly dryRun?: boolean
  /** Without one, a new one for each call. */
  readonly key?: string
}

type Of = { readonly factory?: string | undefined }

export class Client {
  private readonly transport: Transport

  constructor(options: TransportOptions) {
    this.transport = new Transport(options)
  }

  readonly factories = () => this.get<{ items: Factory[] }>('/v1/factories')
  readonly factory = (name: string) => this.get<Factory>(`/v1/factories/${encode(name)}`)
  readonly jobs = (query: JobsQuery = {}) => this.get<JobPage>('/v1/jobs', query)
  readonly job = (number: number, of: Of = {}) => this.get<JobDetail>(`/v1/jobs/${number}`, of)
  readonly nodes = (query: NodesQuery = {}) => this.get<Page<Node>>('/v1/nodes', query)
  readonly queues = (of: Of = {}) => this.get<Page<Queue>>('/v1/queues', of)
  readonly feeders = (query: FeedersQuery = {}) => this.get<Page<Feeder>>('/v1/feeders', query)
  readonly supplies = (query: Of & { readonly at?: string } = {}) =>
    this.get<Page<SiteSupplies>>('/v1/supplies', query)
  readonly limits = (of: Of = {}) => this.get<Page<Limit>>('/v1/limits', of)
  readonly curtailments = (of: Of = {}) => this.get<Page<Limit>>('/v1/curtailments', of)
  readonly tokens = () => this.get<{ items: Token[] }>('/v1/tokens')
  readonly session = () => this.get<Session>('/v1/session')
  readonly audit = (query: AuditQuery = {}) => this.get<Page<AuditRow>>('/v1/audit', query)
  readonly why = (number: number, query: Of & { readonly expected?: 'true' | 'false' } = {}) =>
    this.get<Record<string, unknown>>(`/v1/jobs/${number}/why`, query, LONG_MS)
  readonly powerAhead = (query: Of & { readonly feeder?: string, readonly forMs?: number } = {}) =>
    this.get<Record<string, unknown>>('/v1/ahead', query, LONG_MS)
  readonly logs = (number: number, query: Of & {
    readonly file?: string | undefined, readonly from?: number, readonly waitMs?: number } = {}) =>
    this.get<Logs>(`/v1/jobs/${number}/logs`, query, LONG_MS)

  readonly submit = (job: Submission, options?: WriteOptions) =>
    this.write('POST', '/v1/jobs', options, job)
  readonly cancel = (number: number, options?: WriteOptions) => this.act(number, 'cancel', options)
  readonly hold = (number: number, options?: WriteOptions) => this.act(number, 'hold', options)
  readonly release = (number: number, options?: WriteOptions) =>
    this.act(number, 'release', options)
  readonly checkpoint = (number: number, options?: WriteOptions) =>
    this.act(number, 'checkpoint', options)
  readonly requeue = (number: number, reason: string, options?: WriteOptions) =>
    this.write('POST', `/v1/jobs/${number}/requeue`, options, { reason })
  readonly drain = (nodes: string, reason: string, options?: WriteOptions) =>
    this.write('POST', '/v1/nodes/drain', options, { nodes, reason })
  readonly resume = (nodes: string, reason: string, options?: WriteOptions) =>
    this.write('POST', '/v1/nodes/resume', options, { nodes, reason })
  readonly limit = (limit: NewLimit, options?: WriteOptions) =>
    this.write('POST', '/v1/limits', options, limit)
  readonly clearLimit = (limit: number, options?: WriteOptions) =>
    this.write('DELETE', `/v1/limits/${limit}`, options)
  readonly curtail = (curtailment: NewCurtailment, options?: WriteOptions) =>
    this.write('POST', '/v1/curtailments', options, curtailment)

  /** Units of a supply of the twin are lost for a while. */
  readonly loseSupply = (loss: SupplyLoss, options?: WriteOptions) =>
    this.write('POST', '/v1/supplies/lose', options, loss)

  readonly whatIf = (
    question: NewWhatIf, of: Of & { readonly at?: string } = {}) => this.transport.send<
    Record<string, unknown>>({ method: 'POST', path: '/v1/whatif', query: of, body: question,
    timeoutMs: LONG_MS })

  readonly makeToken = (token: NewToken, options: Pick<WriteOptions, 'key'> = {}) =>
    this.transport.send<MadeToken>({ method: 'POST', path: '/v1/tokens', body: token,
      key: options.key ?? crypto.randomUUID() })

  readonly removeToken = (id: string) => this.transport.send<void>({
    method: 'DELETE', path: `/v1/tokens/${encode(id)}` })

  /** All entries of a list, page after page: `client.all((cursor) => client.jobs({ cursor }))`. */
  async* all<Item>(
    page: (cursor: string | undefined) => Promise<Page<Item>>): AsyncGenerator<Item, void> {
    let cursor: string | undefined
    for (;;) {
      const { items, next } = await page(cursor)
      yield* items
      if (next === null) return
      cursor = next
    }
  }

  /** Events as they become durable; goes on by itself where the connection is lost. */
  events(
    query: EventsQueryOf = {}, signal?: AbortSignal): AsyncGenerator<FactoryEvent, void> {
    return eventsFrom(this.transport, query, signal)
  }

  /** The text of a job's log as it grows, until the job has ended. */
  async* followLogs(number: number, query: Of & { readonly file?: string | undefined } = {},
    from = 0): AsyncGenerator<string, void> {
    let at = from
    for (;;) {
      const { text, next, isOver } = await this.logs(number, { ...query, from: at, waitMs: 10_000 })
      if (text !== '') yield text
      if (isOver && text === '') return
      at = next
    }
  }

  private get<Value>(path: string, query?: Sent['query'], timeoutMs?: number): Promise<Value> {
    return this.transport.send<Value>({ method: 'GET', path,
      ...query === undefined ? {} : { query }, ...timeoutMs === undefined ? {} : { timeoutMs } })
  }

  private act(number: number, act: string, options?: WriteOptions): Promise<Done | DryRun> {
    return this.write('POST', `/v1/jobs/${number}/${act}`, options)
  }

  private write(
    method: 'POST' | 'DELETE', path: string, options: WriteOptions = {}, body?: unknown,
  ): Promise<Done | DryRun> {
    const { factory, dryRun, key = crypto.randomUUID() } = options
    return this.transport.send<Done | DryRun>({ method, path, key, body,
      query: { factory, ...dryRun === true ? { dryRun: 'true' } : {} } })
  }
}

export type EventsQueryOf = Omit<EventsQuery, 'job'> & { readonly job?: number }

/** Questions that look ahead take seconds, some a minute. */
const LONG_MS = 120_000

function encode(text: string): string {
  return encodeURIComponent(text)
}
