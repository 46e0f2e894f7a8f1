import type { FloorLayout } from './layout.ts'

/** Colours of a lens: of a value, as a pixel of ImageData. */
export type Palette = {
  /** By value; larger ones have the last colour. */
  readonly colours: Uint32Array
  /** Colours by the value's number instead: jobs of which there is no end. */
  readonly isHashed: boolean
  readonly ground: number
  /** From this value on a cell is drawn so large that it is seen, over its neighbours. */
  readonly alarm: number
}

/** What is looked at: its GPUs keep their colour and the rest dims. */
export type Focus = { readonly jobs: Uint32Array, readonly job: number }

/** Multiplier that scatters neighbouring numbers over a table (2^32 by the golden ratio). */
const SCATTER = 2_654_435_769

/** Where so much is broken it is seen without being enlarged. */
const ALARMS_MOST = 2000

/** Least side of what is broken, in device pixels. */
const ALARM_SIDE = 4

/**
 * Paints every GPU of a layout into a picture of its size. Where several share a cell, the gravest
 * shows: a single broken GPU among a million can be seen. O(pixels + GPUs of the part).
 */
export function paint(
  layout: FloorLayout, values: Uint32Array, palette: Palette, picture: Uint32Array,
  focus?: Focus): void {
  const { width, tileHeight, perCell, cellWidth, cellHeight, x, y, first, end } = layout
  const { alarm } = palette
  const isLarge = cellWidth >= ALARM_SIDE && cellHeight >= ALARM_SIDE
  // A line between cells that are large enough for one.
  const inner = cellWidth >= 8 && cellHeight >= 8 ? 1 : 0
  const alarms: number[] = []
  picture.fill(palette.ground)
  for (let tile = 0; tile < x.length; tile++) {
    let gpu = first[tile]!
    const last = end[tile]!
    let corner = y[tile]! * width + x[tile]!
    while (gpu < last) {
      let pixel = corner
      for (let row = 0; row < tileHeight && gpu < last; row++) {
        const at = perCell === 1 ? gpu : gravest(values, gpu, Math.min(last, gpu + perCell))
        const colour = colourOf(palette, values, at, focus)
        if (values[at]! >= alarm && !isLarge && alarms.length < ALARMS_MOST) {
          alarms.push(pixel, colour)
        }
        for (let dy = inner; dy < cellHeight; dy++) {
          const from = pixel + dy * width
          for (let dx = inner; dx < cellWidth; dx++) picture[from + dx] = colour
        }
        gpu += perCell
        pixel += cellHeight * width
      }
      corner += cellWidth
    }
  }
  if (alarms.length < ALARMS_MOST) enlarge(layout, alarms, picture)
}

/** Squares over what is broken, of the least side. */
function enlarge({ width, height }: FloorLayout, alarms: readonly number[],
  picture: Uint32Array): void {
  for (let at = 0; at < alarms.length; at += 2) {
    const left = Math.min(width - ALARM_SIDE, alarms[at]! % width)
    const top = Math.min(height - ALARM_SIDE, Math.floor(alarms[at]! / width))
    for (let row = top; row < top + ALARM_SIDE; row++) {
      picture.fill(alarms[at + 1]!, row * width + left, row * width + left + ALARM_SIDE)
    }
  }
}

function colourOf(
  { colours, isHashed }: Palette, values: Uint32Array, gpu: number, focus: Focus | undefined,
): number {
  const value = values[gpu]!
  const most = colours.length - 1
  const index = !isHashed ? (value < most ? value : most)
    : value === 0 ? 0 : 1 + (Math.imul(value, SCATTER) >>> 8) % most
  const colour = colours[index]!
  return focus === undefined || focus.jobs[gpu] === focus.job ? colour : dimmed(colour)
}

function gravest(values: Uint32Array, gpu: number, end: number): number {
  let worst = gpu
  for (let at = gpu + 1; at < end; at++) if (values[at]! > values[worst]!) worst = at
  return worst
}

/** A quarter of the colour, over grey: what is not looked at. */
function dimmed(colour: number): number {
  return (((colour >>> 2) & 0x003f3f3f) + 0x00606060 + (colour & 0xff000000)) >>> 0
}

/**
 * Reads the bytes of a floor into a value for each GPU: the number of runs, the count of each,
 * where its value is found among the latest ones, and the new ones (src/api/floor-bytes.ts).
 */
export function readRuns(bytes: Uint8Array, values: Uint32Array): number {
  let at = 0
  const number = () => {
    let value = 0
    for (let scale = 1; ; scale *= 128) {
      const byte = bytes[at++] ?? 0
      value += (byte & 127) * scale
      if (byte < 128) return value
    }
  }
  const runs = number()
  const counts = Uint32Array.from({ length: runs }, number)
  const found = Uint32Array.from({ length: runs }, number)
  const late: number[] = []
  let gpu = 0
  let last = 0
  for (let run = 0; run < runs; run++) {
    const place = found[run]!
    if (place === 0) {
      const step = number()
      last += step % 2 === 1 ? -(step + 1) / 2 : step / 2
      if (late.length === LATE_MOST) late.pop()
      late.unshift(last)
    } else {
      late.unshift(late.splice(place - 1, 1)[0]!)
    }
    values.fill(late[0]!, gpu, gpu + counts[run]!)
    gpu += counts[run]!
  }
  return gpu
}

/** As many as the server looks through. */
const LATE_MOST = 64

/** Carries out changes: [first, count, value, …]. */
export function change(values: Uint32Array, runs: readonly number[]): void {
  for (let at = 0; at < runs.length; at += 3) {
    values.fill(runs[at + 2]!, runs[at]!, runs[at]! + runs[at + 1]!)
  }
}
