import { join } from 'node:path'
import { openLocal } from '../../engines/local/local.ts'
import type { CapKnob, DeviceKind } from '../../engines/local/order.ts'
import type { EngineKind } from './plugged.ts'

export type LocalKind = {
  /** The factory's own folder: its jobs lie below it. An absolute path. */
  readonly folder: string
  readonly devices: DeviceKind
  /** How caps are set; without it pausing is the knob. */
  readonly knob?: CapKnob
}

/** Real processes on this machine as the engine of a live factory. */
export function localKind({ folder, devices, knob }: LocalKind): EngineKind {
  return {
    name: 'local',
    make: async ({ state, wake }) => {
      const engine = await openLocal({
        folder: join(folder, 'jobs'), leaseMs: state.layout.plant.power.leaseMs, devices, wake,
        ...(knob !== undefined && { knob }),
      })
      return { engine }
    },
  }
}
