import { nearestWord } from '../base/text.ts'
import { formatCount, formatDuration, formatPower, parseQuantity } from '../base/units.ts'
import { apply } from '../core/apply.ts'
import { requestOfJob } from '../core/demand.ts'
import { growState } from '../core/grow.ts'
import { headroomW } from '../core/ledger.ts'
import { jobsOn } from '../core/observe.ts'
import { quotaRoom } from '../core/quota.ts'
import { replant } from '../core/replant.ts'
import { jobName, type State } from '../core/state.ts'
import { InputError, LEVELS, PHASE, PLAIN, type Plant } from '../model/index.ts'
import {
  backfillNamed, BACKFILLS, CONSOLIDATES, ORDERS, PLACES, policiesOf, PREEMPTS,
} from '../policies/index.ts'
import type { PolicyNames } from '../policies/policy.ts'
import { curtail, limit } from './change-power.ts'
import { carryOut, indexOf, SHOWN_MOST, type Changed, type World } from './change-world.ts'

export type { Changed, World }

/** What can be changed. `words` are the groups of the pattern; the state may be written to. */
type Change = {
  readonly form: string
  readonly about: string
  readonly pattern: RegExp
  readonly make: (world: World, words: readonly (string | undefined)[]) => Changed
}

/** Name of the job that a change submits. */
export const SUBMITTED = 'what-if'

/** Every change. A new one is an entry here. */
export const CHANGES: readonly Change[] = [
  {
    form: 'add COUNT nodes [of POOL]',
    about: 'a new row at the end of the pool\'s last hall, under the limits of that hall and above',
    pattern: /^add ([0-9]+) nodes?(?: of (\S+))?$/,
    make: (world, [count, pool]) => add(world, Number(count), poolOf(world, pool)),
  },
  {
    form: 'drain COUNT nodes [of POOL]',
    about: 'the last nodes of the pool that serve: nothing new starts on them',
    pattern: /^drain ([0-9]+) nodes?(?: of (\S+))?$/,
    make: (world, [count, pool]) => takeAway(world, Number(count), poolOf(world, pool), false),
  },
  {
    form: 'remove COUNT nodes [of POOL]',
    about: 'the same nodes are gone at once; their jobs wait again with what is known to be saved',
    pattern: /^remove ([0-9]+) nodes?(?: of (\S+))?$/,
    make: (world, [count, pool]) => takeAway(world, Number(count), poolOf(world, pool), true),
  },
  {
    form: 'limit FEEDER [+|-]POWER',
    about: 'another limit of a feeder: limit site1 20 MW; or more or less now and whenever: +1 MW',
    pattern: /^limit (\S+) (.+)$/,
    make: (world, [feeder, power]) => limit(world, feeder!, power!),
  },
  {
    form: 'curtail FEEDER POWER for TIME',
    about: 'the grid asks to draw no more from now on, such as curtail site1 20 MW for 2h',
    pattern: /^curtail (\S+) (.+) for (\S+)$/,
    make: (world, [feeder, power, time]) => curtail(world, feeder!, power!, time!),
  },
  {
    form: 'quota QUEUE COUNT|none',
    about: 'another quota of a queue, in GPUs',
    pattern: /^quota (\S+) ([0-9]+|none)$/,
    make: (world, [queue, count]) => quota(world, queue!, count!),
  },
  {
    form: 'cancel JOB',
    about: 'a job, by name or number, ends now',
    pattern: /^cancel (.+)$/,
    make: (world, [job]) => order(world, 'cancel', job!, 'Cancelling'),
  },
  {
    form: 'hold JOB',
    about: 'a waiting job does not start',
    pattern: /^hold (.+)$/,
    make: (world, [job]) => order(world, 'hold', job!, 'Holding'),
  },
  {
    form: 'release JOB',
    about: 'a job that is held may start',
    pattern: /^release (.+)$/,
    make: (world, [job]) => order(world, 'release', job!, 'Releasing'),
  },
  {
    form: 'submit COUNT gpus TIME [queue QUEUE]',
    about: 'one more job with that limit, such as submit 512 gpus 12h',
    pattern: /^submit ([0-9]+) gpus? (\S+)(?: queue (\S+))?$/,
    make: (world, [gpus, time, queue]) => submit(world, Number(gpus), time!, queue),
  },
  {
    form: `order ${Object.keys(ORDERS).join('|')}`,
    about: 'who goes first; jobs that wait get their place anew',
    pattern: /^order (\S+)$/,
    make: (world, [name]) => follow(world, 'order', name!, ORDERS),
  },
  {
    form: `backfill ${Object.keys(BACKFILLS).join('|')}`,
    about: 'what may overtake',
    pattern: /^backfill (\S+)$/,
    make: (world, [name]) => follow(world, 'backfill', name!, BACKFILLS),
  },
  {
    form: `place ${Object.keys(PLACES).join('|')}`,
    about: 'where gangs go',
    pattern: /^place (\S+)$/,
    make: (world, [name]) => follow(world, 'place', name!, PLACES),
  },
  {
    form: `preempt ${Object.keys(PREEMPTS).join('|')}`,
    about: 'whose nodes a blocked job may take',
    pattern: /^preempt (\S+)$/,
    make: (world, [name]) => follow(world, 'preempt', name!, PREEMPTS),
  },
  {
    form: `consolidate ${Object.keys(CONSOLIDATES).join('|')}`,
    about: 'whether running jobs are moved so that free nodes come together',
    pattern: /^consolidate (\S+)$/,
    make: (world, [name]) => follow(world, 'consolidate', name!, CONSOLIDATES),
  },
  {
    form: 'failures xFACTOR|none',
    about: 'every fault class so many times as often, such as failures x2',
    pattern: /^failures (?:x([0-9]+(?:\.[0-9]+)?)|none)$/,
    make: (world, [factor]) => fail(world, Number(factor ?? 0)),
  },
]

/** Makes a change in a world. An InputError says which forms there are, or why it cannot be. */
export function change(world: World, text: string): Changed {
  const trimmed = text.trim().replace(/\s+/g, ' ')
  try {
    for (const { pattern, make } of CHANGES) {
      const match = pattern.exec(trimmed)
      if (match === null) continue
      const changed = make(world, match.slice(1))
      changed.state.totals.isFreed = 1
      return changed
    }
  } catch (error) {
    if (error instanceof InputError) throw new InputError(`--change "${text}": ${error.message}`)
    throw error
  }
  throw new InputError(`--change "${text}": ${formsLike(trimmed)}`)
}

function formsLike(text: string): string {
  const verbs = CHANGES.map(({ form }) => form.split(' ')[0]!)
  const verb = text.split(' ')[0]!
  const own = CHANGES.find(({ form }) => form.startsWith(`${verb} `))
  if (own !== undefined) return `write "${own.form}": ${own.about}.`
  const near = nearestWord(verb, verbs)
  const forms = CHANGES.map(({ form, about }) => `\n  ${form.padEnd(38)}${about}`).join('')
  return `there is no such change${near === undefined ? '' : `; did you mean ${near}?`}. `
    + `What can be changed:${forms}`
}

function add(world: World, nodes: number, pool: number): Changed {
  const { state } = world
  if (nodes < 1 || nodes > NODES_MOST) {
    throw new InputError(`write a number of nodes from 1 to ${formatCount(NODES_MOST)}.`)
  }
  const grown = growState(state, pool, nodes)
  const { feeders } = state.layout.plant
  const over = feeders.findIndex((_, id) => headroomW(state, id) >= 0 && headroomW(grown, id) < 0)
  if (over >= 0) {
    throw new InputError(`what ${formatCount(nodes)} nodes draw idle is ${
      formatPower(headroomW(state, over) - headroomW(grown, over))} at ${feeders[over]!.name}, and `
      + `its limit leaves ${formatPower(headroomW(state, over))}. Raise it first: --change "limit ${
        feeders[over]!.name} …".`)
  }
  return { ...world, state: grown, doing: `Adding ${nodesOf(state, nodes, pool)}` }
}

/** As many nodes as the factory file takes at most. */
const NODES_MOST = 4_000_000

function takeAway(world: World, nodes: number, pool: number, isGone: boolean): Changed {
  const { state } = world
  const { layout, tables } = state
  const { flags } = tables.nodes
  const ranges: { first: number, end: number }[] = []
  let left = nodes
  for (let node = layout.plant.nodes - 1; node >= 0 && left > 0; node--) {
    if (flags[node] !== 0 || layout.poolOfRack[layout.rackOfNode[node]!] !== pool) continue
    left--
    const last = ranges.at(-1)
    if (last?.first === node + 1) last.first = node
    else ranges.push({ first: node, end: node + 1 })
  }
  if (nodes < 1 || left > 0) {
    throw new InputError(`${formatCount(nodes - left)} nodes of ${
      layout.plant.pools[pool]!.name} serve jobs now; write a number from 1 to that.`)
  }
  let stopped = 0
  for (const { first, end } of ranges) {
    if (isGone) {
      for (const job of jobsOn(state, first, end)) {
        stopped++
        apply(state, {
          type: 'job.interrupted', job, cause: 'removed', keptMs: tables.jobs.keptMs[job]!,
        })
      }
      apply(state, { type: 'nodes.down', first, end, cause: 'removed' })
    }
    apply(state, { type: 'nodes.drained', first, end, cause: 'what-if' })
  }
  return {
    ...world,
    doing: `${isGone ? 'Removing' : 'Draining'} ${nodesOf(state, nodes, pool)}`,
    ...(stopped > 0 && {
      note: `Jobs that ran on the nodes and wait again: ${formatCount(stopped)}.`,
    }),
  }
}

function quota(world: World, name: string, text: string): Changed {
  const { plant } = world.state.layout
  const queue = indexOf('queue', name, plant.queues.map((each) => each.name))
  const own = text === 'none' ? Infinity : Number(text)
  const before = plant.queues[queue]!
  const after = { ...before, quota: { ...before.quota, gpus: { ...before.quota.gpus, own } } }
  const state = replant(world.state, { ...plant, queues: plant.queues.with(queue, after) })
  const { usedGpus } = state.tables.queues
  const isOver = quotaRoom(state.layout.quotas, usedGpus, queue, 'gpus') < 0
  return {
    ...world, state,
    doing: text === 'none' ? `No quota for ${name}`
      : `A quota of ${formatCount(own)} GPUs for ${name}`,
    ...(isOver && {
      note: `${name} holds ${formatCount(usedGpus[queue]!)} GPUs now, more than it may with its `
        + 'new quota: nothing is stopped for that, and nothing of it starts until it holds less.',
    }),
  }
}

function order(
  world: World, type: 'cancel' | 'hold' | 'release', text: string, doing: string): Changed {
  const job = jobOf(world.state, text)
  const name = jobName(world.state, job)
  carryOut(world, { type, job })
  return { ...world, doing: `${doing} ${name}` }
}

function submit(
  world: World, gpus: number, time: string, queueName: string | undefined): Changed {
  const { plant } = world.state.layout
  const parsed = parseQuantity(time, 'duration')
  if ('problem' in parsed) throw new InputError(`${parsed.problem}.`)
  const queue = queueName === undefined ? 0
    : indexOf('queue', queueName, plant.queues.map((each) => each.name))
  carryOut(world, {
    type: 'submit',
    request: {
      name: SUBMITTED, queue, gpus, nodes: 0, cpusPerNode: 0, memoryPerNodeGiB: 0, device: -1,
      level: LEVELS.length - 1, priority: 0, limitMs: Math.round(parsed.value), ...PLAIN,
    },
  })
  return {
    ...world,
    doing: `One more job of ${formatCount(gpus)} GPU${gpus === 1 ? '' : 's'} for ${
      formatDuration(parsed.value)}`,
  }
}

function follow(
  world: World, kind: keyof PolicyNames, name: string, known: Readonly<Record<string, unknown>>,
): Changed {
  if (kind === 'backfill') backfillNamed(name)
  else if (!Object.hasOwn(known, name)) {
    throw new InputError(
      `there is no ${kind} ${name}; use one of ${Object.keys(known).join(', ')}.`)
  }
  const policies = { ...world.policies, [kind]: name }
  const { rankOf } = policiesOf(policies)
  const { state } = world
  return {
    policies,
    state: kind !== 'order' ? state : replant(state, state.layout.plant, {
      rankOf: (job) => rankOf(state, requestOfJob(state, job)),
    }),
    doing: `The ${kind} policy ${name} instead of ${
      world.policies[kind] ?? (kind === 'preempt' ? 'reclaim' : 'none')}`,
  }
}

function fail(world: World, factor: number): Changed {
  const { plant } = world.state.layout
  if (plant.failures.classes.every((each) => each.ratePerHour === 0)) {
    throw new InputError('nothing fails in this factory, so there is nothing to multiply.')
  }
  const classes = plant.failures.classes.map((each) =>
    ({ ...each, ratePerHour: each.ratePerHour * factor }))
  const changed: Plant = { ...plant, failures: { ...plant.failures, classes } }
  return {
    ...world,
    state: replant(world.state, changed),
    doing: factor === 0 ? 'A factory without failures' : `${factor} times as many failures`,
  }
}

/** The pool of a name; where there is only one, none needs to be named. */
function poolOf({ state }: World, name: string | undefined): number {
  const names = state.layout.plant.pools.map((pool) => pool.name)
  if (name !== undefined) return indexOf('pool', name, names)
  if (names.length === 1) return 0
  throw new InputError(`say of which pool: of ${names.join(', of ')}.`)
}

function nodesOf(state: State, nodes: number, pool: number): string {
  const { pools } = state.layout.plant
  return `${formatCount(nodes)} ${nodes === 1 ? 'node' : 'nodes'}`
    + (pools.length === 1 ? '' : ` of ${pools[pool]!.name}`)
}

/** A row by the job's name, else by its number; of several of one name none is guessed. */
function jobOf(state: State, text: string): number {
  const { phase, number } = state.tables.jobs
  const rows = [...Array(state.totals.jobRows).keys()].filter((job) => phase[job] !== PHASE.free)
  const named = rows.filter((job) => state.names[job] === text)
  if (named.length > 1) {
    throw new InputError(`${named.length} jobs are called ${text}; write the number of one: ${
      named.slice(0, SHOWN_MOST).map((job) => number[job]).join(', ')}.`)
  }
  const found = named[0] ?? rows.find((job) => `${number[job]}` === text)
  if (found !== undefined) return found
  const near = nearestWord(text, rows.slice(0, SEARCHED_MOST).map((job) => jobName(state, job)))
  throw new InputError(`there is no job ${text} at ${formatDuration(state.totals.nowMs)}; ${
    formatCount(state.totals.pending)} wait and ${formatCount(state.totals.running)} run.`
    + (near === undefined ? '' : ` Did you mean ${near}?`))
}

/** Jobs that are looked through for a near name. */
const SEARCHED_MOST = 10_000
