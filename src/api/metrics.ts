import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import { toSeconds } from '../base/units.ts'
import type { Api, Desk } from './desk.ts'
import type { Factory } from './factory.ts'
import { factoryOf, feederOf, queueOf } from './view-plant.ts'

/**
 * What Prometheus reads. Units as its conventions have them (watts, seconds, bytes; totals count
 * up); states of nodes and GPUs in the words of Slurm's exporters, quotas in those of Kueue, power
 * usage as DCGM says it.
 */

/** Feeders that are told one by one: sites, halls and what is above them; racks are too many. */
const FEEDERS_MOST = 200

type Gauges = Readonly<Record<string, Gauge>>

/** Name, help and labels beside the factory. */
const GAUGES: readonly (readonly [string, string, readonly string[]])[] = [
  ['jobs', 'Jobs by queue and state.', ['queue', 'state']],
  ['jobs_capped', 'Placed jobs that are capped below their rating or paused.', []],
  ['nodes', 'Nodes by state.', ['state']],
  ['gpus', 'GPUs by state.', ['state']],
  ['gpus_waiting', 'GPUs that pending jobs ask for.', []],
  ['queue_resource_usage', 'What a queue and those below it hold.', ['queue', 'resource']],
  ['queue_nominal_quota', 'A queue\'s own quota.', ['queue', 'resource']],
  ['power_limit_watts', 'What may be granted at a feeder.', ['feeder']],
  ['power_target_watts', 'What may be drawn at a feeder, where the grid asks.', ['feeder']],
  ['power_grant_watts', 'What is granted at a feeder.', ['feeder']],
  ['power_expected_watts', 'What is expected to be drawn at a feeder.', ['feeder']],
  ['power_usage_watts', 'What the meter of a feeder read last.', ['feeder']],
  ['power_price_gpus_per_megawatt', 'GPUs at work that one more megawatt is worth.', ['feeder']],
  ['healthy', '1 while the factory decides.', []],
  ['commit_seconds', 'From the start of a turn to its durability, of late.', []],
  ['behind_seconds', 'How far the run is behind its clock.', []],
  ['journal_seq', 'Last durable block of the journal.', []],
]

export type Metrics = { readonly text: (desk: Desk) => Promise<string>, readonly type: string }

export function metricsOf(api: Api): Metrics {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const gauges: Gauges = Object.fromEntries(GAUGES.map(([name, help, labels]) =>
    [name, new Gauge({ name: `millrace_${name}`, help, labelNames: ['factory', ...labels],
      registers: [registry] })]))
  const streams = new Gauge({ name: 'millrace_event_streams', help: 'Readers of events.',
    registers: [registry] })
  const jobsTotal = new Counter({ name: 'millrace_jobs_submitted_total', labelNames: ['factory'],
    help: 'Jobs that were submitted.', registers: [registry] })
  watchRequests(api, registry)
  return {
    type: registry.contentType,
    text: async (desk) => {
      for (const gauge of Object.values(gauges)) gauge.reset()
      jobsTotal.reset()
      for (const served of desk.factories.values()) {
        tell(served, gauges)
        const { name, state } = served.controller
        jobsTotal.inc({ factory: name }, state().totals.jobsSeen)
      }
      streams.set(desk.streams.reduce((sum, each) => sum + each.count(), 0))
      return registry.metrics()
    },
  }
}

function watchRequests(api: Api, registry: Registry): void {
  const durations = new Histogram({
    name: 'http_request_duration_seconds', help: 'Time from a request to its answer.',
    labelNames: ['method', 'route', 'status'], registers: [registry],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 1, 5, 30],
  })
  api.addHook('onResponse', async (request, reply) => {
    // By route: there are as many addresses as a stranger likes.
    const route = request.routeOptions.url ?? 'none'
    const method = request.method.length > 7 ? 'OTHER' : request.method
    durations.observe({ method, route, status: reply.statusCode }, toSeconds(reply.elapsedTime))
  })
}

function tell(served: Factory, gauges: Gauges): void {
  const { controller } = served
  const state = controller.state()
  const factory = controller.name
  const set = (name: string, value: number | null, labels: Record<string, string> = {}) => {
    if (value !== null) gauges[name]!.set({ factory, ...labels }, value)
  }
  const { nodes, gpus, jobs, health } = factoryOf(served)
  set('jobs_capped', jobs.capped)
  for (const [name, value] of Object.entries({ down: nodes.down, drain: nodes.drained,
    up: nodes.total - nodes.down - nodes.drained })) set('nodes', value, { state: name })
  set('gpus', gpus.busy, { state: 'alloc' })
  set('gpus', gpus.total - gpus.busy, { state: 'idle' })
  set('gpus_waiting', gpus.waiting)
  set('healthy', health.isDeciding ? 1 : 0)
  set('commit_seconds', toSeconds(health.commitMs))
  set('behind_seconds', toSeconds(health.behindMs))
  set('journal_seq', served.book.seq)
  state.layout.plant.queues.forEach((_, queue) => {
    const { name, pending, running, gpus: ofGpus, cores } = queueOf(served, state, queue)
    set('jobs', pending, { queue: name, state: 'pending' })
    set('jobs', running, { queue: name, state: 'running' })
    for (const [resource, each] of [['gpus', ofGpus], ['cores', cores]] as const) {
      set('queue_resource_usage', each.used, { queue: name, resource })
      set('queue_nominal_quota', each.quota, { queue: name, resource })
    }
  })
  tellPower(served, set)
}

type Set = (name: string, value: number | null, labels: Record<string, string>) => void

function tellPower({ controller }: Factory, set: Set): void {
  const state = controller.state()
  const { plant } = state.layout
  const halls = new Set(plant.halls.map(({ name }) => name))
  const roots = new Set(plant.sites.map(({ feeder }) => feeder))
  const shown = [...plant.feeders.keys()].filter((feeder) => roots.has(feeder)
    || halls.has(plant.feeders[feeder]!.name)).slice(0, FEEDERS_MOST)
  for (const feeder of shown) {
    const told = feederOf(state, feeder, controller.clock)
    const labels = { feeder: told.name }
    set('power_limit_watts', told.limitW, labels)
    set('power_target_watts', told.targetW, labels)
    set('power_grant_watts', told.grantW, labels)
    set('power_expected_watts', told.drawW, labels)
    set('power_usage_watts', told.meterW, labels)
    set('power_price_gpus_per_megawatt', told.gpusPerMW, labels)
  }
}
