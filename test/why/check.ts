/** What must hold of the explanation of every pending job of a state. */
import { brokenInvariants } from '../../src/core/invariants.ts'
import { chainOf, type Chain } from '../../src/core/blocker-chain.ts'
import { poolsOf, quotaBlocker, searchAtLeast } from '../../src/core/blocker.ts'
import { leastCapW } from '../../src/core/caps.ts'
import { guard } from '../../src/core/guard.ts'
import { changed, type Change } from '../../src/core/remedy-change.ts'
import { remediesOf } from '../../src/core/remedy.ts'
import { Trials, type Deciders } from '../../src/core/remedy-trials.ts'
import { hashState, type State } from '../../src/core/state.ts'
import { chainsOf } from '../../src/core/why.ts'
import { PHASE, type JobStarted } from '../../src/model/index.ts'

export type Checked = { readonly problems: string[], readonly named: number, readonly solved: number
  readonly forks: number, readonly spent: number, readonly reasons: readonly string[]
  /** Kinds of the changes that are told. */
  readonly changes: readonly string[] }

/** Checks up to `most` pending jobs of a state, spread over all of them. */
export function checkState(state: State, deciders: Deciders, most: number): Checked {
  const { phase } = state.tables.jobs
  const pending = [...Array(state.totals.jobRows).keys()]
    .filter((job) => phase[job] === PHASE.pending)
  const step = Math.max(1, Math.floor(pending.length / most))
  const jobs = pending.filter((_, at) => at % step === 0).slice(0, most)
  const before = hashState(state)
  const all = jobs.map((job) => checkJob(state, job, deciders))
  const problems = all.flatMap((each) => each.problems)
  if (hashState(state) !== before) problems.push('an explanation changed the state')
  return {
    problems,
    named: all.filter((each) => each.reasons.length > 0).length,
    solved: all.filter((each) => each.reasons.length > 0 && each.isSolved).length,
    forks: all.reduce((sum, each) => sum + each.forks, 0),
    spent: all.filter((each) => each.isSpent).length,
    reasons: all.flatMap((each) => each.reasons),
    changes: all.flatMap((each) => each.changes),
  }
}

function checkJob(state: State, job: number, deciders: Deciders) {
  const trials = new Trials(deciders)
  const chains = chainsOf(state, job, trials)
  const [first] = chains
  const name = `job ${state.tables.jobs.number[job]}`
  const problems: string[] = []
  const say = (text: string) => { problems.push(`${name}: ${text}`) }
  if (first === undefined) {
    return { problems, isSolved: false, reasons: [], changes: [], forks: 0, isSpent: false }
  }
  if (first.links.length === 0) {
    if (!starts(state, job, [], deciders)) say('nothing is named and it does not start')
    return {
      problems, isSolved: true, reasons: [], changes: [], forks: trials.count, isSpent: false,
    }
  }
  if (starts(state, job, [], deciders)) say('something is named and it starts')
  checkExact(state, job, deciders, first, say)
  for (const chain of chains) checkOrderOfLinks(job, deciders, chain, say)
  const remedies = remediesOf(state, job, chains, trials)
  // With all trials spent a change may be larger than it need be.
  const isLeast = !trials.isSpent()
  for (const remedy of remedies) checkRemedy(state, job, deciders, remedy, isLeast, say)
  const isSolved = remedies.length > 0
  if (!isSolved) say('no change is told')
  return {
    problems, isSolved, reasons: first.links.map((link) => link.blocker.reason),
    changes: remedies.flatMap((remedy) => remedy.map(({ type }) => type)),
    forks: trials.count, isSpent: !isLeast,
  }
}

/** No blocker of its own: the guard takes what the place policy finds. One: it finds nothing. */
function checkExact(
  state: State, job: number, deciders: Deciders, chain: Chain, say: (text: string) => void,
): void {
  const isTurn = chain.links.some(({ blocker }) =>
    blocker.reason === 'order' || blocker.reason === 'reservation')
  const [link] = chain.links
  if (link!.blocker.reason === 'held' || link!.blocker.reason === 'dependency') return
  const isOwn = !(isTurn && /order|reservation/.test(link!.blocker.reason))
  const places = quotaBlocker(state, job) !== undefined ? []
    : poolsOf(state, job).slice(0, 1).flatMap((pool) => {
      const search = searchAtLeast(state, job, pool)
      const found = search === undefined ? undefined : deciders.place(state, search)
      return found !== undefined && 'placement' in found ? [found.placement] : []
    })
  const isTaken = places.some(({ pool, spans }) =>
    guard(state, { steps: [startOf(state, job, pool, spans)] }) === undefined)
  if (places.length > 0 && !isTaken) say('the guard refuses what the search finds')
  if (isTaken === isOwn && chain.pool === poolsOf(state, job)[0]) {
    say(`the guard ${isTaken ? 'takes a place' : 'takes none'}, `
      + `and ${link!.blocker.reason} is named first`)
  }
}

/** Its start at the lowest cap where a power policy acts. */
function startOf(state: State, job: number, pool: number, spans: readonly number[]): JobStarted {
  const start = { type: 'job.started', job, pool, spans } as const
  if (state.totals.isPowered === 0 || state.tables.jobs.gpus[job] === 0) return start
  return { ...start, capW: leastCapW(state, job, state.layout.pools[pool]!) }
}

/** Each link removed, after those before it, lets the job start or leads to the next one. */
function checkOrderOfLinks(
  job: number, deciders: Deciders, { links, pool }: Chain, say: (text: string) => void): void {
  links.forEach(({ state, removal }, at) => {
    if (removal.length === 0) return
    const next = changed(state, job, removal)
    // A limit that has just fallen is met by orders of the next round.
    const isCut = brokenInvariants(state).some((problem) => problem.startsWith('I4'))
    const broken = brokenInvariants(next).filter((problem) =>
      !problem.startsWith('I9') && !(isCut && problem.startsWith('I4')))
    if (broken.length > 0) say(`after ${shown(removal)}: ${broken[0]}`)
    const [then] = chainOf(next, job, pool, new Trials(deciders)).links
    const [found, named] = [then, links[at + 1]].map((link) => link === undefined ? 'nothing'
      : `${link.blocker.reason} ${link.blocker.at}`)
    if (then !== undefined && found !== named) {
      say(`after ${shown(removal)} ${found} binds, and ${named} was named next`)
    }
  })
}

/** The job starts with all of the changes, and not with less of any that has a size. */
function checkRemedy(
  state: State, job: number, deciders: Deciders, remedy: readonly Change[], isLeast: boolean,
  say: (text: string) => void): void {
  if (!starts(state, job, remedy, deciders)) say(`${shown(remedy)} does not start it`)
  if (!isLeast) return
  remedy.forEach((change, at) => {
    const less = lessOf(change)
    if (less === undefined) return
    const others = remedy.map((each, index) => index === at ? less : each)
    if (starts(state, job, others, deciders)) say(`${shown([less])} of ${shown(remedy)} is enough`)
  })
}

function lessOf(change: Change): Change | undefined {
  switch (change.type) {
    case 'quota': return change.by > 1 ? { ...change, by: change.by - 1 } : undefined
    case 'limit': return change.byW > 1 ? { ...change, byW: change.byW - 1 } : undefined
    case 'end': return change.jobs.length > 1
      ? { ...change, jobs: change.jobs.slice(1) } : undefined
    case 'duration': return { ...change, limitMs: change.limitMs + 1 }
    case 'delay': return { ...change, byMs: change.byMs - 1 }
    case 'cap': {
      const [first, ...others] = change.caps
      return { ...change, caps: [{ ...first!, capW: first!.capW + 1 }, ...others] }
    }
    case 'pause': return change.jobs.length > 1
      ? { ...change, jobs: change.jobs.slice(1) } : undefined
    case 'drop': return change.limits.length > 1
      ? { ...change, limits: change.limits.slice(1) } : undefined
    default: return undefined
  }
}

function starts(
  state: State, job: number, changes: readonly Change[], deciders: Deciders): boolean {
  return new Trials(deciders).starts(state, job, changes)
}

function shown(changes: readonly Change[]): string {
  return JSON.stringify(changes)
}
