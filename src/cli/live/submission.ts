import { userInfo } from 'node:os'
import { resolve } from 'node:path'
import { parseQuantity, parseSpan } from '../../base/units.ts'
import type { Submission } from '../../api/client.ts'
import { InputError } from '../../model/index.ts'
import { exported, readExport, EXPORT_ALL } from '../../run/sbatch/export.ts'
import type { Wish } from '../../run/sbatch/sbatch.ts'
import { signalOf, type After } from '../../run/sbatch/values.ts'
import { gibOfBytes } from '../../traces/memory.ts'
import { readChoice, readWhole } from '../options.ts'

/** The flags of `millrace submit` that say what the job is. */
export type JobFlags = {
  readonly name?: string
  readonly queue?: string
  readonly gpus?: string
  readonly cpus?: string
  readonly nodes?: string
  readonly leastNodes?: string
  readonly memory?: string
  readonly device?: string
  readonly level?: string
  readonly class?: string
  readonly worth?: string
  readonly priority?: string
  readonly time?: string
  readonly minThroughput?: string
  readonly after: readonly string[]
  readonly afterAny: readonly string[]
  readonly chdir?: string
  readonly export?: string
  readonly output?: string
  readonly error?: string
  readonly checkpointSignal?: string
  readonly grace?: string
  readonly pause?: string
  readonly work?: string
}

/** What is run: a program with its arguments, or a script with those of it. */
export type What = { readonly command: readonly string[], readonly script: string }

/** The shell that submits. */
export type Shell = {
  readonly directory: string
  readonly environment: Readonly<Record<string, string | undefined>>
}

const COUNT_MOST = 2_000_000_000

/**
 * The jobs that are submitted: one, or one for each task of an array. Flags stand above what a
 * script says of itself, as with sbatch. Numbers of jobs to wait for come as they were resolved.
 */
export function submissions(
  flags: JobFlags, wish: Wish | undefined, what: What, after: readonly After[], shell: Shell,
): Submission[] {
  const whole = (flag: string, text: string | undefined, instead: number, least = 0) =>
    text === undefined ? instead : readWhole(flag, text, least, COUNT_MOST)
  const gpus = whole('--gpus', flags.gpus, wish?.gpus ?? 0)
  const nodes = whole('--nodes', flags.nodes, nodesOf(flags, wish), 1)
  const job: Submission = {
    name: flags.name ?? wish?.name ?? '', queue: flags.queue ?? wish?.queue ?? '',
    device: flags.device ?? wish?.device ?? '', gpus, nodes,
    leastNodes: whole('--least-nodes', flags.leastNodes, wish?.leastNodes ?? 0, 1),
    cpusPerNode: whole('--cpus', flags.cpus, wish?.cpusPerNode ?? 0, 1),
    memoryPerNodeGiB: memoryOf(flags.memory, wish?.memoryPerNodeGiB ?? 0),
    priority: priorityOf(flags.priority, wish?.priority ?? 0),
    limitMs: spanOf('--time', flags.time, wish?.limitMs ?? 0),
    leastSpeed: ratioOf(flags.minThroughput), after: [...after],
    ...flags.class === undefined ? {} : { class: flags.class },
    ...flags.worth === undefined ? {} : { worth: worthOf(flags.worth) },
    ...flags.level === undefined ? {}
      : { level: readChoice('--level', flags.level, LEVELS) as Submission['level'] & string },
    spec: specOf(flags, wish, what, shell),
  }
  const indexes = wish?.indexes ?? []
  return indexes.length === 0 ? [filled(job, '')]
    : indexes.map((index) => taskOf(job, index, indexes))
}

const LEVELS = ['node', 'rack', 'row', 'hall', 'site']

/** A number of GPUs on the command line takes the script's nodes away: they may not fit it. */
function nodesOf({ gpus, nodes }: JobFlags, wish: Wish | undefined): number {
  if (nodes === undefined && gpus !== undefined) return 0
  return wish?.nodes ?? 0
}

function specOf(
  flags: JobFlags, wish: Wish | undefined, what: What, shell: Shell): Submission['spec'] & object {
  const directory = resolve(shell.directory, flags.chdir ?? wish?.directory ?? '')
  const choice = flags.export === undefined ? wish?.export ?? EXPORT_ALL
    : readExport('--export', flags.export)
  const at = (path: string) => path === '' ? '' : resolve(directory, path)
  const signal = flags.checkpointSignal === undefined ? wish?.checkpointSignal ?? ''
    : signalOf(flags.checkpointSignal)
  if (signal === undefined) {
    throw new InputError(`--checkpoint-signal ${flags.checkpointSignal}: use USR1, USR2, HUP, INT `
      + 'or TERM.')
  }
  const pause = flags.pause === undefined ? wish?.isRestarted === true ? 'restart' : 'stop'
    : readChoice('--pause', flags.pause, ['stop', 'restart'])
  const graceMs = spanOf('--grace', flags.grace, wish?.graceMs ?? -1)
  return {
    command: [...what.command], script: what.script, directory,
    environment: exported(choice, shell.environment),
    output: at(flags.output ?? wish?.output ?? ''), error: at(flags.error ?? wish?.error ?? ''),
    checkpointSignal: signal as '' | 'SIGUSR1', pause: pause as 'stop' | 'restart',
    ...graceMs < 0 ? {} : { graceMs }, workMs: spanOf('--work', flags.work, 0),
  }
}

/** A task of an array is a job of its own, told its index in the words of Slurm and of ours. */
function taskOf(job: Submission, index: number, indexes: readonly number[]): Submission {
  const spec = job.spec!
  const environment = {
    ...spec.environment, MILLRACE_ARRAY_INDEX: `${index}`, SLURM_ARRAY_TASK_ID: `${index}`,
    SLURM_ARRAY_TASK_COUNT: `${indexes.length}`, SLURM_ARRAY_TASK_MIN: `${indexes[0]}`,
    SLURM_ARRAY_TASK_MAX: `${indexes.at(-1)}`,
  }
  const name = job.name === undefined || job.name === '' ? '' : `${job.name}_${index}`
  return filled({ ...job, name, spec: { ...spec, environment } }, `${index}`)
}

/** Paths with what stands for the user and the task's index; the rest the engine knows. */
function filled(job: Submission, index: string): Submission {
  const spec = job.spec!
  const path = (text: string | undefined) => (text ?? '')
    .replaceAll('%u', userInfo().username).replaceAll('%a', index)
  return { ...job, spec: { ...spec, output: path(spec.output), error: path(spec.error) } }
}

/** "4h", "2h30m", or as Slurm has it "4:00:00". */
function spanOf(flag: string, text: string | undefined, instead: number): number {
  if (text === undefined) return instead
  const parsed = parseSpan(text)
  if ('problem' in parsed) throw new InputError(`${flag}: ${parsed.problem}; such as 4h or 2h30m.`)
  if (parsed.value < 0) throw new InputError(`${flag} ${text}: it must not be below 0.`)
  return parsed.value
}

function memoryOf(text: string | undefined, instead: number): number {
  if (text === undefined) return instead
  const parsed = parseQuantity(text, 'memory')
  if ('problem' in parsed) throw new InputError(`--memory: ${parsed.problem}.`)
  return Math.ceil(gibOfBytes(parsed.value))
}

function priorityOf(text: string | undefined, instead: number): number {
  if (text === undefined) return instead
  if (/^-?\d{1,9}$/.test(text)) return Number(text)
  throw new InputError(`--priority ${text}: use a whole number; larger goes first.`)
}

function ratioOf(text: string | undefined): number {
  if (text === undefined) return 0
  const value = text.endsWith('%') ? parseQuantity(text, 'ratio') : { value: Number(text) }
  const ratio = 'value' in value && text.trim() !== '' ? value.value : NaN
  if (ratio >= 0 && ratio <= 1) return ratio
  throw new InputError(`--min-throughput ${text}: use 0 (it may be paused) to 1, such as 0.75 or `
    + '75%.')
}

function worthOf(text: string): number {
  const value = Number(text)
  if (value > 0 && value <= 1_000_000) return value
  throw new InputError(`--worth ${text}: use a number above 0, 1 for most jobs.`)
}
