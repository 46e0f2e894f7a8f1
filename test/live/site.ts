import { setTimeout as sleep } from 'node:timers/promises'
import { catalogueOf, FORMAT } from '../../src/journal/header.ts'
import { PLAIN, type JobRequest, type OwnedSpec, type Plant } from '../../src/model/index.ts'
import { specSchema } from '../../src/model/spec.ts'
import type { PolicyNames } from '../../src/policies/policy.ts'
import type { Ask, Controller } from '../../src/run/live/controller.ts'
import { parseFactory } from '../../src/run/factory-file.ts'
import { Kept } from './small-store.ts'

export const POLICIES: PolicyNames = {
  order: 'fifo', backfill: 'easy', place: 'pack', preempt: 'reclaim', power: 'price',
}

/** One row of DGX H100: 4 racks, 16 nodes, 128 GPUs, of which no more than half can be fed. */
export function smallPlant(extra = ''): Plant {
  return parseFactory(`name: small
sites:
  - name: here
    limit: 120 kW
    racks: [{ system: dgx-h100, count: 4 }]
failures: none
${extra}`, 'small.yaml').plant
}

export function keptOf(plant: Plant, policies = POLICIES): Kept {
  return new Kept({
    format: FORMAT, version: 'test', factory: {}, catalogue: catalogueOf(plant), seed: 1, policies,
  })
}

export function requestOf(gpus: number, more: Partial<JobRequest> = {}): JobRequest {
  return {
    ...PLAIN, name: '', queue: 0, gpus, nodes: 0, cpusPerNode: 0, memoryPerNodeGiB: 0, device: -1,
    level: 4, priority: 0, limitMs: 3_600_000, ...more,
  }
}

export function specOf(more: Partial<OwnedSpec> = {}): OwnedSpec {
  return {
    ...specSchema.parse({ command: ['true'] }), owner: 'ada', account: '', submittedAtMs: 0,
    ...more,
  }
}

export function submit(gpus: number, workMs = 0, more: Partial<JobRequest> = {}): Ask {
  return { type: 'submit', request: requestOf(gpus, more), spec: specOf({ workMs }) }
}

export const BY = { who: 'ada', from: '127.0.0.1', key: '' }

/** A clock that stands until it is moved. */
export class HandClock {
  wall = 1_700_000_000_000
  monotonic = 0
  readonly wallMs = () => this.wall
  readonly monotonicMs = () => this.monotonic

  pass(ms: number): void {
    this.wall += ms
    this.monotonic += ms
  }
}

/** Waits for what turns of their own bring about; says what it waited for where it never comes. */
export async function until(what: string, isSo: () => boolean): Promise<void> {
  for (let waited = 0; waited < 10_000; waited += 5) {
    if (isSo()) return
    await sleep(5)
  }
  throw new Error(`it never came to that: ${what}`)
}

/** Lets a hand-moved clock go on in steps, with a turn at each. */
export async function go(
  controller: Controller, clock: HandClock, ms: number, steps: number): Promise<void> {
  for (let step = 0; step < steps; step++) {
    clock.pass(ms / steps)
    // After a disk that failed the factory has another clock.
    await until('a turn', () => {
      void controller.ask({ type: 'cancel', number: 999_999 }, BY)
      return controller.state().totals.nowMs >= Math.floor(controller.clock.nowMs())
    })
  }
}
