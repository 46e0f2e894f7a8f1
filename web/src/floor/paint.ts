import { boxOf, type Box, type FloorLayout } from './layout.ts'

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

/** Multiplier that scatters neighbouring numbers over a table (2^32 by the golden ratio). */
const SCATTER = 2_654_435_769

/** Least side of what is broken, in device pixels. */
const ALARM_SIDE = 4

/** Paints every GPU of a layout into a picture of its size. O(pixels + GPUs of the part). */
export function paint(
  layout: FloorLayout, values: Uint32Array, palette: Palette, picture: Uint32Array): void {
  picture.fill(palette.ground)
  for (let tile = 0; tile < layout.x.length; tile++) {
    paintTile(layout, tile, values, palette, picture)
  }
}

/**
 * Paints one tile, line by line from the left: pixels are written in the order in which they lie.
 * Where several GPUs share a cell the gravest shows, and what is broken is enlarged within the
 * tile: a single broken GPU among a million is seen. Loops are plain and colours looked up in
 * place, since this is all that drawing costs.
 */
export function paintTile(
  layout: FloorLayout, tile: number, values: Uint32Array, palette: Palette, picture: Uint32Array,
): void {
  const { width, tileHeight, perCell, cellWidth, cellHeight } = layout
  const { colours, isHashed, alarm } = palette
  const most = colours.length - 1
  const first = layout.first[tile]!
  const last = layout.end[tile]!
  const step = tileHeight * perCell
  // A line between cells that are large enough for one.
  const inner = cellWidth >= 8 && cellHeight >= 8 ? 1 : 0
  const alarms: number[] = []
  for (let row = 0; row < tileHeight; row++) {
    const start = (layout.y[tile]! + row * cellHeight + inner) * width + layout.x[tile]!
    let out = start
    for (let gpu = first + row * perCell; gpu < last; gpu += step) {
      let value = values[gpu]!
      const end = gpu + perCell < last ? gpu + perCell : last
      for (let next = gpu + 1; next < end; next++) {
        if (values[next]! > value) value = values[next]!
      }
      const colour = isHashed && value > 0
        ? colours[1 + (Math.imul(value, SCATTER) >>> 8) % most]!
        : colours[value < most ? value : most]!
      if (value >= alarm) alarms.push(out)
      out += inner
      for (const until = out + cellWidth - inner; out < until; out++) picture[out] = colour
    }
    for (let line = inner + 1; line < cellHeight; line++) {
      picture.copyWithin(start + (line - inner) * width, start, out)
    }
  }
  if (alarms.length > 0) enlarge(layout, tile, alarms, picture)
}

/** Squares over what is broken, where cells are smaller, that stay within the tile. */
function enlarge(
  layout: FloorLayout, tile: number, alarms: readonly number[], picture: Uint32Array): void {
  if (Math.min(layout.cellWidth, layout.cellHeight) >= ALARM_SIDE) return
  const box = boxOf(layout, tile)
  const [wide, high] = [Math.min(ALARM_SIDE, box.width), Math.min(ALARM_SIDE, box.height)]
  for (const pixel of alarms) {
    const colour = picture[pixel]!
    const left = Math.min(box.x + box.width - wide, pixel % layout.width)
    const top = Math.min(box.y + box.height - high, Math.floor(pixel / layout.width))
    for (let row = top; row < top + high; row++) {
      picture.fill(colour, row * layout.width + left, row * layout.width + left + wide)
    }
  }
}

/** Rectangles of the picture that a job has, three for each run in a tile at most. O(GPUs). */
export function boxesOf(layout: FloorLayout, jobs: Uint32Array, job: number): Box[] {
  const { first, end, x, y, perCell, tileHeight, cellWidth, cellHeight } = layout
  const found: Box[] = []
  for (let tile = 0; tile < x.length; tile++) {
    const add = (column: number, row: number, columns: number, rows: number) => found.push({
      x: x[tile]! + column * cellWidth, y: y[tile]! + row * cellHeight,
      width: columns * cellWidth, height: rows * cellHeight,
    })
    const last = end[tile]!
    for (let gpu = first[tile]!; gpu < last; gpu++) {
      if (jobs[gpu] !== job) continue
      let cell = Math.floor((gpu - first[tile]!) / perCell)
      while (gpu < last && jobs[gpu] === job) gpu++
      const until = Math.ceil((gpu - first[tile]!) / perCell)
      // The rest of a column that is begun, whole columns, and the beginning of the last.
      while (cell < until) {
        const row = cell % tileHeight
        const column = Math.floor(cell / tileHeight)
        const columns = row > 0 ? 0 : Math.floor((until - cell) / tileHeight)
        const rows = columns > 0 ? tileHeight : Math.min(tileHeight - row, until - cell)
        add(column, row, Math.max(1, columns), rows)
        cell += columns > 0 ? columns * tileHeight : rows
      }
    }
  }
  return found
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
