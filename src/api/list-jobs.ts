import type * as z from 'zod'
import { PHASE } from '../model/index.ts'
import { jobName } from '../core/state.ts'
import { firstAbove, type Factory } from './factory.ts'
import { nowText } from './moment.ts'
import { cursorOf } from './page.ts'
import type { Job, JobPage, jobsQuery, PHASES } from './schema-job.ts'
import { jobOf, toldJob } from './view-job.ts'

type Query = z.output<typeof jobsQuery>

/** Searches for reasons that a page may cost: with more it would hold up everybody else. */
const REASONS_MOST = 100

/**
 * A page of jobs by number: those of the state, or where ended ones are asked for, those of the
 * book. O(page), with filters O(jobs).
 */
export async function listJobs(served: Factory, query: Query): Promise<JobPage> {
  const found = query.phase === 'ended' ? ended(served, query) : present(served, query)
  const { owner } = query
  const numbers: number[] = []
  const owners: string[] = []
  let last: number | undefined
  for (const number of found) {
    if (numbers.length === query.limit) break
    const itsOwner = (await served.book.specOf(number))?.owner ?? ''
    last = number
    if (owner !== undefined && itsOwner !== owner) continue
    numbers.push(number)
    owners.push(itsOwner)
  }
  const isMore = last !== undefined && last !== found.at(-1)
  return {
    items: shown(served, query, numbers, owners), next: isMore ? `${last}` : null,
    at: nowText(served.controller.clock),
  }
}

/** All at one moment: the state may have changed while owners were asked for. */
function shown(
  served: Factory, query: Query, numbers: readonly number[], owners: readonly string[]): Job[] {
  const { controller, index, book } = served
  const state = controller.state()
  const { clock } = controller
  const rows = index.of(state)
  let reasons = query.reasons === 'true' ? REASONS_MOST : 0
  return numbers.flatMap((number, at) => {
    const job = rows.rowOf(number)
    if (job !== undefined) return [jobOf(state, job, clock, owners[at]!, reasons-- > 0)]
    const told = book.told(number)
    return told === undefined ? [] : [toldJob(state, told, clock, owners[at]!)]
  })
}

/** Numbers of jobs of the state that pass, from the cursor on. */
function present({ controller, index }: Factory, query: Query): readonly number[] {
  const state = controller.state()
  const rows = index.of(state)
  const { numbers } = rows
  const isNewest = query.order === 'newest'
  const cursor = cursorOf(query.cursor, isNewest ? Infinity : 0)
  const from = firstAbove(numbers, isNewest ? cursor - 1 : cursor)
  const isWanted = filterOf(state, query)
  const found: number[] = []
  // One more than the page, so that it is known whether there is a next one.
  const most = query.owner === undefined ? query.limit + 1 : numbers.length
  const step = isNewest ? -1 : 1
  for (let at = isNewest ? from - 1 : from; at >= 0 && at < numbers.length; at += step) {
    if (found.length === most) break
    if (isWanted(rows.rowOf(numbers[at]!)!)) found.push(numbers[at]!)
  }
  return found
}

function filterOf(
  state: ReturnType<Factory['controller']['state']>, query: Query): (job: number) => boolean {
  const { jobs } = state.tables
  const { queues } = state.layout.plant
  const queue = query.queue === undefined ? -1
    : queues.findIndex((each) => each.name === query.queue)
  const hasPhase = phaseFilter(query.phase)
  const { name } = query
  const hasText = textFilter(query.text)
  if (query.queue !== undefined && queue < 0) return () => false
  return (job) => (queue < 0 || jobs.queue[job] === queue)
    && hasPhase(jobs.phase[job]!)
    && (name === undefined || jobName(state, job) === name)
    && hasText(jobName(state, job), jobs.number[job]!)
}

function phaseFilter(wanted: Query['phase']): (phase: number) => boolean {
  if (wanted === undefined) return () => true
  if (wanted !== 'placed') return (phase) => phase === PHASE_OF[wanted]
  return (phase) => phase !== PHASE.pending && phase !== PHASE.free
}

/** Upper and lower case are alike. */
function textFilter(text: string | undefined): (name: string, number: number) => boolean {
  if (text === undefined || text === '') return () => true
  const wanted = text.toLowerCase()
  return (name, number) => name.toLowerCase().includes(wanted) || `${number}` === text
}

const PHASE_OF: Readonly<Record<(typeof PHASES)[number], number>> = {
  pending: PHASE.pending, starting: PHASE.starting, running: PHASE.running,
  paused: PHASE.suspended, ended: PHASE.free,
}

function ended({ controller, book }: Factory, query: Query): readonly number[] {
  const { plant } = controller.state().layout
  const isNewest = query.order === 'newest'
  const cursor = cursorOf(query.cursor, isNewest ? Infinity : 0)
  const hasText = textFilter(query.text)
  const found = [...book.endedNumbers()].filter((number) => {
    const { submitted } = book.told(number)!
    return (isNewest ? number < cursor : number > cursor)
      && (query.queue === undefined || plant.queues[submitted.queue]!.name === query.queue)
      && (query.name === undefined || (submitted.name || `${number}`) === query.name)
      && hasText(submitted.name || `${number}`, number)
  })
  return found.sort((a, b) => isNewest ? b - a : a - b)
}
