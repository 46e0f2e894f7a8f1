import { formatDuration, fromSeconds, toSeconds } from '../base/units.ts'
import type { Breaches } from './breaches.ts'
import type { Tone } from './spectrum.ts'
import { lastsMs, type Sampling, type Stretch } from './stretch.ts'

/** One part of a rule and how a trace stands to it. */
export type Part = {
  /** In words: "change within 5 s, 0.1 to 55 Hz". */
  readonly part: string
  readonly verdict: 'passed' | 'failed' | 'not judged'
  readonly unit: 'W/min' | 'W' | 'share'
  /** 0 where the rule sets none that a power can break. */
  readonly limit: number
  /** Of what could be seen, also where the part is not judged. */
  readonly worst: number
  readonly worstAtMs: number
  readonly firstAtMs: number
  /** How often it was broken; breaches less than a window apart are one. */
  readonly times: number
  /** How long windows that break it follow one another, in all. */
  readonly lastsMs: number
  /** Why it is not judged, or what else to know; empty where there is nothing. */
  readonly note: string
  /** The strongest tone around the worst moment, where a band was looked at. */
  readonly tone?: Tone
}

export type Judged = { readonly sampling: Sampling, readonly peakW: number }

/** The peak that was told, or else that of the trace. */
export function toldPeak(peakW: number | undefined, mostW: number): number {
  return peakW ?? Math.max(0, mostW)
}

/**
 * The verdict on what was counted. Too coarse a sampling hides breaches and makes none, so what
 * fails there has failed, and what does not is open.
 */
export function partOf(
  words: Pick<Part, 'part' | 'unit' | 'limit'>, breaches: Breaches, coarse: string, tone?: Tone,
): Part {
  const { worst, worstAtMs, firstAtMs, times, lastsMs: overMs } = breaches
  const verdict = times > 0 ? 'failed' : coarse === '' ? 'passed' : 'not judged'
  const note = coarse === '' ? '' : times > 0 ? `${coarse}; there may be more` : coarse
  return {
    ...words, verdict, worst, worstAtMs, firstAtMs, times, lastsMs: overMs, note,
    ...(tone === undefined ? {} : { tone }),
  }
}

/** A part that the trace says nothing about. */
export function notJudged(words: Pick<Part, 'part' | 'unit' | 'limit'>, note: string): Part {
  return {
    ...words, verdict: 'not judged', worst: 0, worstAtMs: 0, firstAtMs: 0, times: 0, lastsMs: 0,
    note,
  }
}

/** The stretches that are long enough for a window, or why there is none. */
export function longEnough({ stretches }: Sampling, windowMs: number): readonly Stretch[] | string {
  const long = stretches.filter((one) => one.atMs.length > 1 && lastsMs(one) >= windowMs - 1e-6)
  if (long.length > 0) return long
  const longestMs = Math.max(...stretches.map(lastsMs))
  return `needs ${formatDuration(windowMs)} without a gap, has ${formatDuration(longestMs)}`
}

/** Why readings are too far apart, or nothing. `of` says what for: "for 55 Hz". */
export function tooCoarse({ stepMs }: Sampling, neededMs: number, of: string): string {
  if (stepMs <= neededMs * (1 + 1e-9)) return ''
  return `needs a reading each ${formatShort(neededMs)} ${of}, has one each `
    + formatShort(stepMs)
}

/** "2.5 s" where a whole number of seconds would mislead. */
function formatShort(ms: number): string {
  const isShort = ms >= fromSeconds(1) && ms < fromSeconds(10)
  return isShort ? `${Number(toSeconds(ms).toFixed(1))} s` : formatDuration(ms)
}
