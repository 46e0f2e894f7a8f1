import { below, type Building, type Part } from './plant.ts'

/**
 * Where each GPU is on the screen. A row of racks is a tile, some cells high and as wide as it
 * needs, its GPUs from top to bottom and then to the right, so that a node's lie together. Tiles
 * flow from left to right like words; a hall begins a new line where there is room for that.
 */
export type FloorLayout = {
  /** Cells of the picture. */
  readonly width: number
  readonly height: number
  /** Device pixels of a cell's side. */
  readonly scale: number
  /** GPUs of a cell: 1, or more where the screen has too few pixels for all of them. */
  readonly perCell: number
  readonly firstRow: number
  readonly endRow: number
  /** First GPU of the part. */
  readonly firstGpu: number
  readonly gpus: number
  /** Of each row of the part: its cell at the top left. */
  readonly x: Uint32Array
  readonly y: Uint32Array
  readonly tileHeight: number
  /** Lines at which a hall begins, in cells from the top: for its name. */
  readonly halls: readonly { readonly name: string, readonly y: number, readonly x: number }[]
}

/** Cells from top to bottom of a tile: eight GPUs are a node of most systems. */
const TILE_HEIGHT = 8

/** Largest cell: a single rack should not fill the screen with one square. */
const SCALE_MOST = 24

/** Free cells between two tiles and two lines: with room, and without. */
const GAPS = [
  { tile: 2, line: 3, isHallApart: true },
  { tile: 1, line: 1, isHallApart: true },
  { tile: 1, line: 0, isHallApart: false },
  { tile: 0, line: 0, isHallApart: false },
] as const
type Gaps = (typeof GAPS)[number]

/** Lays a part of the building out on so many device pixels. O(rows) for each size tried. */
export function layOut(
  building: Building, part: Part, widthPx: number, heightPx: number): FloorLayout {
  for (let perCell = 1; ; perCell *= 2) {
    for (let scale = perCell === 1 ? SCALE_MOST : 1; scale >= 1; scale--) {
      for (const gaps of GAPS) {
        if (scale > 3 && gaps !== GAPS[0]) continue
        const found = flow(building, part, perCell, scale, gaps, widthPx)
        if (found !== undefined && found.height * scale <= heightPx) return found
      }
    }
  }
}

/** Undefined where a tile is wider than the screen, which a smaller cell mends. */
function flow(
  building: Building, part: Part, perCell: number, scale: number, gaps: Gaps, widthPx: number,
): FloorLayout | undefined {
  const { plant, firstGpu } = building
  const { firstRow, endRow, rack } = part
  const most = Math.floor(widthPx / scale)
  const x = new Uint32Array(endRow - firstRow)
  const y = new Uint32Array(endRow - firstRow)
  const halls: { name: string, x: number, y: number }[] = []
  let hall = plant.halls.findIndex((each) => firstRow < each.end)
  let atX = 0
  let atY = 0
  let width = 0
  for (let row = firstRow; row < endRow; row++) {
    const isNewHall = row === firstRow || row === plant.halls[hall]!.end
    if (isNewHall && row !== firstRow) hall++
    const gpus = rack >= 0 ? building.rackGpu[rack + 1]! - building.rackGpu[rack]!
      : firstGpu[row + 1]! - firstGpu[row]!
    const cells = Math.ceil(Math.ceil(gpus / perCell) / TILE_HEIGHT)
    if (cells > most) return undefined
    const isFull = atX + cells > most
    if (row !== firstRow && (isFull || (isNewHall && gaps.isHallApart))) {
      atX = 0
      atY += TILE_HEIGHT + gaps.line
    }
    if (isNewHall) halls.push({ name: plant.halls[hall]!.name, x: atX, y: atY })
    x[row - firstRow] = atX
    y[row - firstRow] = atY
    width = Math.max(width, atX + cells)
    atX += cells + gaps.tile
  }
  const first = rack >= 0 ? building.rackGpu[rack]! : firstGpu[firstRow]!
  const end = rack >= 0 ? building.rackGpu[rack + 1]! : firstGpu[endRow]!
  return {
    width, height: atY + TILE_HEIGHT, scale, perCell, firstRow, endRow, firstGpu: first,
    gpus: end - first, x, y, tileHeight: TILE_HEIGHT, halls,
  }
}

/** The GPU at a cell; -1 where there is none. O(rows of the part). */
export function gpuAt(building: Building, layout: FloorLayout, x: number, y: number): number {
  const { x: lefts, y: tops, tileHeight, firstRow, perCell } = layout
  for (let at = lefts.length - 1; at >= 0; at--) {
    const dx = x - lefts[at]!
    const dy = y - tops[at]!
    if (dy < 0 || dy >= tileHeight || dx < 0) continue
    const first = lefts.length === 1 ? layout.firstGpu : building.firstGpu[firstRow + at]!
    const end = lefts.length === 1 ? first + layout.gpus : building.firstGpu[firstRow + at + 1]!
    const gpu = first + (dx * tileHeight + dy) * perCell
    return gpu < end ? gpu : -1
  }
  return -1
}

/** The cell of a GPU, as its place in the picture; -1 where it is not in this part. */
export function cellOf(building: Building, layout: FloorLayout, gpu: number): number {
  if (gpu < layout.firstGpu || gpu >= layout.firstGpu + layout.gpus) return -1
  const row = layout.x.length === 1 ? layout.firstRow : below(building.firstGpu, gpu)
  const first = layout.x.length === 1 ? layout.firstGpu : building.firstGpu[row]!
  const cell = Math.floor((gpu - first) / layout.perCell)
  const x = layout.x[row - layout.firstRow]! + Math.floor(cell / layout.tileHeight)
  const y = layout.y[row - layout.firstRow]! + cell % layout.tileHeight
  return y * layout.width + x
}
