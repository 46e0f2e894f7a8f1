import { formatDuration, fromSeconds } from '../../base/units.ts'
import { InputError } from '../../model/index.ts'
import { readExport, type Export } from './export.ts'
import {
  countOf, dependenciesOf, gpusOf, indexesOf, limitOf, memoryOf, rangeOf, signalOf, type After,
} from './values.ts'

/** What the options say, before they are put together. 0 and '' where nothing is said. */
export type Draft = {
  name: string
  queue: string
  device: string
  least: number
  nodes: number
  tasks: number
  tasksPerNode: number
  cpusPerTask: number
  cpusPerGpu: number
  gpus: number
  gpusPerNode: number
  gpusPerTask: number
  memoryGiB: number
  memoryPerCpuGiB: number
  memoryPerGpuGiB: number
  limitMs: number
  priority: number
  after: readonly After[]
  indexes: readonly number[]
  checkpointSignal: string
  graceMs: number
  isRestarted: boolean
  output: string
  error: string
  directory: string
  export: Export
  /** Whether it wants its nodes for itself. */
  isAlone: boolean
}

export type Said = { readonly does: 'honoured' | 'ignored' | 'refused', readonly says: string }

type Reader = (value: string, draft: Draft) => Said

const honoured = (says: string): Said => ({ does: 'honoured', says })
const ignored = (says: string): Said => ({ does: 'ignored', says })
const refused = (says: string): Said => ({ does: 'refused', says })

type Count = 'tasks' | 'tasksPerNode' | 'cpusPerTask' | 'cpusPerGpu'
type Gpus = 'gpus' | 'gpusPerNode' | 'gpusPerTask'
type Memory = 'memoryGiB' | 'memoryPerCpuGiB' | 'memoryPerGpuGiB'

function count(key: Count, says: string): Reader {
  return (value, draft) => {
    const found = countOf(value)
    if (Number.isNaN(found)) return refused(`${value} is no whole number above 0`)
    draft[key] = found
    return honoured(`${found} ${says}`)
  }
}

function gpus(key: Gpus, says: string): Reader {
  return (value, draft) => {
    if (value.includes(',')) return refused('a job has devices of one type')
    const found = gpusOf(value)
    if (Number.isNaN(found.gpus)) return refused(`${value} is no number such as 8 or h100:8`)
    draft[key] = found.gpus
    if (found.device !== '') draft.device = found.device
    return honoured(`${found.gpus} GPUs${found.device === '' ? '' : ` of ${found.device}`}${says}`)
  }
}

function memory(key: Memory, says: string): Reader {
  return (value, draft) => {
    const gib = memoryOf(value)
    if (Number.isNaN(gib)) return refused(`${value} is no size such as 64G`)
    if (gib === 0) return ignored('memory goes with the devices: all of it with all of a node\'s')
    draft[key] = gib
    return honoured(`${Number(gib.toPrecision(4))} GiB${says}`)
  }
}

/** By the long name of each option that is read. */
export const READERS: Readonly<Record<string, Reader>> = {
  'job-name': (value, draft) => {
    draft.name = value
    return honoured(`the job is called ${value}`)
  },
  'partition': (value, draft) => {
    if (value.includes(',')) return refused('a job goes to one queue; name one')
    draft.queue = value
    return honoured(`queue ${value}`)
  },
  'nodes': (value, draft) => {
    const { least, most } = rangeOf(value)
    if (Number.isNaN(most)) return refused(`${value} is no number of nodes such as 2 or 2-4`)
    draft.nodes = most
    draft.least = least < most ? least : 0
    return honoured(least < most ? `${least} to ${most} nodes` : `${most} nodes`)
  },
  'ntasks': count('tasks', 'tasks'),
  'ntasks-per-node': count('tasksPerNode', 'tasks on each node'),
  'cpus-per-task': count('cpusPerTask', 'cores for each task'),
  'cpus-per-gpu': count('cpusPerGpu', 'cores for each GPU'),
  'gpus': gpus('gpus', ''),
  'gpus-per-node': gpus('gpusPerNode', ' on each node'),
  'gpus-per-task': gpus('gpusPerTask', ' for each task'),
  'gres': (value, draft) => {
    const parts = value.split(',').filter((part) => part !== '' && part !== 'none')
    const others = parts.filter((part) => !/^gpu(:|$)/.test(part))
    if (others.length > 0) return refused(`there is no resource ${others.join(', ')}, only gpu`)
    if (parts.length === 0) return ignored('it asks for nothing')
    const list = parts.map((part) => part.replace(/^gpu:?/, '') || '1').join(',')
    return gpus('gpusPerNode', ' on each node')(list, draft)
  },
  'mem': memory('memoryGiB', ' on each node'),
  'mem-per-cpu': memory('memoryPerCpuGiB', ' for each core'),
  'mem-per-gpu': memory('memoryPerGpuGiB', ' for each GPU'),
  'time': (value, draft) => {
    const limitMs = limitOf(value)
    if (Number.isNaN(limitMs)) return refused(`${value} is no time such as 4:00:00 or 1-12:00`)
    if (limitMs === 0) return ignored('it has no time limit')
    draft.limitMs = limitMs
    return honoured(`at most ${formatDuration(limitMs)}`)
  },
  'priority': (value, draft) => {
    if (!/^-?\d{1,9}$/.test(value)) return refused(`${value} is no whole number`)
    draft.priority = Number(value)
    return honoured(`priority ${value}`)
  },
  'nice': (value, draft) => {
    // What sbatch takes off where --nice has no value.
    const nice = value === '' ? '100' : value
    if (!/^-?\d{1,9}$/.test(nice)) return refused(`${value} is no whole number`)
    draft.priority -= Number(nice)
    return honoured(`priority ${draft.priority}`)
  },
  'dependency': (value, draft) => {
    const found = dependenciesOf(value)
    if ('problem' in found) return refused(found.problem)
    draft.after = found.after
    const says = found.after.map(({ number, on }) =>
      `job ${number} has ${on === 'ended' ? 'ended' : 'succeeded'}`)
    return honoured(`when ${says.join(' and ')}`)
  },
  'array': readArray,
  'signal': readSignal,
  'requeue': (_, draft) => {
    draft.isRestarted = true
    return honoured('where power is short it may end after it saved, and is started again later')
  },
  'output': (value, draft) => path(value, draft, 'output'),
  'error': (value, draft) => path(value, draft, 'error'),
  'chdir': (value, draft) => {
    draft.directory = value
    return honoured(`runs in ${value}`)
  },
  'export': (value, draft) => {
    try {
      draft.export = readExport('--export', value)
    } catch (error) {
      if (error instanceof InputError) return refused(error.message)
      throw error
    }
    return honoured('that part of the environment goes with it')
  },
  'exclusive': (value, draft) => {
    if (value !== '') return refused('nodes are not kept for a user')
    draft.isAlone = true
    return ignored('its devices are its own; ask for all of a node\'s to have the node to itself')
  },
  'begin': (value) => value === 'now' ? ignored('it begins when it can')
    : refused('a job cannot begin at a time; submit it then'),
  'test-only': () => refused('use millrace submit --dry-run'),
}

function readArray(value: string, draft: Draft): Said {
  const found = indexesOf(value)
  if (found === undefined) {
    return refused(`${value} is no list of up to 1,000 indexes such as 0-9 or 1,3,5`)
  }
  const { indexes, atOnce } = found
  draft.indexes = indexes
  const tasks = `${indexes.length} tasks, ${indexes[0]} to ${indexes.at(-1)}`
  if (atOnce < indexes.length) {
    return refused(`${tasks}, of which at most ${atOnce} at once is not possible; leave %${atOnce} `
      + 'out, or give their queue a quota')
  }
  return honoured(tasks)
}

/** "[R][B:]SIGNAL[@SECONDS]". */
function readSignal(value: string, draft: Draft): Said {
  const match = /^(?:[RB]+:)?([A-Za-z0-9]+)(?:@(\d{1,5}))?$/.exec(value)
  const signal = match === null ? undefined : signalOf(match[1]!)
  if (signal === undefined) {
    return refused(`${value} is none of USR1, USR2, HUP, INT and TERM, with seconds as in USR1@60`)
  }
  // What sbatch has where no time is given.
  draft.graceMs = fromSeconds(Number(match![2] ?? 60))
  draft.checkpointSignal = signal
  return honoured(`${signal} to all its processes whenever it should save, with ${
    formatDuration(draft.graceMs)} to do so`)
}

/** Patterns of sbatch, and what stands for them here. */
const PATTERNS: Readonly<Record<string, string>> = {
  j: '%j', J: '%j', A: '%j', x: '%x', n: '%n', N: '%n', t: '%n', a: '%a', u: '%u',
}

function path(value: string, draft: Draft, key: 'output' | 'error'): Said {
  const unknown = [...value.matchAll(/%\d*(.?)/g)]
    .find(([, letter]) => PATTERNS[letter!] === undefined)
  if (unknown !== undefined) {
    return refused(`${unknown[0]} is not possible in a path; %j, %x, %n, %a and %u are`)
  }
  const pattern = value.replaceAll(/%\d*(.)/g, (_, letter: string) => PATTERNS[letter]!)
  draft[key] = pattern
  return honoured(pattern === value ? `to ${pattern}` : `to ${pattern}, which says the same here`)
}
