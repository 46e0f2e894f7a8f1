import { fromSeconds } from '../../base/units.ts'
import { Leaders, type Ending } from './leaders.ts'
import type { Cgroup } from './cgroup.ts'
import type { Ground } from './launch.ts'
import type { Exit, Identity, Order } from './order.ts'
import { handling, signal } from './processes.ts'
import type { StatusFile } from './status-file.ts'
import { RunTime } from './run-time.ts'

/** How long a process has between SIGTERM and SIGKILL where it asks for no other grace. */
const TERM_MS = fromSeconds(5)
/** How often it is looked whether something is saved or has ended, while that is waited for. */
const LOOK_MS = 20
/** What is left of a job after its first processes ended gets this long to end by itself. */
const LEFT_MS = fromSeconds(2)
/** The longest time that a timer of Node takes. */
const TIMER_MOST_MS = 2_147_483_647
/** A process that outlives so many SIGKILLs hangs in the kernel; it is left behind. */
const KILLS_MOST = 250

type End = Pick<Exit, 'type' | 'outcome' | 'cause'>

type Hooks = {
  readonly changed: () => void
  readonly started: (identities: readonly Identity[]) => Promise<void>
  readonly ended: (exit: Exit) => Promise<void>
}

/**
 * What becomes of the processes of one attempt: run, paused, ended. One thing happens after
 * another; what is wished for meanwhile counts when that is done.
 */
export class Run {
  isUp = false
  isPaused = false
  savedAtMs = 0
  upAtMs = 0
  readonly leaders: Leaders
  private readonly time = new RunTime()
  /** Run time at the last look at the status file, and at the one before a checkpoint showed. */
  private lookedMs = 0
  private savedMs = 0
  private starts = 0
  private wish: 'run' | 'pause' = 'run'
  private end: End | undefined
  private isDriven = false
  private isRestarting = false
  private limit: NodeJS.Timeout | undefined

  private readonly order: Order
  private readonly ground: Ground
  private readonly status: StatusFile
  private readonly hooks: Hooks

  constructor(
    order: Order, ground: Ground, cgroup: Cgroup | undefined, status: StatusFile, hooks: Hooks) {
    this.order = order
    this.ground = ground
    this.status = status
    this.hooks = hooks
    this.leaders = new Leaders(order, cgroup, (node, ending) => this.onEnding(node, ending))
  }

  /** Work in all that a restart need not repeat, in ms. */
  keptMs(): number {
    return this.order.gang.keptMs + this.savedMs
  }

  /** Looks whether the job told anything. A checkpoint counts as of the look before it showed. */
  look(): void {
    const { saves } = this.status
    const isNew = this.status.look()
    if (this.status.saves > saves) {
      this.savedMs = this.lookedMs
      this.savedAtMs = Date.now()
    }
    this.lookedMs = this.time.ms()
    if (isNew) this.hooks.changed()
  }

  /** Runs or pauses; the newest wish counts. */
  want(wish: 'run' | 'pause'): void {
    this.wish = wish
    void this.drive()
  }

  stop(): void {
    this.finish({ type: 'stopped', outcome: 'cancelled', cause: 'stopped' })
  }

  /** The machine or somebody ends us: what is saved is kept, and the job runs again elsewhere. */
  abandon(cause: string): void {
    this.finish({ type: 'lost', outcome: 'failed', cause })
  }

  /** It cannot even be started. */
  fail(cause: string): void {
    this.finish({ type: 'done', outcome: 'failed', cause })
  }

  /** Resolves once it is paused, or about to end. */
  async paused(): Promise<void> {
    await this.until(() => this.isPaused || this.end !== undefined || this.wish === 'run', Infinity)
  }

  /** Asks the job to save, and waits until it did, has ended, or its grace is over. */
  async checkpoint(): Promise<void> {
    const { checkpointSignal, graceMs } = this.order.spec
    if (checkpointSignal === '' || this.isPaused || !this.isUp) return
    const members = handling(this.leaders.members(), checkpointSignal)
    if (members.length === 0) return
    this.look()
    const { saves } = this.status
    signal(members, checkpointSignal)
    await this.until(() => this.status.saves > saves || this.leaders.haveEnded(), graceMs)
  }

  /** Only the first end counts: what follows from it does not change what it was. */
  private finish(end: End): void {
    this.end ??= end
    void this.drive()
  }

  private async drive(): Promise<void> {
    if (this.isDriven) return
    this.isDriven = true
    for (;;) {
      if (this.end !== undefined) return await this.conclude(this.end)
      if (this.wish === 'pause' && !this.isPaused) await this.pause()
      else if (this.wish === 'run' && this.isPaused) await this.resume()
      else if (this.wish === 'run' && !this.isUp) await this.launch()
      else break
    }
    this.isDriven = false
  }

  private async launch(): Promise<void> {
    this.starts++
    const problem = this.leaders.start(this.ground, this.starts)
    if (problem !== '') {
      this.end ??= { type: 'done', outcome: 'failed', cause: problem }
      return
    }
    this.time.go()
    this.upAtMs ||= Date.now()
    this.guardLimit()
    await this.hooks.started(this.leaders.identities)
    this.isUp = true
    this.hooks.changed()
  }

  private async pause(): Promise<void> {
    if (!this.isUp) {
      this.isPaused = true
      return this.hooks.changed()
    }
    const isRestart = this.order.spec.pause === 'restart'
    this.isRestarting = isRestart
    await this.checkpoint()
    // More watts may have come meanwhile; it has only saved then.
    if ((this.wish === 'run' || this.end !== undefined) && !this.leaders.haveEnded()) {
      this.isRestarting = false
      return
    }
    if (isRestart) await this.terminate()
    else this.stopInPlace()
    this.time.halt()
    clearTimeout(this.limit)
    this.look()
    this.isPaused = true
    this.hooks.changed()
  }

  /** Twice: what was forked while the first signals went out is found by the second. */
  private stopInPlace(): void {
    signal(this.leaders.members(), 'SIGSTOP')
    signal(this.leaders.members(), 'SIGSTOP')
  }

  private async resume(): Promise<void> {
    this.isPaused = false
    if (!this.isUp) return
    if (this.isRestarting) {
      this.isRestarting = false
      await this.launch()
      return
    }
    signal(this.leaders.members(), 'SIGCONT')
    this.time.go()
    this.guardLimit()
    this.hooks.changed()
  }

  private onEnding(node: number, ending: Ending): void {
    if (this.isRestarting) return
    if (ending !== 0) {
      const how = typeof ending === 'number' ? `exit code ${ending}` : `killed by ${ending}`
      const where = this.order.gang.nodes.length > 1 ? ` on node ${node}` : ''
      this.finish({ type: 'done', outcome: 'failed', cause: how + where })
    } else if (this.leaders.haveEnded()) {
      this.finish({ type: 'done', outcome: 'completed', cause: '' })
    }
  }

  /** The limit of a run counts what it ran, not what it was paused. */
  private guardLimit(): void {
    const { limitMs } = this.order.gang
    clearTimeout(this.limit)
    if (limitMs <= 0) return
    const leftMs = Math.max(0, limitMs - this.time.ms())
    this.limit = setTimeout(() => {
      if (this.time.ms() < limitMs) return this.guardLimit()
      this.finish({ type: 'done', outcome: 'failed',
        cause: `its limit of ${Math.round(limitMs)} ms is over` })
    }, Math.min(leftMs, TIMER_MOST_MS))
  }

  private async conclude(end: End): Promise<void> {
    clearTimeout(this.limit)
    if (end.type !== 'done') await this.checkpoint()
    await this.terminate()
    this.time.halt()
    this.look()
    await this.hooks.ended({
      ...end, keptMs: this.keptMs(), runMs: this.time.ms(), upAtMs: this.upAtMs,
      endedAtMs: Date.now(),
      nodes: this.leaders.endings.map((ending) => ending ?? 'not started'),
    })
  }

  /** SIGTERM, its grace, SIGKILL, until nothing of the attempt is left. */
  private async terminate(): Promise<void> {
    const { checkpointSignal, graceMs } = this.order.spec
    const isEnded = this.leaders.haveEnded()
    const waitMs = isEnded ? LEFT_MS : checkpointSignal === '' ? graceMs : TERM_MS
    const members = this.leaders.members()
    if (members.length > 0) {
      signal(members, 'SIGTERM')
      signal(members, 'SIGCONT')
      await this.until(
        () => this.leaders.haveEnded() && this.leaders.members().length === 0, waitMs)
    }
    for (let tries = 0; this.leaders.kill() && tries < KILLS_MOST; tries++) await pauseFor(LOOK_MS)
    // Their exit codes come as events of their own.
    await this.until(() => this.leaders.haveEnded(), LEFT_MS)
  }

  private async until(isSo: () => boolean, mostMs: number): Promise<void> {
    const endMs = performance.now() + mostMs
    for (;;) {
      this.look()
      if (isSo() || performance.now() >= endMs) return
      await pauseFor(LOOK_MS)
    }
  }
}

function pauseFor(ms: number): Promise<void> {
  return new Promise((done) => {
    setTimeout(done, ms)
  })
}
