import { parseQuantity } from '../../../src/base/units.ts'

/** Changes of a what-if in the words of `millrace whatif`, as the address keeps them. */

const MARK = ';'

export function changesIn(text: string): readonly string[] {
  return text.split(MARK).map((each) => each.trim()).filter((each) => each !== '')
}

export function addressOf(changes: readonly string[]): string {
  return changes.join(MARK)
}

/** A change as a request that carries it out, or why none does. */
type Applied =
  | { readonly method: 'POST', readonly path: string, readonly body?: object
      readonly role: 'submitter' | 'operator' }
  | { readonly why: Why }

/** Keys of the texts that say why a change cannot be carried out by a button. */
type Why = 'whatif.no-plant' | 'whatif.no-policy' | 'whatif.no-nodes' | 'whatif.no-number'
  | 'whatif.no-raise' | 'whatif.no-quota' | 'whatif.no-chance' | 'whatif.no-form'

/** Watts that the plant allows at a feeder. */
type FeederLimits = (feeder: string) => { readonly plantLimitW: number } | undefined

/**
 * What carries a change out. A limit can be set below what the plant allows and not above it; what
 * the plant has, its policies and its quotas are written in its file; chance is not ours.
 */
export function appliedBy(change: string, limits: FeederLimits): Applied {
  const [verb, first = '', ...rest] = change.trim().split(/\s+/)
  switch (verb) {
    case 'limit': return limitOf(first, rest.join(' '), limits)
    case 'curtail': return curtailmentOf(first, rest)
    case 'cancel':
    case 'hold':
    case 'release': return /^[0-9]+$/.test(first) && rest.length === 0
      ? { method: 'POST', path: `/v1/jobs/${first}/${verb}`, role: 'submitter' }
      : { why: 'whatif.no-number' }
    case 'submit': return submissionOf(first, rest)
    case 'add':
    case 'remove': return { why: 'whatif.no-plant' }
    case 'drain': return { why: 'whatif.no-nodes' }
    case 'quota': return { why: 'whatif.no-quota' }
    case 'failures': return { why: 'whatif.no-chance' }
    case 'order':
    case 'backfill':
    case 'place':
    case 'preempt':
    case 'consolidate': return { why: 'whatif.no-policy' }
    default: return { why: 'whatif.no-form' }
  }
}

function limitOf(feeder: string, text: string, limits: FeederLimits): Applied {
  const known = limits(feeder)
  const parsed = parseQuantity(text.replace(/^\+/, ''), 'power')
  if (known === undefined || 'problem' in parsed) return { why: 'whatif.no-form' }
  const isMore = /^[+-]/.test(text)
  const watts = Math.floor(parsed.value) + (isMore ? known.plantLimitW : 0)
  if (watts > known.plantLimitW) return { why: 'whatif.no-raise' }
  return { method: 'POST', path: '/v1/limits', role: 'operator',
    body: { feeder, kind: 'limit', watts, cause: 'what-if' } }
}

function curtailmentOf(feeder: string, rest: readonly string[]): Applied {
  const power = parseQuantity(rest.slice(0, -2).join(' '), 'power')
  const time = parseQuantity(rest.at(-1) ?? '', 'duration')
  if ('problem' in power || 'problem' in time || rest.at(-2) !== 'for') {
    return { why: 'whatif.no-form' }
  }
  return { method: 'POST', path: '/v1/curtailments', role: 'operator',
    body: { feeder, targetW: Math.floor(power.value), forMs: time.value, cause: 'what-if' } }
}

function submissionOf(gpus: string, rest: readonly string[]): Applied {
  const [, time = '', word, queue = ''] = rest
  const parsed = parseQuantity(time, 'duration')
  if ('problem' in parsed || (word !== undefined && word !== 'queue')) {
    return { why: 'whatif.no-form' }
  }
  return { method: 'POST', path: '/v1/jobs', role: 'submitter',
    body: { gpus: Number(gpus), limitMs: Math.round(parsed.value), queue } }
}
