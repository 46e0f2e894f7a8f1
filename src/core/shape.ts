import type { System } from '../model/site.ts'

/**
 * A gang as it falls on the nodes of one system: some whole nodes and some parts, each with the
 * same devices, cores and memory. A whole node is the job's alone, with all its cores.
 */
export type Shape = {
  readonly whole: number
  readonly parts: number
  readonly partDevices: number
  readonly partCpus: number
  readonly partMemoryGiB: number
}

export type Ask = {
  readonly gpus: number
  readonly nodes: number
  readonly cpusPerNode: number
  readonly memoryPerNodeGiB: number
}

/** Shape of a request on a system, or undefined where one node could never give its part. */
export function shapeOn(system: System, ask: Ask): Shape | undefined {
  const { gpus, nodes, cpusPerNode, memoryPerNodeGiB } = ask
  if (cpusPerNode > system.cpus || memoryPerNodeGiB > system.memoryGiB) return undefined
  if (gpus === 0) {
    return {
      whole: 0,
      parts: Math.max(1, nodes),
      partDevices: 0,
      partCpus: Math.max(1, cpusPerNode),
      partMemoryGiB: memoryPerNodeGiB,
    }
  }
  if (system.gpus === 0) return undefined
  const perNode = nodes > 0 ? gpus / nodes : Math.min(gpus, system.gpus)
  if (perNode > system.gpus) return undefined
  const whole = perNode === system.gpus ? Math.floor(gpus / system.gpus) : 0
  const left = gpus - whole * system.gpus
  const partDevices = nodes > 0 ? (whole > 0 ? 0 : perNode) : left
  const share = partDevices / system.gpus
  return {
    whole,
    parts: left === 0 ? 0 : nodes > 0 ? nodes : 1,
    partDevices,
    partCpus: cpusPerNode || Math.floor(system.cpus * share),
    partMemoryGiB: memoryPerNodeGiB || Math.floor(system.memoryGiB * share),
  }
}

/** Nodes of a shape in all. */
export function nodesOf(shape: Shape): number {
  return shape.whole + shape.parts
}
