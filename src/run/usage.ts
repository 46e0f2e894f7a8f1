import { energyOf, toHours, toMegawattHours } from '../base/units.ts'
import type { Layout } from '../core/layout.ts'
import type { Accounts } from '../engines/twin/accounts.ts'
import type { QueueUsage } from './summary.ts'

/** What the jobs of each queue held, by queue; the queues above come in when it is asked for. */
export class Usage {
  private readonly own: Columns
  private readonly layout: Layout

  constructor(layout: Layout) {
    this.layout = layout
    this.own = columnsOf(layout.plant.queues.length)
  }

  started(queue: number, waitMs: number): void {
    this.own.starts[queue]!++
    this.own.waitMs[queue] = this.own.waitMs[queue]! + waitMs
  }

  left(queue: number, gpuMs: number, coreMs: number): void {
    this.own.gpuMs[queue] = this.own.gpuMs[queue]! + gpuMs
    this.own.coreMs[queue] = this.own.coreMs[queue]! + coreMs
  }

  completed(queue: number): void {
    this.own.completed[queue]!++
  }

  /**
   * Each queue with all below it, every queue before those below it. `accounts` are those of a
   * finished twin. O(queues × depth of the tree).
   */
  rows(accounts: Accounts): QueueUsage[] {
    const { plant, gpusPerCore } = this.layout
    const all = columnsOf(plant.queues.length)
    const own = { ...this.own, usefulMs: accounts.usefulOf, energyWms: accounts.energyOf }
    for (const name of Object.keys(all) as (keyof Columns)[]) {
      addUp(plant.queues, own[name], all[name])
    }
    const use = all.gpuMs.map((gpuMs, at) => gpuMs + all.coreMs[at]! * gpusPerCore)
    return inTreeOrder(plant.queues).map((queue) => {
      const { name, parent, weight } = plant.queues[queue]!
      const siblings = [...plant.queues.keys()].filter((at) => plant.queues[at]!.parent === parent)
      const sum = (of: (at: number) => number) => siblings.reduce((total, at) => total + of(at), 0)
      const used = sum((at) => use[at]!)
      return {
        queue: name,
        parent: plant.queues[parent]?.name ?? '',
        gpuHours: toHours(all.gpuMs[queue]!),
        usefulGpuHours: toHours(all.usefulMs[queue]!),
        coreHours: toHours(all.coreMs[queue]!),
        energyMWh: toMegawattHours(energyOf(all.energyWms[queue]!, 1)),
        completed: all.completed[queue]!,
        meanWaitMs: all.starts[queue]! > 0 ? all.waitMs[queue]! / all.starts[queue]! : 0,
        shareRatio: used > 0 ? use[queue]! / used : 0,
        weightRatio: weight / sum((at) => plant.queues[at]!.weight),
      }
    })
  }
}

type Columns = Record<
  'gpuMs' | 'coreMs' | 'waitMs' | 'starts' | 'completed' | 'usefulMs' | 'energyWms', Float64Array>

function columnsOf(queues: number): Columns {
  const column = () => new Float64Array(queues)
  return {
    gpuMs: column(), coreMs: column(), waitMs: column(), starts: column(), completed: column(),
    usefulMs: column(), energyWms: column(),
  }
}

type Tree = Layout['plant']['queues']

function addUp(queues: Tree, own: Float64Array, all: Float64Array): void {
  for (let queue = 0; queue < queues.length; queue++) {
    for (let at = queue; at >= 0; at = queues[at]!.parent) all[at] = all[at]! + own[queue]!
  }
}

function inTreeOrder(queues: Tree, parent = -1): number[] {
  const children = [...queues.keys()].filter((at) => queues[at]!.parent === parent)
  return children.flatMap((queue) => [queue, ...inTreeOrder(queues, queue)])
}
