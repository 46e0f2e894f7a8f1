import { ageText, countText, powerText } from '../format.ts'
import { t } from '../texts.svelte.ts'
import type { JobEvent } from './timeline.ts'

/** What was decided or happened, in a sentence; '' for what is not worth a line. */
export function decisionText({ type, event }: JobEvent): string {
  const capW = event['capW']
  switch (type) {
    case 'job.started': return typeof capW === 'number'
      ? t('decision.started-capped', { cap: powerText(capW) }) : t('decision.started')
    case 'job.running': return t('decision.running')
    case 'job.interrupted':
      return t('decision.interrupted', { cause: String(event['cause'] ?? ''),
        kept: ageText(Number(event['keptMs'] ?? 0)) })
    case 'job.requeued': return t('decision.requeued', { cause: String(event['cause'] ?? '') })
    case 'job.preempted': return t('decision.preempted')
    case 'job.reserved': return t('decision.reserved')
    case 'job.held': return t('decision.held')
    case 'job.released': return t('decision.released')
    case 'job.checkpoint': return t('decision.checkpoint')
    case 'job.credited':
      return t('decision.credited', { kept: ageText(Number(event['keptMs'] ?? 0)) })
    case 'job.capped': return capW === 0 ? t('decision.paused')
      : t('decision.capped', { cap: powerText(Number(capW)) })
    case 'job.measured': return t('decision.measured', {
      cap: powerText(Number(capW)), draw: powerText(Number(event['drawW'])),
      speed: countText(Math.round(Number(event['speed']) * 100)) })
    case 'job.ended': return t('decision.ended', { outcome: String(event['outcome'] ?? '') })
    default: return ''
  }
}
