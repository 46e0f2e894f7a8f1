import type { FloorLayout } from './layout.ts'
import type { Building } from './plant.ts'

/** Colours of a lens: of a value, as a pixel of ImageData; and how grave it is when it must share. */
export type Palette = {
  /** By value; larger ones have the last colour. */
  readonly colours: Uint32Array
  /** Colours by the value's number instead: jobs of which there is no end. */
  readonly isHashed: boolean
  readonly ground: number
}

/** What is looked at: its GPUs keep their colour and the rest dims. */
export type Focus = { readonly jobs: Uint32Array, readonly job: number }

/** Multiplier that scatters neighbouring numbers over a table (2^32 by the golden ratio). */
const SCATTER = 2_654_435_769

/**
 * Paints every GPU of a layout into a picture of `width × height` pixels. Where several share a
 * cell, the gravest shows: a single broken GPU among a million can be seen. O(GPUs of the part).
 */
export function paint(
  building: Building, layout: FloorLayout, values: Uint32Array, palette: Palette,
  picture: Uint32Array, focus?: Focus): void {
  const { firstRow, width, tileHeight, perCell, x: lefts, y: tops } = layout
  picture.fill(palette.ground)
  const isOne = lefts.length === 1
  for (let at = 0; at < lefts.length; at++) {
    let gpu = isOne ? layout.firstGpu : building.firstGpu[firstRow + at]!
    const end = isOne ? gpu + layout.gpus : building.firstGpu[firstRow + at + 1]!
    let corner = tops[at]! * width + lefts[at]!
    while (gpu < end) {
      let pixel = corner
      for (let y = 0; y < tileHeight && gpu < end; y++) {
        picture[pixel] = perCell === 1 ? colourOf(palette, values, gpu, focus)
          : gravest(palette, values, gpu, Math.min(end, gpu + perCell), focus)
        gpu += perCell
        pixel += width
      }
      corner++
    }
  }
}

function colourOf(
  { colours, isHashed }: Palette, values: Uint32Array, gpu: number, focus: Focus | undefined,
): number {
  const value = values[gpu]!
  const most = colours.length - 1
  const index = !isHashed ? Math.min(value, most)
    : value === 0 ? 0 : 1 + (Math.imul(value, SCATTER) >>> 8) % most
  const colour = colours[index]!
  return focus === undefined || focus.jobs[gpu] === focus.job ? colour : dimmed(colour)
}

function gravest(
  palette: Palette, values: Uint32Array, gpu: number, end: number, focus: Focus | undefined,
): number {
  let worst = gpu
  for (let at = gpu + 1; at < end; at++) if (values[at]! > values[worst]!) worst = at
  return colourOf(palette, values, worst, focus)
}

/** A quarter of the colour, over grey: what is not looked at. */
function dimmed(colour: number): number {
  return ((colour >>> 2) & 0x003f3f3f) + 0x00606060 + (colour & 0xff000000)
}

/** Reads the bytes of a floor into a value for each GPU. Returns how many there were. */
export function readRuns(bytes: Uint8Array, values: Uint32Array): number {
  let at = 0
  let gpu = 0
  const number = () => {
    let value = 0
    for (let scale = 1; ; scale *= 128) {
      const byte = bytes[at++] ?? 0
      value += (byte & 127) * scale
      if (byte < 128) return value
    }
  }
  while (at < bytes.length) {
    const end = gpu + number()
    values.fill(number(), gpu, end)
    gpu = end
  }
  return gpu
}

/** Carries out changes: [first, count, value, …]. */
export function change(values: Uint32Array, runs: readonly number[]): void {
  for (let at = 0; at < runs.length; at += 3) {
    values.fill(runs[at + 2]!, runs[at]!, runs[at]! + runs[at + 1]!)
  }
}
