import { ageText, countText, powerText } from '../format.ts'
import type { Job } from '../resources.ts'
import { t, type Key } from '../texts.svelte.ts'
import type { Expected } from './answer.ts'

/** What a job does, or what keeps it, in one sentence. */
export function doingText(job: Job): string {
  if (job.phase === 'ended') return t(`outcome.${job.outcome ?? 'none'}`)
  if (job.phase === 'pending') {
    return job.reason === null ? t(job.isHeld ? 'reason.held' : 'queue.next')
      : bindingText(job.reason)
  }
  if (job.phase === 'paused' || job.capW === 0) return t('queue.paused')
  if (job.capW !== null) {
    return t('queue.capped', { cap: powerText(job.capW), speed: Math.round(job.speed * 100) })
  }
  return t(`queue.${job.phase}`)
}

/** "Power: 9.9 MW needed, memphis has 27.7 kW." */
function bindingText({ code, need, have, unit, at }: NonNullable<Job['reason']>): string {
  const reason = t(`reason.${code}` as Key)
  if (code === 'order' && at !== '' && need === 0) return t('queue.after', { at })
  if (unit === '' || need === 0) return at === '' ? `${reason}.` : `${reason}: ${at}.`
  if (code === 'order') return t('queue.turn', { count: countText(need), at })
  return t('queue.short', {
    reason, at, need: amountText(need, unit), have: amountText(Math.max(0, have), unit) })
}

/** How long it waited, waits, runs or ran, by the factory's clock. */
export function spanText(job: Job, nowMs: number): string {
  const from = job.phase === 'pending' ? job.submittedAt : job.startedAt
  if (from === null) return ''
  const until = job.endedAt === null ? nowMs : Date.parse(job.endedAt)
  return ageText(Math.max(0, until - Date.parse(from)))
}

/** "in 2 h 10 (1 h 05 to 5 h)", with what is not seen in that time as more than it. */
export function expectedText(expected: Expected | undefined): string {
  if (expected === undefined) return ''
  const { least, middle, most, within } = expected
  const span = (ms: number | undefined) =>
    ms === undefined ? `> ${ageText(within)}` : ageText(ms)
  if (least === undefined) return t('expected.not', { span: ageText(within) })
  if (most !== undefined && most < 60_000) return t('expected.now')
  if (least === most) return t('expected.in', { span: span(middle) })
  return t('expected.spread', { span: span(middle), least: span(least), most: span(most) })
}

/** An amount with its unit, as blockers have them. */
export function amountText(amount: number, unit: string): string {
  if (unit === 'W') return powerText(amount)
  return unit === '' ? countText(amount) : `${countText(amount)} ${unit}`
}
