import type { PowerHistory } from '../../../src/api/client.ts'
import { powerText } from '../format.ts'
import { t, type Key } from '../texts.svelte.ts'
import type { Course, Part } from './course.ts'

/** A line of a chart: never told apart by its colour alone. */
export type Line = {
  /** Tells lines apart that are drawn in another way. */
  readonly key: string
  readonly name: string
  readonly values: (number | null)[]
  /** A variable of the style sheet. */
  readonly colour: string
  readonly width?: number
  readonly dash?: readonly number[]
  readonly isStep?: boolean
  /** Only the edge of a band. */
  readonly isHidden?: boolean
}

/** Something that lasts for a while, with its words. */
export type Band = {
  readonly startMs: number
  readonly holdMs: number
  readonly holdEndMs: number
  readonly endMs: number
  readonly text: string
  readonly colour: string
  /** Of what may last for months. */
  readonly isFaint: boolean
}

type Look = Omit<Line, 'key' | 'name' | 'values'> & { readonly part: Part, readonly text: Key }

export const LOOKS: readonly Look[] = [
  { part: 'limit', text: 'power.limit', colour: '--bad', isStep: true, width: 2.5 },
  { part: 'target', text: 'power.target', colour: '--warn', isStep: true, dash: [10, 4] },
  { part: 'grant', text: 'power.grant', colour: '--accent', isStep: true },
  { part: 'floor', text: 'power.floor', colour: '--ink-soft', dash: [2, 3], width: 1.5 },
  { part: 'high', text: 'power.draw', colour: '--good', isHidden: true },
  { part: 'low', text: 'power.draw', colour: '--good', isHidden: true },
  { part: 'draw', text: 'power.draw', colour: '--good', width: 2.5 },
  { part: 'meter', text: 'power.meter', colour: '--ink', width: 1 },
]

/** Those of a forecast are dashed. */
const AHEAD_DASH = [5, 4]

/** The lines of power, past and then forecast, and between which of them is shaded. */
export function powerLines({ past, ahead }: Course) {
  const lines = [
    ...LOOKS.map((look) => lineOf(look, past, '')),
    ...LOOKS.filter(({ part }) => part !== 'meter').map((look) =>
      lineOf({ ...look, dash: AHEAD_DASH, width: 1.5 }, ahead, 'ahead-')),
  ]
  const place = (key: string) => lines.findIndex((line) => line.key === key)
  const fills = ['', 'ahead-'].flatMap((when) => [
    { upper: place(`${when}limit`), lower: place(`${when}grant`), colour: '--accent' },
    { upper: place(`${when}high`), lower: place(`${when}low`), colour: '--good' },
  ])
  return { lines, fills }
}

/** One part of the course, as it was and as it is expected. */
export function partLines({ past, ahead }: Course, part: Part, text: Key, colour: string): Line[] {
  const look = { part, text, colour, isStep: part === 'price' }
  return [lineOf(look, past, ''), lineOf({ ...look, dash: AHEAD_DASH }, ahead, 'ahead-')]
}

/** A level over all the time. */
export function level(key: string, name: string, value: number, count: number): Line {
  return { key, name, values: Array.from<number>({ length: count }).fill(value),
    colour: '--bad', dash: [8, 4], width: 1.5 }
}

function lineOf({ part, text, ...look }: Look, of: Course['past'], prefix: string): Line {
  return { ...look, key: `${prefix}${part}`, name: t(text), values: of[part] }
}

/** Limits over time with the words of whoever set them. */
export function bandsOf(history: PowerHistory, fromMs: number, untilMs: number): Band[] {
  const ms = (text: string | null, otherwise: number) =>
    text === null ? otherwise : Date.parse(text)
  return history.limits.map((each) => {
    const clearedMs = ms(each.clearedAt, Infinity)
    const upTo = (text: string | null) => Math.min(ms(text, untilMs), clearedMs, untilMs)
    const said = each.cause === '' ? t(`limit.${each.kind}`) : each.cause
    const where = each.feeder === history.feeder ? '' : `${each.feeder}: `
    return {
      startMs: ms(each.startAt, fromMs), holdMs: ms(each.holdAt, fromMs),
      holdEndMs: upTo(each.holdEndAt), endMs: upTo(each.endAt),
      text: `${where}${said} · ${powerText(each.watts)}`,
      colour: each.kind === 'target' ? '--warn' : '--bad', isFaint: each.kind !== 'target',
    }
  }).filter(({ startMs, endMs }) => endMs > fromMs && startMs < untilMs)
}
