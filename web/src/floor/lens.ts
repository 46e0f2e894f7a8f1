import type { Lens } from '../../../src/api/client.ts'
import type { Palette } from './paint.ts'

/** What the floor can be coloured by, and how its colours read. */
export const LENSES = ['phase', 'job', 'power', 'price', 'age', 'faults'] as const satisfies
  readonly Lens[]

/** Texts that colours and values go by. Those of the page have them all. */
type Text =
  | `phase.${'idle' | 'running' | 'starting' | 'capped' | 'paused' | 'drained' | 'down'}`
  | `age.${'fresh' | 'late' | 'stale' | 'never'}` | 'faults.none'
  | 'floor.no-job' | 'floor.job' | 'say.power' | 'say.price'

/** One colour of a legend, and the values that have it: from `value` on. */
export type Entry = { readonly value: number, readonly text: Text, readonly colour: string }

/** Colours that people with any colour sight can tell apart (after Okabe and Ito), by theme. */
const PHASES = (isDark: boolean): Entry[] => [
  { value: 0, text: 'phase.idle', colour: idleColour(isDark) },
  { value: 1, text: 'phase.running', colour: isDark ? '#3f8fd2' : '#0069b4' },
  { value: 2, text: 'phase.starting', colour: isDark ? '#9ad6ff' : '#56b4e9' },
  { value: 3, text: 'phase.capped', colour: isDark ? '#f0b04a' : '#e69f00' },
  { value: 4, text: 'phase.paused', colour: isDark ? '#d29bf0' : '#9a4fbf' },
  { value: 5, text: 'phase.drained', colour: isDark ? '#a58a5a' : '#7a6a45' },
  { value: 6, text: 'phase.down', colour: isDark ? '#ff5c4d' : '#d11507' },
]

const FAULTS = (isDark: boolean): Entry[] => [
  { value: 0, text: 'faults.none', colour: idleColour(isDark) },
  { value: 1, text: 'phase.drained', colour: isDark ? '#f0b04a' : '#e69f00' },
  { value: 2, text: 'phase.down', colour: isDark ? '#ff5c4d' : '#d11507' },
]

/** Seconds: a meter is read once a minute, and three readings late it counts for nothing. */
const AGES = (isDark: boolean): Entry[] => [
  { value: 0, text: 'age.fresh', colour: isDark ? '#3f8fd2' : '#0069b4' },
  { value: 90, text: 'age.late', colour: isDark ? '#f0b04a' : '#e69f00' },
  { value: 180, text: 'age.stale', colour: isDark ? '#ff5c4d' : '#d11507' },
  { value: 86_400, text: 'age.never', colour: idleColour(isDark) },
]

/** From dark blue over green to yellow: lightness grows with the value. */
const SCALE: readonly (readonly [number, number, number])[] = [
  [68, 1, 84], [59, 82, 139], [33, 145, 140], [94, 201, 98], [253, 231, 37],
]

/** Shares of the rating that a legend names, and prices in GPUs a megawatt. */
const SHARES = [0, 25, 50, 75, 100]
export const PRICES = [0, 1, 10, 100, 1000, 10_000]

/** Jobs are told apart by so many colours; the numbers say which is which. */
const JOB_COLOURS = 24

export function legendOf(lens: Lens, isDark: boolean): Entry[] {
  switch (lens) {
    case 'phase': return PHASES(isDark)
    case 'faults': return FAULTS(isDark)
    case 'age': return AGES(isDark)
    default: return []
  }
}

/** Values that a scale names, with their colours; none where the lens has a legend. */
export function scaleOf(
  lens: Lens, isDark: boolean): { readonly value: number, readonly colour: string }[] {
  if (lens === 'power') return SHARES.map((value) => ({ value, colour: css(onScale(value / 100)) }))
  if (lens !== 'price') return []
  return PRICES.map((value, at) => ({ value, colour: value === 0 ? idleColour(isDark)
    : css(onScale(at / (PRICES.length - 1))) }))
}

/** Of what is not at work, or costs nothing: it steps back behind the rest. */
function idleColour(isDark: boolean): string {
  return isDark ? '#39434c' : '#c3cbd2'
}

export function paletteOf(lens: Lens, isDark: boolean): Palette {
  const ground = pixelOf(isDark ? '#101418' : '#f6f7f8')
  switch (lens) {
    case 'job': return { colours: jobColours(isDark), isHashed: true, ground, alarm: Infinity }
    case 'power': return { colours: table(101, (value) => onScale(value / 100)), isHashed: false,
      ground, alarm: Infinity }
    case 'price': {
      const most = PRICES.at(-1)!
      const share = (value: number) => value === 0 ? 0
        : (1 + Math.log10(value)) / (1 + Math.log10(most))
      const colours = table(most + 1, (value) => onScale(share(value)))
      colours[0] = pixelOf(idleColour(isDark))
      return { colours, isHashed: false, ground, alarm: Infinity }
    }
    default: {
      const entries = legendOf(lens, isDark)
      const colours = new Uint32Array(entries.at(-1)!.value + 1)
      entries.forEach(({ value, colour }) => colours.fill(pixelOf(colour), value))
      const alarm = lens === 'age' ? Infinity : colours.length - 1
      return { colours, isHashed: false, ground, alarm }
    }
  }
}

function table(
  length: number, colourAt: (value: number) => readonly [number, number, number]): Uint32Array {
  return Uint32Array.from({ length }, (_, value) => pixel(...colourAt(value)))
}

function jobColours(isDark: boolean): Uint32Array {
  const idle = pixelOf(idleColour(isDark))
  const colours = Array.from({ length: JOB_COLOURS }, (_, at) => {
    const light = (isDark ? 0.62 : 0.45) + (at % 3) * 0.08
    return pixel(...fromHsl(at / JOB_COLOURS, 0.62, light))
  })
  return Uint32Array.from([idle, ...colours])
}

function fromHsl(hue: number, saturation: number, light: number): [number, number, number] {
  const a = saturation * Math.min(light, 1 - light)
  const part = (n: number) => {
    const k = (n + hue * 12) % 12
    return Math.round(255 * (light - a * Math.max(-1, Math.min(k - 3, 9 - k, 1))))
  }
  return [part(0), part(8), part(4)]
}

function onScale(share: number): readonly [number, number, number] {
  const at = Math.max(0, Math.min(1, share)) * (SCALE.length - 1)
  const low = SCALE[Math.floor(at)]!
  const high = SCALE[Math.ceil(at)]!
  const mixed = low.map((part, i) => Math.round(part + (high[i]! - part) * (at % 1)))
  return mixed as [number, number, number]
}

function css([red, green, blue]: readonly [number, number, number]): string {
  return `rgb(${red} ${green} ${blue})`
}

function pixelOf(colour: string): number {
  const value = Number.parseInt(colour.slice(1), 16)
  return pixel(value >> 16, (value >> 8) & 255, value & 255)
}

/** As ImageData has it on machines that write the low byte first, which all browsers run on. */
function pixel(red: number, green: number, blue: number): number {
  return (255 << 24 | blue << 16 | green << 8 | red) >>> 0
}

/** What a value means, as a text and what fills it. */
export function sayValue(lens: Lens, value: number): {
  readonly key: Text, readonly values: Readonly<Record<string, number>>
} {
  switch (lens) {
    case 'job': return value === 0 ? { key: 'floor.no-job', values: {} }
      : { key: 'floor.job', values: { job: value } }
    case 'power': return { key: 'say.power', values: { value } }
    case 'price': return { key: 'say.price', values: { value } }
    default: {
      const { text } = legendOf(lens, false).findLast((entry) => value >= entry.value)!
      return { key: text, values: {} }
    }
  }
}
