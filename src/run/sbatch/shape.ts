import type { Draft } from './readers.ts'

/** What a gang is made of. 0 where nothing is said. */
export type Shape = {
  /** Devices of the whole gang. */
  readonly gpus: number
  /** 0: as few as hold its devices. */
  readonly nodes: number
  readonly leastNodes: number
  readonly cpusPerNode: number
  /** Whole GiB. */
  readonly memoryPerNodeGiB: number
}

export type ShapeProblem = { readonly option: string, readonly says: string }

/** Puts nodes, tasks, cores, GPUs and memory together, as sbatch would. */
export function shapeOf(draft: Draft): { shape: Shape, problems: ShapeProblem[] } {
  const { tasks, tasksPerNode, gpusPerTask } = draft
  const nodes = nodesOf(draft)
  const allTasks = tasks || tasksPerNode * nodes || 1
  const gpus = draft.gpus || draft.gpusPerNode * nodes || gpusPerTask * allTasks
  const gpusPerNode = nodes > 0 ? gpus / nodes : 0
  const cpusPerNode = coresOf(draft, nodes, gpusPerNode)
  const memoryGiB = draft.memoryGiB || draft.memoryPerCpuGiB * Math.max(cpusPerNode, 1)
    || draft.memoryPerGpuGiB * gpusPerNode
  const shape = {
    gpus, nodes, leastNodes: draft.least, cpusPerNode, memoryPerNodeGiB: Math.ceil(memoryGiB),
  }
  return { shape, problems: problemsOf(draft, shape) }
}

function nodesOf({ nodes, tasks, tasksPerNode, gpus, gpusPerNode, gpusPerTask }: Draft): number {
  if (nodes > 0) return nodes
  if (tasks > 0 && tasksPerNode > 0) return Math.ceil(tasks / tasksPerNode)
  if (gpus > 0 && gpusPerNode > 0) return Math.ceil(gpus / gpusPerNode)
  // GPUs for each task, or GPUs alone: as few nodes as hold them. Cores alone: on one node.
  return gpus + gpusPerTask > 0 ? 0 : 1
}

function coresOf(draft: Draft, nodes: number, gpusPerNode: number): number {
  const { tasks, tasksPerNode, cpusPerTask, cpusPerGpu } = draft
  if (cpusPerGpu > 0) return cpusPerGpu * gpusPerNode
  if (tasks + tasksPerNode + cpusPerTask === 0) return 0
  // Where nobody knows over how many nodes the tasks go, cores go with the devices.
  if (nodes === 0 && tasksPerNode === 0 && tasks > 1) return 0
  const perNode = tasksPerNode || Math.ceil((tasks || 1) / (nodes || 1))
  return perNode * (cpusPerTask || 1)
}

function problemsOf(draft: Draft, { gpus, nodes, leastNodes }: Shape): ShapeProblem[] {
  const problems: ShapeProblem[] = []
  if (nodes > 0 && gpus % nodes !== 0) {
    const says = `${gpus} GPUs do not divide over ${nodes} nodes`
    problems.push({ option: draft.nodes > 0 ? 'nodes' : 'gpus', says })
  }
  if (leastNodes > 0 && gpus === 0) {
    const says = 'only a job with GPUs may run on fewer nodes; name one number'
    problems.push({ option: 'nodes', says })
  }
  if (draft.isAlone && gpus === 0) {
    const says = 'a job without GPUs cannot have a node to itself; ask for all of its cores'
    problems.push({ option: 'exclusive', says })
  }
  return problems
}
