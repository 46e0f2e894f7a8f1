import type { Remedy } from './answer.ts'

/** A request that a button sends: first as a dry run, then as it is. */
export type Action = {
  readonly method: 'POST' | 'DELETE'
  readonly path: string
  readonly body?: Readonly<Record<string, unknown>>
  /** Whether it is about jobs or things of others. */
  readonly role: 'submitter' | 'operator'
}

/**
 * What can be done about a remedy with a button; empty where some part of it cannot. Requests are
 * carried out one after another: what a job leaves may be taken before the next part is so.
 */
export function actionsOf(remedy: Remedy, job: number): readonly Action[] {
  const isLoose = remedy.changes.length > 1 && remedy.changes.some(({ type }) => type === 'end')
  if (isLoose) return []
  const found: Action[] = []
  for (const change of remedy.changes) {
    const some = actionsOfChange(change, job)
    if (some.length === 0) return []
    found.push(...some)
  }
  return found
}

function actionsOfChange(
  change: Remedy['changes'][number], job: number): readonly Action[] {
  switch (change.type) {
    case 'release': return [act(job, 'release', 'submitter')]
    case 'end': return numbers(change['jobs']).map((each) => act(each, 'cancel', 'operator'))
    case 'hold': return numbers(change['jobs']).map((each) => act(each, 'hold', 'operator'))
    case 'serve': return ranges(numbers(change['ranges']))
    case 'drop': return numbers(change['limits']).map((limit) =>
      ({ method: 'DELETE', path: `/v1/limits/${limit}`, role: 'operator' }))
    default: return []
  }
}

/**
 * The same for the one job that is to end: it waits again and is not lost. Where it goes before
 * the job that waits it starts again at once, so this is to be tried first. Undefined for others.
 */
export function gentlerOf(actions: readonly Action[]): readonly Action[] | undefined {
  const number = Number(/^\/v1\/jobs\/([0-9]+)\/cancel$/.exec(actions[0]?.path ?? '')?.[1])
  return actions.length === 1 && number > 0 ? [act(number, 'requeue', 'operator')] : undefined
}

function act(job: number, verb: string, role: Action['role']): Action {
  return {
    method: 'POST', path: `/v1/jobs/${job}/${verb}`, role,
    ...verb === 'requeue' && { body: { reason: 'so that another job starts' } },
  }
}

function ranges(bounds: readonly number[]): readonly Action[] {
  const found: Action[] = []
  for (let at = 0; at + 1 < bounds.length; at += 2) {
    found.push({
      method: 'POST', path: '/v1/nodes/resume', role: 'operator',
      body: { nodes: `${bounds[at]}-${bounds[at + 1]! - 1}`, reason: 'so that a job starts' },
    })
  }
  return found
}

function numbers(value: unknown): readonly number[] {
  return Array.isArray(value) ? value.filter((each) => typeof each === 'number') : []
}

/**
 * The same remedy as a question of what-if, where there is such a change: what no button does is
 * looked at there. Empty where there is none.
 */
export function changesOf(remedy: Remedy, job: number): readonly string[] {
  const found: string[] = []
  for (const change of remedy.changes) {
    if (change.type === 'limit') {
      found.push(`limit ${String(change['feeder'])} +${Number(change['byW'])} W`)
    } else if (change.type === 'end') {
      found.push(...numbers(change['jobs']).map((each) => `cancel ${each}`))
    } else if (change.type === 'hold') {
      found.push(...numbers(change['jobs']).map((each) => `hold ${each}`))
    } else if (change.type === 'release') found.push(`release ${job}`)
    else return []
  }
  // So that nobody else takes what a job leaves, where they are carried out in this order.
  const isEnd = (text: string) => Number(text.startsWith('cancel'))
  return found.sort((a, b) => isEnd(a) - isEnd(b))
}

/** Who may do what an action takes; a submitter acts on its own jobs. */
export function isAllowed(
  action: Action, isOperator: boolean, isSubmitter: boolean, isOwn: boolean): boolean {
  return isOperator || (action.role === 'submitter' && isSubmitter && isOwn)
}
