import { EXPORT_ALL, type Export } from './export.ts'
import { READERS, type Draft, type Said } from './readers.ts'
import { givenIn, type Given } from './script.ts'
import { shapeOf, type Shape } from './shape.ts'
import type { After } from './values.ts'

/** What a batch script asks for, in words: a queue's name, a device's name, a job's number. */
export type Sbatch = {
  readonly wish: Wish
  /** What became of each option, in the order of the script. */
  readonly notes: readonly Note[]
}

/** '' and 0 where nothing is said. */
export type Wish = Shape & {
  readonly name: string
  readonly queue: string
  readonly device: string
  readonly priority: number
  readonly limitMs: number
  readonly after: readonly After[]
  /** Indexes of the tasks of its array; none where it is no array. */
  readonly indexes: readonly number[]
  readonly directory: string
  /** Paths with %j, %x and %n, and with %a (a task's index) and %u (the user). */
  readonly output: string
  readonly error: string
  readonly checkpointSignal: string
  /** -1 where nothing is said. */
  readonly graceMs: number
  readonly isRestarted: boolean
  readonly export: Export
}

export type Note = {
  readonly line: number
  readonly written: string
  /** `refused`: it cannot be done, and a job without it may not be what was wanted. */
  readonly does: 'honoured' | 'ignored' | 'refused'
  /** What becomes of it, or why nothing does. */
  readonly says: string
}

/**
 * Reads the `#SBATCH` lines of a batch script, as sbatch of Slurm does, into what a job here can
 * ask for, with a note on every option. Throws an InputError where it is no batch script.
 */
export function readSbatch(script: string): Sbatch {
  const draft: Draft = {
    name: '', queue: '', device: '', least: 0, nodes: 0, tasks: 0, tasksPerNode: 0,
    cpusPerTask: 0, cpusPerGpu: 0, gpus: 0, gpusPerNode: 0, gpusPerTask: 0, memoryGiB: 0,
    memoryPerCpuGiB: 0, memoryPerGpuGiB: 0, limitMs: 0, priority: 0, after: [], indexes: [],
    checkpointSignal: '', graceMs: -1, isRestarted: false, output: '', error: '', directory: '',
    export: EXPORT_ALL, isAlone: false,
  }
  const given = givenIn(script)
  const notes = given.map((each, at) => note(each, given.slice(at + 1), draft))
  const { shape, problems } = shapeOf(draft)
  for (const { option, says } of problems) {
    const at = given.findLastIndex((each) => each.option?.long === option)
    notes[at] = { ...notes[at]!, does: 'refused', says }
  }
  const {
    name, queue, device, priority, limitMs, after, indexes, directory, output, error,
    checkpointSignal, graceMs, isRestarted,
  } = draft
  const wish: Wish = {
    ...shape, name, queue, device, priority, limitMs, after, indexes, directory, output, error,
    checkpointSignal, graceMs, isRestarted, export: draft.export,
  }
  return { wish, notes }
}

function note(
  { line, written, option, value }: Given, later: readonly Given[], draft: Draft): Note {
  if (option === undefined) {
    return { line, written, does: 'refused', says: 'sbatch has no such option' }
  }
  const { does, says, long } = option
  if (does !== 'read') return { line, written, does, says }
  const again = later.find((each) => each.option === option)
  if (again !== undefined) {
    return { line, written, does: 'ignored', says: `line ${again.line} says it again` }
  }
  const said: Said = READERS[long]!(value, draft)
  return { line, written, ...said }
}
