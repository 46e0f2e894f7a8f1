/** Runs one world through the real loop and lists everything that is wrong with it. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { randomStream } from '../../src/base/random.ts'
import { blockerOf, poolsOf, searchAtLeast } from '../../src/core/blocker.ts'
import type { Policy } from '../../src/core/decide.ts'
import { guard } from '../../src/core/guard.ts'
import { brokenInvariants } from '../../src/core/invariants.ts'
import { createState, hashState, type State } from '../../src/core/state.ts'
import { catalogueOf, FORMAT } from '../../src/journal/header.ts'
import { JournalReader } from '../../src/journal/reader.ts'
import { replay } from '../../src/journal/replay.ts'
import { JournalWriter } from '../../src/journal/writer.ts'
import { PHASE, type Decision, type Event } from '../../src/model/index.ts'
import { PLACES, policiesOf } from '../../src/policies/index.ts'
import { runLoop, type Downtime, type Loop, type Source, type Watcher } from '../../src/run/loop.ts'
import { adversary } from './adversary.ts'
import { forkTest } from './fork.ts'
import { LateTwin } from './late-twin.ts'
import { oracleProblems } from './oracle.ts'
import { intentsOf } from './people.ts'
import { powerProblems } from './power-oracle.ts'
import { PowerWatch } from './power-watch.ts'
import { anyWorld } from './power-world.ts'
import { Watch } from './watch.ts'
import type { World } from './world.ts'

/** Turns after which a world is taken for one that never ends. */
const TURNS_MOST = 300_000

/** What is wrong with the world of a seed; empty when all is well. */
export function worldProblems(seed: number): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-swarm-'))
  try {
    const first = runWorld(anyWorld(seed), join(folder, 'first.mrj'), true)
    const problems = [...first.problems]
    if (problems.length === 0) {
      // What was looked at once is the same, or else it has another hash.
      const second = runWorld(anyWorld(seed), join(folder, 'second.mrj'), false)
      if (first.stateHash !== second.stateHash || first.journalHash !== second.journalHash) {
        problems.push('the same seed runs otherwise the second time')
      }
      problems.push(...replayProblems(anyWorld(seed), join(folder, 'first.mrj'), first))
    }
    return problems
  } catch (error) {
    return [error instanceof Error ? error.stack ?? error.message : String(error)]
  } finally {
    rmSync(folder, { recursive: true })
  }
}

type Ran = { readonly problems: string[], readonly stateHash: string, readonly journalHash: string }

function runWorld(world: World, path: string, isLookedAt: boolean): Ran {
  const { plant, seed } = world
  const state = createState(plant, (world.policies.power ?? 'none') !== 'none')
  const loose = { ...plant, failures: world.failures }
  const twin = new LateTwin({ ...state, layout: { ...state.layout, plant: loose } }, world)
  const watch = new Watch(state, twin, world.power?.downtimes ?? [])
  const powerWatch = new PowerWatch(state, twin, world)
  const journal = new JournalWriter(path, {
    format: FORMAT, version: '', factory: {}, catalogue: catalogueOf(plant), seed,
    policies: world.policies,
  })
  const forks = forkTest(randomStream(seed, 'fork'))
  const { policies, rankOf } = policiesOf(world.policies, world.power?.fewJobs)
  const mob = world.features.has('adversary')
    ? [adversary(randomStream(seed, 'adversary'), world.quietAtMs)] : []
  const refused: string[] = []
  const news = new News(state, world.power?.downtimes ?? [])
  const look = isLookedAt ? [forks.policy, checker(news)] : []
  const loop: Loop = {
    state, twin, journal, rankOf,
    recorder: both(watch, powerWatch, isLookedAt ? news : undefined),
    source: sourceOf(world),
    intents: intentsOf(world, state),
    ...(world.power === undefined ? {} : { downtimes: world.power.downtimes }),
    policies: [...look, ...mob, ...policies.map((policy) => sound(policy, refused))],
    round: { decisions: 0, refused: 0, lastProblem: '' },
    checkEvery: 0,
    onBroken: (found) => { throw new Error(`at ${state.totals.nowMs} ms: ${found.join('; ')}`) },
  }
  let ran: Ran | undefined
  try {
    runLoop(loop, Infinity, turnLimit())
    const problems = [...refused.slice(0, 3), ...forks.problems(), ...watch.problems(),
      ...powerWatch.problems(), ...restProblems(world, state), ...oracleProblems(state)]
    const stateHash = hashState(state)
    const journalHash = journal.close(stateHash, state.totals.events)
    ran = { problems, stateHash, journalHash }
    return ran
  } finally {
    if (ran === undefined) journal.abandon()
  }
}

function both(watch: Watch, power: PowerWatch, news: News | undefined): Watcher {
  return {
    before: (event) => {
      watch.before(event)
      power.before(event)
      news?.before(event)
    },
    refused: (job, name, refusal) => { watch.refused(job, name, refusal) },
    turn: () => {
      watch.turn()
      power.turn()
      news?.turn()
    },
    finish: () => { watch.finish() },
  }
}

/** Of turns in which only meters were read one in so many is looked at. */
const QUIET_EVERY = 16

/**
 * Whether there is something to look at: most turns of a world with power only read meters, and to
 * look at everything takes longer than such a turn.
 */
class News {
  private readonly state: State
  private readonly downtimes: readonly Downtime[]
  private isNew = true
  private quiet = 0
  private nextLimitAtMs = 0

  constructor(state: State, downtimes: readonly Downtime[]) {
    this.state = state
    this.downtimes = downtimes
  }

  before({ type }: Event): void {
    this.isNew ||= type !== 'feeder.metered' && type !== 'power.due' && type !== 'round.due'
  }

  /** Whether now is a time to look; at the end of a turn what was new is so no more. */
  isDue(): boolean {
    return this.isNew || this.quiet % QUIET_EVERY === 0
      || this.nextLimitAtMs !== this.state.totals.nextLimitAtMs
  }

  turn(): void {
    const { state } = this
    if (this.isDue()) {
      const found = brokenInvariants(state).filter((problem) => !this.isUndecided(problem))
      if (found.length > 0) throw new Error(`at ${state.totals.nowMs} ms: ${found.join('; ')}`)
    }
    this.isNew = false
    this.quiet++
    this.nextLimitAtMs = state.totals.nextLimitAtMs
  }

  /**
   * I4a is of what was decided. A limit that falls while the controller is gone, or so soon after
   * it went that nothing was ordered yet, is met by what nodes hold by themselves once they miss
   * it, and by orders when it is back: then I4a is looked at again.
   */
  private isUndecided(problem: string): boolean {
    const { nowMs } = this.state.totals
    return problem.startsWith('I4a ')
      && this.downtimes.some(({ startAtMs, endAtMs }) => startAtMs <= nowMs && nowMs < endAtMs)
  }
}

/** One of our own policies: what the guard refuses it is a bug of the policy. */
function sound(policy: Policy, refused: string[]): Policy {
  return {
    name: policy.name,
    *run(view) {
      const run = policy.run(view)
      for (let next = run.next(true); next.done !== true;) {
        const isTaken = yield next.value
        if (!isTaken) {
          refused.push(`at ${view.totals.nowMs} ms the guard refused ${policy.name}: `
            + `${guard(view, next.value)}: ${JSON.stringify(next.value).slice(0, 200)}`)
        }
        next = run.next(isTaken)
      }
    },
  }
}

/** Throws when a run does not end. It is called every 1024 turns. */
function turnLimit(): () => void {
  let turns = 0
  return () => {
    turns += 1024
    if (turns > TURNS_MOST) throw new Error(`the run does not end within ${TURNS_MOST} turns`)
  }
}

const NOTHING: readonly Decision[] = []

/** A policy that wants nothing: it looks at what the last turn left behind. */
function checker(news: News): Policy {
  return {
    name: 'checker',
    *run(view) {
      yield* NOTHING
      if (!news.isDue()) return
      const problems = [...oracleProblems(view), ...powerProblems(view)]
      if (problems.length > 0) throw new Error(`at ${view.totals.nowMs} ms: ${problems.join('; ')}`)
    },
  }
}

function sourceOf(world: World): Source {
  let at = 0
  return {
    peekAtMs: () => world.jobs[at]?.submitAtMs ?? Infinity,
    next: () => {
      const job = world.jobs[at++]!
      return { job, name: job.id }
    },
  }
}

/** Liveness: nothing runs for ever, and only what could never start still waits. */
function restProblems(world: World, state: State): string[] {
  const { jobs } = state.tables
  const problems: string[] = []
  if (isPromiseLost(world, state)) return problems
  for (let job = 0; job < state.totals.jobRows; job++) {
    if (jobs.phase[job] === PHASE.free) continue
    const name = `job ${jobs.number[job]} (${jobs.gpus[job]} GPUs)`
    if (jobs.phase[job] !== PHASE.pending) problems.push(`${name} still runs`)
    else {
      const never = canStart(world, state, job) ? '' : ', and never fits'
      problems.push(`${name} waits${never}: ${JSON.stringify(blockerOf(state, job))}`)
    }
  }
  return problems
}

/**
 * Whether a job was promised what, by what it has shown since, all the watts of the factory could
 * not give it: it waits, and all behind it.
 */
function isPromiseLost(world: World, state: State): boolean {
  const { jobs } = state.tables
  return Array.from({ length: state.totals.jobRows }, (_, job) => job).some((job) =>
    jobs.phase[job] === PHASE.pending && jobs.leastSpeed[job]! > 0 && jobs.firstSeen[job]! >= 0
    && !canStart(world, state, job))
}

function canStart(world: World, state: State, job: number): boolean {
  const empty = createState(world.plant, state.totals.isPowered === 1)
  return poolsOf(state, job).some((pool) => {
    const search = searchAtLeast(state, job, pool)
    if (search === undefined) return false
    const place = PLACES[world.policies.place]!
    return 'placement' in place.place(empty, { ...search, closed: [] })
  })
}

function replayProblems(world: World, path: string, ran: Ran): string[] {
  const problems: string[] = []
  const { policies } = policiesOf(world.policies, world.power?.fewJobs)
  const ways = world.features.has('adversary') ? [undefined] : [undefined, policies]
  for (const way of ways) {
    const reader = new JournalReader(path)
    const { state, stateHash, expectedHash, journalHash } = replay(reader, world.plant, way)
    reader.close()
    if (stateHash !== ran.stateHash || expectedHash !== ran.stateHash) {
      problems.push(`I12 the replay gives ${stateHash}, the run gave ${ran.stateHash}`)
    }
    if (journalHash !== ran.journalHash) problems.push('the journal has another hash when read')
    problems.push(...brokenInvariants(state))
  }
  return problems
}
