import { randomUUID } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { CapReport, Command, JobReport, OwnedSpec, Report } from '../../model/index.ts'
import type { Engine, Gang, Placed, Progress } from '../engine.ts'
import { Attempt, NO_EXIT } from './attempt.ts'
import { sweepCgroups } from './cgroup.ts'
import { readJson, writeDurably } from './disk.ts'
import { folderOf, listRunning, progressIn } from './folders.ts'
import { logOf } from './logs.ts'
import type { CapKnob, DeviceKind, Order } from './order.ts'
import { Pool } from './pool.ts'

export type LocalOptions = {
  /** The engine's own folder: an absolute path. One engine at a time. */
  readonly folder: string
  /** How long caps hold without word from us. */
  readonly leaseMs: number
  readonly devices: DeviceKind
  readonly knob?: CapKnob
  /** Called when there is something to collect. */
  readonly wake: () => void
  /** Supervisors that wait; for tests. */
  readonly spares?: number
}

/** Of each lease so many parts: two renewals may be missed. */
const RENEWALS = 3

/** Runs real processes on this machine: each attempt of a job below a supervisor of its own. */
export async function openLocal(options: LocalOptions): Promise<Engine> {
  await mkdir(options.folder, { recursive: true, mode: 0o700 })
  const path = join(options.folder, 'engine.json')
  const before = await readJson<{ id: string, epoch: number }>(path)
  const life = { id: before?.id ?? randomUUID(), epoch: (before?.epoch ?? 0) + 1 }
  await writeDurably(path, life)
  sweepCgroups()
  return new Local(options, life.id, life.epoch)
}

class Local implements Engine {
  readonly name = 'local'
  readonly isInside = false
  private readonly attempts = new Map<string, Attempt>()
  /** Starts that wait for the end of what still runs on their devices, in order. */
  private held: Order[] = []
  private readonly reports: Report[] = []
  private readonly pool: Pool
  private renewAtMs = 0
  private isClosed = false

  private readonly options: LocalOptions
  private readonly id: string
  private readonly epoch: number

  constructor(options: LocalOptions, id: string, epoch: number) {
    this.options = options
    this.id = id
    this.epoch = epoch
    this.pool = new Pool(options.spares)
  }

  nextAtMs(): number {
    return this.attempts.size > 0 ? this.renewAtMs : Infinity
  }

  collect(atMs: number, into: Report[]): void {
    into.push(...this.reports.splice(0))
    if (atMs < this.renewAtMs) return
    const { leaseMs } = this.options
    this.renewAtMs = atMs + leaseMs / RENEWALS
    for (const attempt of this.attempts.values()) attempt.send({ type: 'lease', leaseMs })
  }

  send(command: Command, spec: OwnedSpec | undefined, gang?: Gang): void {
    const attempt = this.attempts.get(keyOf(command))
    if (command.type === 'start') return this.start(command, spec, gang)
    if (command.type === 'stop') return void this.stop(command, attempt)
    if (attempt === undefined) return
    if (command.type === 'checkpoint') return attempt.send({ type: 'checkpoint' })
    const { order, capW, safeW } = command
    attempt.send({ type: 'cap', order, capW, safeW, leaseMs: this.options.leaseMs })
  }

  reconcile(placed: readonly Placed[]): void {
    const known = new Set(placed.map(({ command }) => keyOf(command)))
    for (const { command, spec, gang } of placed) {
      const attempt = this.attempts.get(keyOf(command))
      if (attempt === undefined) this.start(command, spec, gang)
      else {
        attempt.told.isUp = false
        attempt.told.capOrder = -1
        this.onChange(attempt, command)
      }
      const { order, capW, safeW } = command
      this.send({ ...command, type: 'cap', order, capW, safeW }, spec)
    }
    for (const [key, attempt] of this.attempts) if (!known.has(key)) attempt.send({ type: 'stop' })
    void this.endOthers(known)
  }

  progressOf(number: number): Progress | undefined {
    const attempt = [...this.attempts.values()].findLast(({ key }) => key.number === number)
    const status = attempt?.status
    if (attempt === undefined || status === undefined) {
      return progressIn(this.options.folder, number)
    }
    return {
      pid: status.pids[0] ?? 0, upAtMs: status.upAtMs, savedAtMs: status.savedAtMs,
      says: status.says, logs: status.pids.map((_, node) => logOf(attempt.key.folder, node)),
    }
  }

  async close(): Promise<void> {
    this.isClosed = true
    this.pool.close()
    for (const attempt of this.attempts.values()) attempt.close()
    this.attempts.clear()
  }

  private start(command: Command, spec: OwnedSpec | undefined, gang: Gang | undefined): void {
    if (this.attempts.has(keyOf(command))) return
    const attempt = this.attemptOf(command)
    if (spec === undefined || gang === undefined) {
      return attempt.end({ ...NO_EXIT, type: 'done', outcome: 'failed',
        cause: 'nothing is known of what it is to run' })
    }
    const { number, attempt: count, capW, safeW, order } = command
    this.held.push({
      run: `${this.id}:${number}:${count}`, folder: attempt.key.folder, number, attempt: count,
      epoch: this.epoch, gang, spec, capW, safeW, leaseMs: this.options.leaseMs, capOrder: order,
      devices: this.options.devices,
      ...(this.options.knob === undefined ? {} : { knob: this.options.knob }),
    })
    this.startHeld()
  }

  /** An earlier attempt may still save its work, on devices that the core has given on. */
  private startHeld(): void {
    const waiting = this.held
    this.held = []
    const isTaken = new Set<number>()
    const numbers = new Set<number>()
    const isHeld = new Set(waiting.map(({ folder }) => folder))
    for (const { key } of this.attempts.values()) {
      if (isHeld.has(key.folder)) continue
      numbers.add(key.number)
      for (const device of this.taken.get(key.folder) ?? []) isTaken.add(device)
    }
    for (const order of waiting) {
      const devices = order.gang.nodes.flatMap((node) => node.devices)
      if (numbers.has(order.number) || devices.some((device) => isTaken.has(device))) {
        this.held.push(order)
        continue
      }
      for (const device of devices) isTaken.add(device)
      this.taken.set(order.folder, devices)
      void this.attempts.get(keyOf(order))?.start(order)
    }
  }

  private readonly taken = new Map<string, readonly number[]>()

  private async stop(command: Command, known: Attempt | undefined): Promise<void> {
    const attempt = known ?? this.attemptOf(command)
    const held = command.job < 0 ? undefined
      : this.held.find(({ folder }) => folder === attempt.key.folder)
    attempt.send({ type: 'stop' })
    if (held !== undefined) {
      this.held = this.held.filter((each) => each !== held)
      return attempt.end({ ...NO_EXIT, keptMs: held.gang.keptMs })
    }
    // Not one of ours: it was ended long ago, or it is to be found on disk, or never came.
    if (known === undefined) await this.adopt(attempt)
  }

  private async adopt(attempt: Attempt): Promise<void> {
    if (await attempt.find()) return
    if (await attempt.forbid()) attempt.end(NO_EXIT)
    else await attempt.find()
  }

  private async endOthers(known: ReadonlySet<string>): Promise<void> {
    for (const { number, attempt } of await listRunning(this.options.folder)) {
      const key = `${number}:${attempt}`
      if (this.isClosed || known.has(key) || this.attempts.has(key)) continue
      await this.stop({ ...NO_COMMAND, number, attempt }, undefined)
    }
  }

  private attemptOf(command: Command): Attempt {
    const { job, number, attempt: count } = command
    const folder = folderOf(this.options.folder, number, count)
    const attempt = new Attempt({ job, number, attempt: count, folder }, this.epoch, this.pool,
      () => this.onChange(attempt, command))
    this.attempts.set(keyOf(command), attempt)
    return attempt
  }

  /** Reports what is new of an attempt. */
  private onChange(attempt: Attempt, { job, number, attempt: count }: Command): void {
    if (this.isClosed) return
    const { status, exit, told } = attempt
    const about = { job, number, attempt: count }
    // One that ended before its supervisor was reached was up all the same.
    const wasUp = exit !== undefined && exit.upAtMs > 0
    if ((status?.isUp === true || wasUp) && !told.isUp) {
      told.isUp = true
      this.report({ ...about, type: 'job.up', outcome: 'completed', cause: '', keptMs: 0 })
    }
    if (status !== undefined) this.reportCap(attempt, about)
    if (exit === undefined) return
    const { type, outcome, cause } = exit
    // Journals hold whole milliseconds; what is kept is not more than was saved.
    const keptMs = Math.floor(exit.keptMs)
    // What was not to end by our order and was stopped all the same is lost to the core.
    const kind = attempt.isStopping ? 'stopped' : type === 'stopped' ? 'lost' : type
    this.report({ ...about, type: `job.${kind}`, outcome, cause, keptMs })
    this.attempts.delete(keyOf(about))
    this.taken.delete(attempt.key.folder)
    this.startHeld()
  }

  private reportCap(attempt: Attempt, about: About): void {
    const { told, status } = attempt
    const { order, capW, ownW } = status!.cap
    if (order > told.capOrder) {
      told.capOrder = order
      told.ownW = -1
      this.report({ ...about, type: 'cap', order, isOwn: false, capW })
    }
    if (ownW >= 0 && told.ownW !== ownW) {
      told.ownW = ownW
      this.report({ ...about, type: 'cap', order, isOwn: true, capW: ownW })
    }
  }

  /** Of what the core knows no more it is told nothing: the number may be another job's by now. */
  private report(report: CapReport | JobReport): void {
    if (report.job < 0) return
    this.reports.push(report)
    this.options.wake()
  }
}

type About = Pick<JobReport, 'job' | 'number' | 'attempt'>

/** Of an attempt that the core knows no more. */
const NO_COMMAND: Command = {
  type: 'stop', job: -1, number: 0, attempt: 0, capW: 0, safeW: 0, order: 0,
}

/** What the core knows no more has a key of its own, beside another job's of that number. */
function keyOf(
  { job = 0, number, attempt }: { job?: number, number: number, attempt: number }): string {
  return `${job < 0 ? 'stray ' : ''}${number}:${attempt}`
}
