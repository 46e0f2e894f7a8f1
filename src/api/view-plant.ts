import { perMegawatt } from '../base/units.ts'
import { NONE } from '../base/id.ts'
import { freeCpusOf, freeDevicesOf, freeMemoryOf, jobOfDevice, SHARED } from '../core/holder.ts'
import { courseW, targetW } from '../core/limits.ts'
import { DOWN, DRAINED, type State } from '../core/state.ts'
import { LIMIT_KINDS } from '../model/index.ts'
import type { LiveClock } from '../run/live/clock.ts'
import type { Factory as Served } from './factory.ts'
import { dateText, momentText, nowText } from './moment.ts'
import { nodeName } from './places.ts'
import type { Factory, Feeder, Limit, Node, Queue } from './schema-plant.ts'
import { suppliedOf } from './view-supply.ts'

/** What a factory is doing, in some figures. O(sites + nodes that are down). */
export function factoryOf(served: Served): Factory {
  const { controller, isDefault, book } = served
  const state = controller.state()
  const { totals, layout } = state
  const { plant } = layout
  const { clock } = controller
  const health = controller.health()
  return {
    name: controller.name, isDefault, engine: controller.engine,
    policies: Object.fromEntries(Object.entries(controller.policies)
      .flatMap(([kind, name]) => name === undefined ? [] : [[kind, name]])),
    beganAt: momentText(clock, 0), pace: clock.pace, at: nowText(clock), seq: book.seq,
    sites: plant.sites.map((site) => site.name),
    nodes: { total: plant.nodes, ...flagged(state) },
    gpus: { total: plant.gpus, busy: totals.busyGpus, waiting: totals.waitingGpus },
    jobs: { pending: totals.pending, running: totals.running, seen: totals.jobsSeen,
      capped: totals.capped },
    power: powerOf(state),
    health: {
      isDeciding: health.isDeciding, problem: health.problem, turns: health.turns,
      commitMs: health.commitMs, behindMs: health.behindMs,
      lastTurnAt: dateText(health.lastTurnAtMs), invariantsAt: dateText(health.invariantsAtMs),
    },
  }
}

const flaggedBy = new WeakMap<State, { events: number, down: number, drained: number }>()

/** Nodes that do not serve; counted anew when something happened. O(nodes) then. */
function flagged(state: State): { down: number, drained: number } {
  let known = flaggedBy.get(state)
  if (known?.events !== state.totals.events) {
    const { flags } = state.tables.nodes
    let [down, drained] = [0, 0]
    for (let node = 0; node < state.layout.plant.nodes; node++) {
      if ((flags[node]! & DOWN) !== 0) down++
      else if ((flags[node]! & DRAINED) !== 0) drained++
    }
    known = { events: state.totals.events, down, drained }
    flaggedBy.set(state, known)
  }
  return { down: known.down, drained: known.drained }
}

function powerOf(state: State): Factory['power'] {
  const { feeders } = state.tables
  const power = { limitW: 0, grantW: 0, drawW: 0, targetW: 0, meterW: 0 }
  for (const { feeder } of state.layout.plant.sites) {
    power.limitW += feeders.limitW[feeder]!
    power.grantW += feeders.grantW[feeder]!
    power.drawW += drawnAt(state, feeder)
    power.targetW += targetW(state, feeder, state.totals.nowMs)
    power.meterW += feeders.meteredAtMs[feeder]! < 0 ? NaN : feeders.meterW[feeder]!
  }
  return {
    ...power, targetW: finite(power.targetW), meterW: finite(power.meterW),
  }
}

/** What is expected to be drawn; without a power policy nothing keeps it, and grants stand. */
export function drawnAt({ tables, totals }: State, feeder: number): number {
  return totals.isPowered === 1 ? tables.feeders.drawW[feeder]! : tables.feeders.grantW[feeder]!
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null
}

/** A node as the interface shows it. O(its devices). */
export function nodeOf(state: State, node: number): Node {
  const { layout, tables } = state
  const pool = layout.poolOfRack[layout.rackOfNode[node]!]!
  const { system } = layout.pools[pool]!
  const flags = tables.nodes.flags[node]!
  const freeMask = freeDevicesOf(state, node)
  return {
    node, name: nodeName(layout, node), pool: layout.plant.pools[pool]!.name,
    state: stateOf(state, node), isDown: (flags & DOWN) !== 0, isDrained: (flags & DRAINED) !== 0,
    gpus: system.gpus, freeGpus: bitsOf(freeMask), cpus: system.cpus,
    freeCpus: freeCpusOf(state, node), memoryGiB: system.memoryGiB,
    freeMemoryGiB: freeMemoryOf(state, node), jobs: jobsOf(state, node),
  }
}

/** In the words of `sinfo`. */
export function stateOf(state: State, node: number): Node['state'] {
  const { flags, holder } = state.tables.nodes
  if ((flags[node]! & DOWN) !== 0) return 'down'
  if ((flags[node]! & DRAINED) !== 0) return 'drained'
  if (holder[node] === NONE) return 'idle'
  return holder[node] === SHARED ? 'mixed' : 'allocated'
}

function jobsOf(state: State, node: number): number[] {
  const { firstDevice } = state.layout
  const { number } = state.tables.jobs
  const holder = state.tables.nodes.holder[node]!
  if (holder >= 0) return [number[holder]!]
  const found: number[] = []
  for (let device = firstDevice[node]!; device < firstDevice[node + 1]!; device++) {
    const job = jobOfDevice(state, node, device)
    if (job >= 0 && !found.includes(number[job]!)) found.push(number[job]!)
  }
  return found
}

function bitsOf(mask: number): number {
  let bits = 0
  for (let rest = mask; rest !== 0; rest &= rest - 1) bits++
  return bits
}

/** A queue with what it holds, and how many of its jobs wait and run. O(1). */
export function queueOf(served: Served, state: State, queue: number): Queue {
  const { name, parent, weight, priority, quota } = state.layout.plant.queues[queue]!
  const { usedGpus, usedCores } = state.tables.queues
  const shown = (used: number, { own, borrow, lend }: typeof quota.gpus) =>
    ({ used, quota: finite(own), borrow: finite(borrow), lend: finite(lend) })
  return {
    name, parent: state.layout.plant.queues[parent]?.name ?? null, weight, priority,
    gpus: shown(usedGpus[queue]!, quota.gpus), cores: shown(usedCores[queue]!, quota.cores),
    ...served.counts.of(state)[queue]!,
  }
}

/** A feeder as it is now. O(limits over time). */
export function feederOf(state: State, feeder: number, clock: LiveClock): Feeder {
  const { layout, totals, tables } = state
  const { feeders } = tables
  const { name, parent } = layout.plant.feeders[feeder]!
  const isRead = feeders.meteredAtMs[feeder]! >= 0
  return {
    feeder, name, parent: layout.plant.feeders[parent]?.name ?? null,
    limitW: feeders.limitW[feeder]!, plantLimitW: layout.feederLimitW[feeder]!,
    targetW: finite(targetW(state, feeder, totals.nowMs)),
    grantW: feeders.grantW[feeder]!,
    floorW: totals.isPowered === 1 ? feeders.floorW[feeder]! : feeders.grantW[feeder]!,
    drawW: drawnAt(state, feeder),
    meterW: isRead ? feeders.meterW[feeder]! : null,
    meteredAt: isRead ? momentText(clock, feeders.meteredAtMs[feeder]!) : null,
    gpusPerMW: perMegawatt(feeders.price[feeder]! + feeders.drawPrice[feeder]!),
    supplied: suppliedOf(state, feeder),
  }
}

/** Whether a row of the limits is not over. */
export function isLimit(state: State, limit: number): boolean {
  return limit < state.totals.limitRows && state.tables.limits.endAtMs[limit]! > state.totals.nowMs
}

/** A limit, budget or target over time. O(1). */
export function limitOf(served: Served, state: State, limit: number): Limit {
  const { limits } = state.tables
  const { clock } = served.controller
  const moment = (runMs: number) => momentText(clock, runMs)
  return {
    limit, feeder: state.layout.plant.feeders[limits.feeder[limit]!]!.name,
    kind: LIMIT_KINDS[limits.kind[limit]!]!, watts: limits.watts[limit]!,
    fromW: limits.fromW[limit]!, startAt: moment(limits.startAtMs[limit]!),
    holdAt: moment(limits.holdAtMs[limit]!), holdEndAt: moment(limits.holdEndAtMs[limit]!),
    endAt: moment(limits.endAtMs[limit]!),
    isNow: courseW(state, limit, state.totals.nowMs) < Infinity,
    cause: served.book.causeOf(limit),
  }
}
