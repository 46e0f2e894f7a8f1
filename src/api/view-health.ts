import { fromHours, fromMinutes, fromSeconds } from '../base/units.ts'
import { INVARIANTS } from '../core/invariants.ts'
import { DOWN, DRAINED, type State } from '../core/state.ts'
import type { Factory } from './factory.ts'
import { dateText, nowText } from './moment.ts'
import type { FactoryHealth } from './schema-history.ts'
import { drawnAt } from './view-plant.ts'

/** A meter is read once a minute; three readings late it counts for nothing. */
const LATE_MS = fromMinutes(3)
const METERS_MOST = 12

/** A run that is further behind than this many seconds of the wall has not caught up. */
const BEHIND_MS = fromSeconds(5)

const DAY_MS = fromHours(24)

/** How a factory is doing. O(feeders + what is remembered of commits and predictions). */
export function healthOf(served: Factory): FactoryHealth {
  const { controller, history } = served
  const { clock, store } = controller
  const state = controller.state()
  const health = controller.health()
  const meters = metersOf(state)
  const commits = history.commitsMs.toSorted((a, b) => a - b)
  const ofCommits = (ratio: number) => commits[Math.floor(ratio * (commits.length - 1))] ?? 0
  const { invariantsAtMs, isDeciding, problem, turns, behindMs, commitMs, lastTurnAtMs } = health
  return {
    at: nowText(clock), factory: controller.name, engine: controller.engine, pace: clock.pace,
    isDeciding, problem, turns, behindMs, lastTurnAt: dateText(lastTurnAtMs),
    unanswered: state.totals.unanswered,
    invariants: {
      checkedAgoMs: invariantsAtMs === 0 ? null : Math.max(0, Date.now() - invariantsAtMs),
      items: INVARIANTS.map(({ id, sentence }) => ({ id, sentence })),
    },
    journal: {
      seq: served.book.seq, epoch: store.opened.epoch, events: history.events,
      commitMs, commitP50Ms: ofCommits(0.5), commitP95Ms: ofCommits(0.95),
    },
    meters,
    prediction: {
      runs: history.predictions.ofRuns(), starts: history.predictions.ofStarts(),
      draw: drawErrors(served),
    },
    problems: problemsOf(served, meters),
  }
}

function metersOf(state: State): FactoryHealth['meters'] {
  const { feeders } = state.tables
  const { plant } = state.layout
  const { nowMs } = state.totals
  const roots = new Set(plant.sites.map(({ feeder }) => feeder))
  const read = [...plant.feeders.keys()].filter((feeder) => feeders.meteredAtMs[feeder]! >= 0)
  const ageMs = (feeder: number) => nowMs - feeders.meteredAtMs[feeder]!
  const shown = read.toSorted((a, b) => Number(roots.has(b)) - Number(roots.has(a))
    || ageMs(b) - ageMs(a) || a - b).slice(0, METERS_MOST)
  return {
    feeders: plant.feeders.length, read: read.length,
    late: read.filter((feeder) => ageMs(feeder) > LATE_MS).length,
    items: shown.map((feeder) => ({
      feeder: plant.feeders[feeder]!.name, meterW: feeders.meterW[feeder]!,
      drawW: drawnAt(state, feeder), ageMs: ageMs(feeder),
    })),
  }
}

/** Of the day that is remembered: at each step, what was expected against what was read last. */
function drawErrors({ controller, history }: Factory): FactoryHealth['prediction']['draw'] {
  const state = controller.state()
  const { nowMs } = state.totals
  const ratios = state.layout.plant.sites.flatMap(({ feeder }) => {
    const { drawW, meterW } = history.series.samples(feeder, nowMs - DAY_MS, nowMs, Infinity)
    return meterW.flatMap((meter, at) => {
      const draw = drawW[at] ?? null
      return meter === null || draw === null || meter <= 0 ? [] : [Math.abs(draw - meter) / meter]
    })
  })
  return {
    samples: ratios.length,
    meanRatio: ratios.reduce((sum, each) => sum + each, 0) / Math.max(1, ratios.length),
    worstRatio: ratios.reduce((most, each) => Math.max(most, each), 0),
  }
}

function problemsOf(
  { controller }: Factory, meters: FactoryHealth['meters']): FactoryHealth['problems'] {
  const state = controller.state()
  const { isDeciding, problem, behindMs } = controller.health()
  const { flags } = state.tables.nodes
  let down = 0
  let drained = 0
  for (let node = 0; node < state.layout.plant.nodes; node++) {
    if ((flags[node]! & DOWN) !== 0) down++
    else if ((flags[node]! & DRAINED) !== 0) drained++
  }
  const problems: FactoryHealth['problems'] = []
  if (!isDeciding) problems.push({ code: 'stopped', values: { what: problem } })
  else if (problem !== '') problems.push({ code: 'journal', values: { what: problem } })
  if (behindMs > BEHIND_MS * controller.clock.pace) {
    problems.push({ code: 'behind', values: { behindMs } })
  }
  if (meters.late > 0) {
    problems.push({ code: 'meters', values: { late: meters.late, read: meters.read,
      feeder: meters.items.find(({ ageMs }) => ageMs > LATE_MS)?.feeder ?? '' } })
  }
  if (down > 0 || drained > 0) problems.push({ code: 'nodes', values: { down, drained } })
  return problems
}
