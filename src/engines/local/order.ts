import type { Gang } from '../engine.ts'
import type { OwnedSpec } from '../../model/spec.ts'

/** What the engine and a supervisor say to one another, and what a supervisor keeps on disk. */

/** What devices are on this machine: which variable hides the others from a job. */
export type DeviceKind = 'cuda' | 'rocm' | 'cores'

/**
 * How caps are set: a program that is run once for each device, `{device}` and `{watts}` standing
 * for them; it must end with 0 once the cap is in force. As data, so that a supervisor can set a
 * safe cap when nobody is left to ask.
 */
export type CapKnob = {
  readonly argv: readonly string[]
  /** What `{device}` is, by row of the factory's devices: an index, a UUID, a PCI address. */
  readonly ids: Readonly<Record<number, string>>
  /** The lowest cap that can be set; below it a job is paused. */
  readonly leastW: number
}

/** One attempt of a job, whole: a supervisor needs nothing else. */
export type Order = {
  /** Marks the processes of this attempt, in their environment: unique on this machine. */
  readonly run: string
  /** Absolute folder of the attempt. */
  readonly folder: string
  readonly number: number
  readonly attempt: number
  readonly epoch: number
  readonly gang: Gang
  readonly spec: OwnedSpec
  readonly capW: number
  readonly safeW: number
  readonly leaseMs: number
  readonly capOrder: number
  readonly devices: DeviceKind
  readonly knob?: CapKnob
}

/** From the engine; `hello` comes first on a connection. An older epoch is not obeyed. */
export type Message =
  | { readonly type: 'hello', readonly epoch: number }
  | { readonly type: 'stop' | 'checkpoint' }
  | { readonly type: 'cap', readonly order: number, readonly capW: number
      readonly safeW: number, readonly leaseMs: number }
  | { readonly type: 'lease', readonly leaseMs: number }

/** From a supervisor, whole each time: after a lost one the next says all. */
export type Status = {
  readonly run: string
  readonly supervisor: number
  readonly isUp: boolean
  readonly isPaused: boolean
  readonly pids: readonly number[]
  /** Wall-clock milliseconds; 0: not yet. */
  readonly upAtMs: number
  readonly savedAtMs: number
  readonly says: string
  readonly keptMs: number
  readonly cap: CapState
}

/** The cap in force, 0 for paused; `order` 0: set by the supervisor itself. */
export type CapState = {
  readonly order: number
  readonly capW: number
  readonly epoch: number
  /** What a supervisor set when its lease ended, since the last order; -1: nothing. */
  readonly ownW: number
}

/** A process that cannot be mistaken for another with the same pid. */
export type Identity = { readonly pid: number, readonly ticks: number, readonly boot: string }

/** supervisor.json: who has this attempt. Process 0: nobody, and nobody may take it any more. */
export type Claim = {
  readonly supervisor: Identity
  readonly order?: Order
  /** Control group of its processes; '' for none. */
  readonly cgroup?: string
}

/** exit.json: how an attempt ended. `lost`: its supervisor or machine went first. */
export type Exit = {
  readonly type: 'done' | 'stopped' | 'lost'
  readonly outcome: 'completed' | 'failed' | 'cancelled'
  readonly cause: string
  readonly keptMs: number
  readonly runMs: number
  /** When its first process started; 0: none did. */
  readonly upAtMs: number
  readonly endedAtMs: number
  /** By node: the exit code, or the signal, of its first process. */
  readonly nodes: readonly (number | string)[]
}
