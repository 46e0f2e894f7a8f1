import type { Remedy } from './answer.ts'

/** A request that a button sends: first as a dry run, then as it is. */
export type Action = {
  readonly method: 'POST' | 'DELETE'
  readonly path: string
  readonly body?: Readonly<Record<string, unknown>>
  /** Whether it is about jobs or things of others. */
  readonly role: 'submitter' | 'operator'
}

/** What can be done about a remedy with a button; empty where some part of it cannot. */
export function actionsOf(remedy: Remedy, job: number): readonly Action[] {
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
    // To wait again and not to be lost: who stops another's job should not also end it.
    case 'end': return numbers(change['jobs']).map((each) => act(each, 'requeue', 'operator'))
    case 'hold': return numbers(change['jobs']).map((each) => act(each, 'hold', 'operator'))
    case 'serve': return ranges(numbers(change['ranges']))
    case 'drop': return numbers(change['limits']).map((limit) =>
      ({ method: 'DELETE', path: `/v1/limits/${limit}`, role: 'operator' }))
    default: return []
  }
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
export function changesOf(remedy: Remedy): readonly string[] {
  const found: string[] = []
  for (const change of remedy.changes) {
    if (change.type === 'limit') {
      found.push(`limit ${String(change['feeder'])} +${Number(change['byW'])} W`)
    } else if (change.type === 'end') {
      found.push(...numbers(change['jobs']).map((each) => `cancel ${each}`))
    } else if (change.type === 'hold') {
      found.push(...numbers(change['jobs']).map((each) => `hold ${each}`))
    } else return []
  }
  return found
}

/** Who may do what an action takes; a submitter acts on its own jobs. */
export function isAllowed(
  action: Action, isOperator: boolean, isSubmitter: boolean, isOwn: boolean): boolean {
  return isOperator || (action.role === 'submitter' && isSubmitter && isOwn)
}
