import { formatDuration, parseSpan } from '../../base/units.ts'
import { InputError } from '../../model/index.ts'

/** Moments as people write them, in the zone of whoever types, by the clock of a factory. */

const FORMS = 'write a time such as 18:00, 2026-11-24T18:00, +2h or now'

/**
 * Date in ms of "18:00" (the next one after `fromMs`), "2026-11-24T18:00" or "+2h" (after
 * `fromMs`), or "now". A zone may stand behind it: 2026-11-24T18:00Z. Throws an InputError that
 * names the flag.
 */
export function readWhen(flag: string, text: string, fromMs: number): number {
  if (text === 'now') return fromMs
  if (text.startsWith('+')) {
    const span = parseSpan(text.slice(1))
    if (!('problem' in span) && span.value >= 0) return fromMs + span.value
  }
  const clock = /^(\d{1,2}):(\d{2})(?::(\d{2}))?$/.exec(text)
  if (clock !== null) {
    return nextAt(flag, text, fromMs, clock.slice(1).map((part) => Number(part ?? 0)))
  }
  const date = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})?)?$/.exec(text)
  // Without a time it would be midnight in London, which nobody means.
  const atMs = date === null ? NaN : Date.parse(date[1] === undefined ? `${text}T00:00` : text)
  if (!Number.isNaN(atMs) && isOfCalendar(text)) return atMs
  throw new InputError(`${flag} ${text}: ${FORMS}.`)
}

function nextAt(flag: string, text: string, fromMs: number, clock: readonly number[]): number {
  const [hours, minutes, seconds] = clock as [number, number, number]
  if (hours > 23 || minutes > 59 || seconds > 59) {
    throw new InputError(`${flag} ${text}: a day has no such time; ${FORMS}.`)
  }
  const from = new Date(fromMs)
  const on = (days: number) => new Date(from.getFullYear(), from.getMonth(), from.getDate() + days,
    hours, minutes, seconds).getTime()
  return on(0) > fromMs ? on(0) : on(1)
}

/** Date.parse takes 30 February for 2 March. */
function isOfCalendar(text: string): boolean {
  const [year, month, day] = text.slice(0, 10).split('-').map(Number) as [number, number, number]
  return new Date(Date.UTC(year, month - 1, day)).getUTCDate() === day
}

/** "Tue 24 Nov 18:00 CET": with its zone, and with the year where it is another one. */
export function shownWhen(atMs: number, nowMs: number): string {
  const isNear = new Date(atMs).getFullYear() === new Date(nowMs).getFullYear()
  const parts = new Intl.DateTimeFormat('en-GB', {
    weekday: 'short', day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit',
    timeZoneName: 'short', ...isNear ? {} : { year: 'numeric' },
  }).formatToParts(atMs)
  const part = (type: string) => parts.find((each) => each.type === type)?.value ?? ''
  const year = isNear ? '' : ` ${part('year')}`
  return `${part('weekday')} ${part('day')} ${part('month')}${year} ${part('hour')}:${
    part('minute')} ${part('timeZoneName')}`
}

/** "Tue 24 Nov 18:00 CET (in 2 h)", or "(2 h ago)". */
export function shownSoon(atMs: number, nowMs: number): string {
  const away = atMs - nowMs
  const span = away >= 0 ? `in ${formatDuration(away)}` : `${formatDuration(-away)} ago`
  return `${shownWhen(atMs, nowMs)} (${span})`
}
