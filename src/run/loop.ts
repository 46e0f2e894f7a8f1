import { advance, nextChangeAtMs } from '../core/apply.ts'
import { ask } from '../core/ask.ts'
import { isUnsettled } from '../core/decide.ts'
import { brokenInvariants } from '../core/invariants.ts'
import type { Twin } from '../engines/twin/twin.ts'
import {
  isRefusal, type Event, type Intent, type Refusal, type Report, type TraceJob,
} from '../model/index.ts'
import { Links } from './links.ts'
import { requestOf } from './request.ts'
import { commit, decideOnce, hear, type Doors } from './turn.ts'

/** Jobs that come by themselves, in the order of time. */
export type Source = {
  readonly peekAtMs: () => number
  readonly next: () => { readonly job: TraceJob, readonly name: string }
}

/** What people ask besides the jobs of a trace, in the order of time. Refusals change nothing. */
export type Intents = {
  readonly peekAtMs: () => number
  /** Nothing where there turns out to be nothing to ask. */
  readonly next: () => Intent | undefined
  /** Whether an empty factory should wait for them; without it, as long as there is a next one. */
  readonly isOpen?: () => boolean
}

/** A time in which the controller is gone: the factory runs on, and nobody hears or orders. */
export type Downtime = { readonly startAtMs: number, readonly endAtMs: number }

/** Watches a run, such as a Recorder. */
export type Watcher = {
  /** An event that is about to be applied. */
  readonly before: (event: Event) => void
  readonly refused: (job: TraceJob, name: string, refusal: Refusal) => void
  /** The end of a turn. */
  readonly turn: () => void
  /** The end of the run. */
  readonly finish: () => void
}

export type Loop = Doors & {
  readonly twin: Twin
  readonly source: Source
  readonly intents?: Intents
  /** In the order of time, and apart. */
  readonly downtimes?: readonly Downtime[]
  readonly recorder: Watcher
  /** Tells the engine of a job that was submitted by an intent. */
  readonly accept?: (job: number) => void
  /** Where the invariants are all checked: every so many turns; 0 for never. */
  readonly checkEvery: number
  readonly onBroken: (problems: readonly string[]) => void
}

/** Runs the factory to the end; calls `onTurns` after every 1,024 turns. */
export function runLoop(loop: Loop, untilMs: number, onTurns: () => void): void {
  const steps = loopSteps(loop, untilMs)
  while (steps.next().done !== true) onTurns()
}

/**
 * Runs the factory on a virtual clock up to `untilMs`, or until all jobs are done, and closes the
 * books. Pauses now and then, as `turns` does.
 */
export function* loopSteps(loop: Loop, untilMs: number): Generator<undefined, void> {
  const { state, twin } = loop
  yield* turns(loop, untilMs)
  if (untilMs !== Infinity && untilMs > state.totals.nowMs) {
    advance(state, untilMs)
    loop.journal.turn(untilMs)
  }
  check(loop)
  loop.recorder.turn()
  twin.finish(state.totals.nowMs)
  if (twin.meter.broken > 0) {
    loop.onBroken([`I11 energy in and out differ in ${twin.meter.broken} intervals`])
  }
  loop.recorder.finish()
}

/**
 * Turns up to `untilMs`, until all jobs are done, or until `isEnough` says so after one. Each turn
 * takes all that comes at one instant, applies it, and lets the policies decide once. Pauses after
 * every 1,024 turns, some milliseconds, so that the caller can show progress or stop.
 */
export function* turns(
  loop: Loop, untilMs: number, isEnough?: () => boolean): Generator<undefined, void> {
  const { state, twin, source, intents, downtimes = [] } = loop
  let down = 0
  const links = new Links()
  const reports: Report[] = []
  for (let count = 1; ; count++) {
    const askedAtMs = Math.min(source.peekAtMs(), intents?.peekAtMs() ?? Infinity)
    // A state that was changed and not decided on, as a fork may be, has its turn at once.
    let atMs = isUnsettled(state) ? state.totals.nowMs
      : Math.min(askedAtMs, twin.nextAtMs(), nextChangeAtMs(state))
    if (atMs > untilMs || (isAllAsked(loop) && isOver(loop))) break
    if (atMs >= (downtimes[down]?.startAtMs ?? Infinity)) {
      atMs = downtimes[down]!.endAtMs
      stayAway(loop, downtimes[down++]!, untilMs, reports)
      if (atMs > untilMs) break
    }
    advance(state, atMs)
    // An engine that answers at once is heard in the same instant, in a turn of its own.
    do {
      loop.journal.turn(atMs)
      hear(loop, twin, atMs, reports)
      while (source.peekAtMs() <= atMs) arrive(loop, links)
      while (intents !== undefined && intents.peekAtMs() <= atMs) carryOut(loop, intents.next())
      if (isUnsettled(state)) decideOnce(loop, twin)
    } while (twin.nextAtMs() <= atMs)
    loop.recorder.turn()
    if (loop.checkEvery > 0 && count % loop.checkEvery === 0) check(loop)
    if (isEnough?.() === true) break
    if ((count & 1023) === 0) yield
  }
}

/** The factory by itself: what it reports is heard when the controller is back. */
function stayAway(
  loop: Loop, { startAtMs, endAtMs }: Downtime, untilMs: number, reports: Report[]): void {
  const { state, twin } = loop
  twin.controllerLost(startAtMs)
  for (;;) {
    const atMs = Math.min(twin.nextAtMs(), nextChangeAtMs(state))
    if (atMs >= endAtMs || atMs > untilMs) break
    advance(state, atMs)
    loop.journal.turn(atMs)
    twin.collect(atMs, reports)
    loop.recorder.turn()
  }
  twin.controllerBack()
}

/** Nobody asks for anything any more, but for what only matters while something runs. */
function isAllAsked({ source, intents }: Loop): boolean {
  if (source.peekAtMs() < Infinity) return false
  return intents === undefined
    || !(intents.isOpen === undefined ? intents.peekAtMs() < Infinity : intents.isOpen())
}

/** Nothing runs, nothing comes, and nothing that is broken could let a job start once mended. */
function isOver({ state, twin }: Loop): boolean {
  if (state.totals.running > 0) return false
  if (state.totals.pending === 0) return true
  return !isUnsettled(state) && !twin.hasRepairs() && nextChangeAtMs(state) === Infinity
}

function arrive(loop: Loop, links: Links): void {
  const { state, source, twin, recorder } = loop
  const { job, name } = source.next()
  const request = requestOf(state.layout.plant, job, name)
  const linked = isRefusal(request) ? request : links.of(state, job, name, request)
  const answer = isRefusal(linked) ? linked
    : ask(state, { type: 'submit', request: linked }, loop.rankOf)
  if (isRefusal(answer)) {
    recorder.refused(job, name, answer)
    return
  }
  commit(loop, twin, answer)
  if (answer.type === 'job.submitted') twin.accept(answer.job, job)
}

function carryOut(loop: Loop, intent: Intent | undefined): void {
  if (intent === undefined) return
  const answer = ask(loop.state, intent, loop.rankOf)
  if (isRefusal(answer)) return
  commit(loop, loop.twin, answer)
  if (answer.type === 'job.submitted') loop.accept?.(answer.job)
}

function check(loop: Loop): void {
  const problems = brokenInvariants(loop.state)
  if (problems.length > 0) loop.onBroken(problems)
}
