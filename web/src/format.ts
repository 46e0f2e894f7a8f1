import { language } from './texts.svelte.ts'

/** Numbers and times as people read them, in their language. */

const MS = { s: 1000, min: 60_000, h: 3_600_000, d: 86_400_000 }

/** "3 s", "12 min", "4 h 05", "2 d 3 h": how long, or how long ago. */
export function ageText(ms: number): string {
  if (ms < MS.min) return `${Math.max(0, Math.floor(ms / MS.s))} s`
  if (ms < MS.h) return `${Math.floor(ms / MS.min)} min`
  if (ms < MS.d) {
    return `${Math.floor(ms / MS.h)} h ${`${Math.floor(ms % MS.h / MS.min)}`.padStart(2, '0')}`
  }
  return `${Math.floor(ms / MS.d)} d ${Math.floor(ms % MS.d / MS.h)} h`
}

/** Watts a minute. */
export function rampText(wattsPerMinute: number): string {
  const text = powerText(Math.abs(wattsPerMinute))
  return `${wattsPerMinute < 0 ? '−' : ''}${text}/min`
}

/** Watts with the prefix that leaves one to three digits before the point. */
export function powerText(watts: number): string {
  if (watts < 0) return `−${powerText(-watts)}`
  const [divisor, unit] = watts >= 1e6 ? [1e6, 'MW'] : watts >= 1e3 ? [1e3, 'kW'] : [1, 'W']
  const value = watts / divisor
  const digits = unit === 'W' || value >= 100 ? 0 : value >= 10 ? 1 : 2
  return `${value.toLocaleString(language.is, {
    minimumFractionDigits: digits, maximumFractionDigits: digits,
  })} ${unit}`
}

export function countText(count: number): string {
  return count.toLocaleString(language.is)
}

/** A date and time of day of the factory. */
export function dateText(at: string | number): string {
  return new Date(at).toLocaleString(language.is, {
    month: 'short', day: 'numeric', hour: '2-digit', minute: '2-digit', second: '2-digit',
    hourCycle: 'h23',
  })
}
