import { execFile } from 'node:child_process'
import { fromSeconds } from '../../base/units.ts'
import type { CapKnob, CapState, Order } from './order.ts'

/** A program that sets a cap answers within this time, or its devices count as not set. */
const SET_MS = fromSeconds(10)
const OUTPUT_MOST = 65_536

type CapOrder = {
  readonly order: number
  readonly capW: number
  readonly safeW: number
  readonly leaseMs: number
}

type Hooks = {
  readonly want: (wish: 'run' | 'pause') => void
  /** Resolves once the job is paused, or has ended. */
  readonly paused: () => Promise<void>
  readonly changed: (state: CapState) => Promise<void>
}

/**
 * The cap of an attempt's devices and its lease. Orders come from the engine; when none renews the
 * lease, the safe cap is set from here. Where devices have no knob, or the cap is below what it
 * can set, the job is paused instead, and the cap in force is then 0.
 */
export class Caps {
  state: CapState
  /** The last order that came: it may not be in force yet. */
  private newest: number
  private safeW: number
  private lease: NodeJS.Timeout | undefined
  private last: Promise<void> = Promise.resolve()
  private readonly devices: readonly number[]
  private readonly leastW: number

  private readonly order: Order
  private readonly hooks: Hooks

  constructor(
    order: Order,
    hooks: Hooks) {
    this.order = order
    this.hooks = hooks
    const { gang, knob, capOrder, capW, epoch } = order
    this.devices = gang.nodes.flatMap((node) => node.devices)
    this.leastW = knob?.leastW ?? gang.ratedW
    this.newest = capOrder
    this.safeW = order.safeW
    this.state = { order: capOrder, capW: this.feasible(capW), epoch, ownW: -1 }
  }

  /** Before the job starts: its first cap is in force when it resolves. */
  async begin(): Promise<void> {
    const { capW } = this.state
    const isHeld = this.isPause(capW) || !await this.turn(capW)
    if (isHeld) this.state = { ...this.state, capW: 0 }
    this.renew(this.order.leaseMs)
  }

  /** Carries out an order; an older one than was carried out is void. */
  obey({ order, capW, safeW, leaseMs }: CapOrder, epoch: number): void {
    if (order <= this.newest || epoch < this.state.epoch) return
    this.newest = order
    this.safeW = safeW
    this.renew(leaseMs)
    this.put(this.feasible(capW), { order, epoch, ownW: -1 })
  }

  /** The engine lives: what it ordered holds for so long again. */
  renew(leaseMs: number): void {
    clearTimeout(this.lease)
    if (this.devices.length === 0) return
    this.lease = setTimeout(() => this.onLeaseEnd(), leaseMs)
    this.lease.unref()
  }

  isPaused(): boolean {
    return this.isPause(this.state.capW)
  }

  close(): void {
    clearTimeout(this.lease)
  }

  private onLeaseEnd(): void {
    const capW = this.feasible(this.safeW)
    if (capW >= this.state.capW) return
    this.put(capW, { ownW: capW })
  }

  /** One after another, so that the last order is the one in force. */
  private put(capW: number, how: Partial<CapState>): void {
    this.last = this.last.then(async () => {
      const inForceW = this.isPause(capW) ? 0 : await this.turn(capW) ? capW : this.fallback(capW)
      const isPaused = this.isPause(inForceW)
      this.hooks.want(isPaused ? 'pause' : 'run')
      if (isPaused) await this.hooks.paused()
      this.state = { ...this.state, ...how, capW: inForceW }
      await this.hooks.changed(this.state)
    })
  }

  /** What can be had of a cap: that, or a pause. Jobs without devices have none to set. */
  private feasible(capW: number): number {
    return this.devices.length > 0 && capW < this.leastW ? 0 : Math.max(capW, 0)
  }

  private isPause(capW: number): boolean {
    return this.devices.length > 0 && capW === 0
  }

  /** A cap that cannot be set: a lower one becomes a pause, a higher one stays what it was. */
  private fallback(capW: number): number {
    return capW < this.state.capW ? 0 : this.state.capW
  }

  /** Whether all devices are set. Without a knob there is nothing to set: they run at rating. */
  private async turn(capW: number): Promise<boolean> {
    const { knob } = this.order
    if (knob === undefined) return true
    const set = await Promise.all(this.devices.map((device) => setCap(knob, device, capW)))
    return set.every(Boolean)
  }
}

/** Whether the program that sets one device's cap ended well. */
function setCap({ argv, ids }: CapKnob, device: number, capW: number): Promise<boolean> {
  const values: Record<string, string> = {
    '{device}': ids[device] ?? `${device}`, '{watts}': `${Math.floor(capW)}`,
  }
  const [program, ...words] = argv.map((word) => (
    word.replaceAll(/\{device\}|\{watts\}/g, (name) => values[name]!)))
  return new Promise((done) => {
    const options = { timeout: SET_MS, maxBuffer: OUTPUT_MOST }
    execFile(program!, words, options, (error) => done(error === null))
  })
}
