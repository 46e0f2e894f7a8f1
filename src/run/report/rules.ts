import {
  formatCount, formatDuration, formatEnergy, formatPower, formatRamp, formatRatio,
  formatFrequency,
} from '../../base/units.ts'
import type { Part } from '../../grid/part.ts'
import type { Remedy } from '../../grid/remedy.ts'
import type { Score } from '../../grid/rules.ts'
import type { UtilityRule } from '../../model/rule.ts'
import { oneLine } from './escape.ts'
import { wrap } from './terminal.ts'

/** Columns of a terminal that everything fits in. */
const WIDTH = 100

/** A score for people: the verdict, the parts worst first, and what would mend it. */
export function renderScore(
  name: string, rule: UtilityRule, score: Score, remedy: Remedy | undefined): string {
  const groups = [
    wrap(verdictText(oneLine(name), rule, score), WIDTH),
    wrap(readText(score), WIDTH),
    tableOf(score),
    remedy === undefined ? [] : remedyLines(remedy),
    ['', ...wrap(`${rule.title}. ${rule.status === '' ? '' : `Status: ${rule.status}.`}`, WIDTH)],
  ]
  return `${groups.flat().join('\n')}\n`
}

function verdictText(name: string, rule: UtilityRule, { verdict, parts }: Score): string {
  const failed = parts.filter((part) => part.verdict === 'failed').length
  const open = parts.filter((part) => part.verdict === 'not judged').length
  const judged = parts.length - open
  const are = open === 1 ? 'is' : 'are'
  const rest = open === 0 ? '' : ` ${counted(open, 'part')} ${are} not judged.`
  if (verdict === 'failed') {
    return `${name} fails ${rule.name}: ${failed} of ${counted(judged, 'part')} that could be `
      + `judged.${rest}`
  }
  return verdict === 'passed'
    ? `${name} passes ${rule.name} in ${open === 0 ? 'all' : judged} of `
      + `${counted(parts.length, 'part')}.${rest}`
    : `${name} cannot be judged by ${rule.name} in full:${rest}`
}

function readText(score: Score): string {
  const { readings, stepMs, lastsMs, leastW, meanW, mostW, peakW, gaps, gapsMs, startAtMs } = score
  const begins = startAtMs < EPOCH_MS ? '' : ` from ${new Date(startAtMs).toISOString()}`
  const gapText = gaps === 0 ? ''
    : ` ${counted(gaps, 'gap')} of ${formatDuration(gapsMs)} in all, which no window spans.`
  const shares = peakW === mostW ? '' : ` Shares are of a peak of ${formatPower(peakW)}.`
  return `${formatCount(readings)} readings, one each ${formatDuration(stepMs)}, over `
    + `${formatDuration(lastsMs)}${begins}; ${formatPower(leastW)} to ${formatPower(mostW)}, `
    + `${formatPower(meanW)} on average.${gapText}${shares}`
}

/** Later than that is a date, not a time from a start. */
const EPOCH_MS = 1e11

function tableOf({ parts, startAtMs }: Score): string[] {
  const rows = parts.map((part) => [
    part.part, part.verdict === 'failed' ? 'FAILED' : part.verdict,
    part.verdict === 'not judged' && part.worst === 0 ? '' : quantity(part.worst, part),
    part.limit === 0 ? '' : quantity(part.limit, part),
    part.verdict === 'not judged' ? '' : formatDuration(part.worstAtMs - startAtMs),
  ])
  const head = ['part', 'verdict', 'worst', 'limit', 'at']
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]!.length)))
  const lineOf = (cells: readonly string[]) => cells.map((cell, column) =>
    column < 2 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!)).join('  ').trimEnd()
  return ['', lineOf(head), ...parts.flatMap((part, at) =>
    [lineOf(rows[at]!), ...notesOf(part, startAtMs)])]
}

function notesOf(part: Part, startAtMs: number): string[] {
  const { verdict, times, lastsMs, firstAtMs, note, tone, unit } = part
  const texts: string[] = []
  if (verdict === 'failed' && unit !== 'share') {
    texts.push(`${times === 1 ? 'once' : `${formatCount(times)} times`}, `
      + `${formatDuration(lastsMs)} in all, first at ${formatDuration(firstAtMs - startAtMs)}`)
  }
  if (verdict === 'failed' && tone !== undefined) {
    texts.push(`strongest around the worst: ±${formatPower(tone.amplitudeW)} at `
      + formatFrequency(tone.atHz))
  }
  if (note !== '') texts.push(note)
  return texts.flatMap((text) => wrap(text, WIDTH - 4).map((line) => `    ${line}`))
}

function quantity(value: number, { unit }: Part): string {
  switch (unit) {
    case 'W': return formatPower(value)
    case 'W/min': return formatRamp(value)
    case 'share': return formatRatio(value)
  }
}

function remedyLines(remedy: Remedy): string[] {
  const { upWPerMin, downWPerMin, storageW, storageJ, oneStepJ, stagingMs, left } = remedy
  const ramp = upWPerMin === downWPerMin ? `${formatRamp(upWPerMin)} up and down`
    : `${formatRamp(upWPerMin)} up and ${formatRamp(downWPerMin)} down`
  const power = formatPower(storageW)
  const store = `Storage of ${power} and ${formatEnergy(storageJ)} that lets the grid see at most `
    + `${ramp}. A ramp limiter that knows only the past needs that much for this trace, without `
    + `losses and delay. One lasting step of ${power} takes ΔP²/2r = ${formatEnergy(oneStepJ)} `
    + `each way.${remedy.endsAtWork ? WORKING : ''}`
  const staging = `Or staging: devices start and stop in groups, ${power} in `
    + `${formatDuration(stagingMs)} (ΔP/r). It does not help in a crash, nor with ripple.`
  const rest = left.length === 0 ? 'Behind that storage every part passes that could be judged.'
    : `Behind that storage these still fail: ${left.join('; ')}.`
  return ['', 'What would mend it',
    ...[store, staging, rest].flatMap((text) => wrap(text, WIDTH - 2).map((line) => `  ${line}`))]
}

const WORKING = ' The trace ends while the store still works; take the larger of the two.'

function counted(count: number, noun: string): string {
  return `${formatCount(count)} ${noun}${count === 1 ? '' : 's'}`
}
