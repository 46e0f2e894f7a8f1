import { type Line, MAX_COUNT, shown } from './line.ts'
import { gibOfSlurm } from './memory.ts'

/** What a job of Slurm had in all, over its nodes. */
export type Resources = {
  readonly gpus: number
  readonly nodes: number
  readonly cpus: number
  /** 0 where it is not said. */
  readonly memoryGiB: number
}

const GPUS = 'gres/gpu'

/**
 * Reads a list of Slurm's trackable resources, such as "billing=8,cpu=8,gres/gpu=2,
 * gres/gpu:h100=2,mem=64G,node=1". `gres/gpu` counts all GPUs; where only types are tracked, they
 * are added up. Undefined where the list is empty.
 */
export function resourcesAt(line: Line, field: number, column: string): Resources | undefined {
  if (line.isEmptyAt(field)) return undefined
  const found = { gpus: -1, typed: 0, nodes: 1, cpus: 1, memoryGiB: 0 }
  for (const part of line.textAt(field).split(',')) {
    const equals = part.indexOf('=')
    const name = equals < 0 ? part : part.slice(0, equals)
    const value = part.slice(name.length + 1)
    if (name === 'cpu') found.cpus = countOf(line, column, name, value)
    else if (name === 'node') found.nodes = countOf(line, column, name, value)
    else if (name === 'mem') found.memoryGiB = memoryOf(line, column, value)
    else if (name === GPUS) found.gpus = countOf(line, column, name, value)
    else if (name.startsWith(`${GPUS}:`)) found.typed += countOf(line, column, name, value)
  }
  const { nodes, cpus, memoryGiB } = found
  return { gpus: found.gpus < 0 ? found.typed : found.gpus, nodes, cpus, memoryGiB }
}

function countOf(line: Line, column: string, name: string, value: string): number {
  const count = /^\d+$/.test(value) ? Number(value) : NaN
  if (count <= MAX_COUNT) return count
  return line.fail(`${column} says ${name}=${shown(value)}; a whole number would do, as sacct `
    + 'prints it')
}

function memoryOf(line: Line, column: string, value: string): number {
  const gib = gibOfSlurm(value)
  if (gib <= MAX_COUNT) return gib
  return line.fail(`${column} says mem=${shown(value)}; a size such as 64G would do, as sacct `
    + 'prints it')
}
