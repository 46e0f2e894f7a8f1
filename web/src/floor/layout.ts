import { childrenOf, type Building, type Part } from './plant.ts'

/**
 * Where each GPU is on the screen. What a part consists of is a block, with its name above it: of
 * the floor its halls, of a hall its rows. A block's own parts are tiles in it, that flow from left
 * to right like words; a tile's GPUs go from top to bottom, then to the right, so that those of a
 * node lie together. Lengths are device pixels.
 */
export type FloorLayout = {
  readonly part: Part
  readonly width: number
  readonly height: number
  readonly cellWidth: number
  readonly cellHeight: number
  /** GPUs of a cell: 1, or more where the screen has too few pixels for all of them. */
  readonly perCell: number
  /** Cells from top to bottom of a tile. */
  readonly tileHeight: number
  readonly blocks: readonly Block[]
  /** Of each tile: its first GPU and the one after its last, its place. */
  readonly first: Uint32Array
  readonly end: Uint32Array
  readonly x: Uint32Array
  readonly y: Uint32Array
  /** Height of the letters of names; 0 where there is no room for them. */
  readonly letterPx: number
}

/** A rectangle of the picture. */
export type Box = {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

export type Block = Box & { readonly part: Part }

/** Sides of a cell: a single rack should not fill the screen with one square. */
const SIDE_MOST = 28
/** Larger where there are few: the search tries every size. */
const SIDE_MOST_OF_FEW = 56
const FEW = 512
const ASPECT_MOST = 3

/** Cells from top to bottom: eight GPUs are a node of most systems; more where rows are long. */
const TILE_HEIGHTS = [8, 16, 32, 64, 128, 256]

/** Least width of a block for its name, in CSS pixels: "h100-hall1", "row04". */
const NAME_WIDTHS: Readonly<Partial<Record<Part['level'], number>>> = { site: 70, hall: 70 }
const NAME_WIDTH = 38

/** What is given up for names, and for lines between rows: a part of the size of cells. */
const NO_NAME = 0.5
const NO_GAP = 0.7

/** Space between blocks and above one for its name, in CSS pixels. */
const BLOCK_GAP = 10
const NAME_HEIGHT = 15

type Wanted = {
  readonly blocks: readonly Part[]
  readonly tiles: readonly (readonly Part[])[]
  readonly tilesMost: number
  readonly gpusMost: number
}

type Fit = {
  readonly columns: number, readonly cellWidth: number, readonly cellHeight: number
  readonly tileHeight: number, readonly gap: number, readonly blockWidth: number
  readonly blockHeight: number, readonly nameHeight: number, readonly blockGap: number
}

/** Lays a part out on device pixels, `ratio` of them a CSS pixel. O(tiles), and a search. */
export function layOut(
  building: Building, part: Part, width: number, height: number, ratio: number): FloorLayout {
  const children = childrenOf(building, part).filter(({ first, end }) => end > first)
  const blocks = children.length === 0 ? [part] : children
  const tiles = blocks.map((block) => tilesOf(building, block))
  const wanted: Wanted = {
    blocks, tiles, tilesMost: Math.max(...tiles.map((each) => each.length)),
    gpusMost: Math.max(...tiles.flat().map(({ first, end }) => end - first)),
  }
  for (let perCell = 1; ; perCell *= 2) {
    const fit = bestFit(wanted, perCell, width, height, ratio)
    // Where nothing fits the picture is cut off: a screen of a few pixels.
    if (fit !== undefined) return placed(part, wanted, perCell, fit, width, height)
    if (perCell > part.end - part.first) return emptyLayout(part, width, height)
  }
}

/** Rows of sites and halls, racks of a row, nodes of a rack, GPUs of a node. */
function tilesOf(building: Building, block: Part): Part[] {
  if (block.level === 'site') {
    return childrenOf(building, block).flatMap((hall) => childrenOf(building, hall)).filter(isSome)
  }
  const children = childrenOf(building, block).filter(isSome)
  return children.length === 0 ? [block] : children
}

function isSome({ first, end }: Part): boolean {
  return end > first
}

/** The largest cells with which all fits; the squarer ones where several are as large. */
function bestFit(
  wanted: Wanted, perCell: number, width: number, height: number, ratio: number,
): Fit | undefined {
  const { blocks } = wanted
  const isFew = perCell === 1 && blocks.at(-1)!.end - blocks[0]!.first <= FEW
  let best: Fit | undefined
  let most = 0
  for (let columns = 1; columns <= blocks.length; columns++) {
    const lines = Math.ceil(blocks.length / columns)
    const least = NAME_WIDTHS[blocks[0]!.level] ?? NAME_WIDTH
    const isNamed = width / columns >= least * ratio
    const nameHeight = isNamed ? NAME_HEIGHT * ratio : 0
    const blockGap = Math.round((isNamed ? BLOCK_GAP : BLOCK_GAP / 3) * ratio)
    const blockWidth = Math.floor((width - (columns - 1) * blockGap) / columns)
    const blockHeight = Math.floor((height - (lines - 1) * blockGap) / lines - nameHeight)
    if (blockWidth < 1 || blockHeight < 1) continue
    const frame = { columns, blockWidth, blockHeight, nameHeight, blockGap }
    for (const sides of isFew ? SIDES_OF_FEW : SIDES) {
      if (perCell > 1 && sides !== SIDES.at(-1)) continue
      for (const [gap, share] of [[gapOf(sides), 1], [0, NO_GAP]] as const) {
        const value = valueOf(sides) * share * (isNamed ? 1 : NO_NAME)
        // As large in more columns is better: blocks are seldom high.
        if (value < most) continue
        const found = fitCells(wanted, perCell, frame, sides, gap)
        if (found === undefined) continue
        best = found
        most = value
      }
    }
  }
  return best
}

function sidesUpTo(most: number): readonly (readonly [number, number])[] {
  return Array.from({ length: most * most }, (_, at): [number, number] =>
    [1 + Math.floor(at / most), 1 + at % most])
    .filter(([w, h]) => w / h <= ASPECT_MOST && h / w <= ASPECT_MOST)
    .sort((a, b) => valueOf(b) - valueOf(a))
}

const SIDES = sidesUpTo(SIDE_MOST)
const SIDES_OF_FEW = sidesUpTo(SIDE_MOST_OF_FEW)

/** Space between tiles: wider where cells are large. */
function gapOf([width, height]: readonly [number, number]): number {
  return width * height >= 12 ? 3 : 1
}

/** Area, a little less where a side is much longer than the other. */
function valueOf([width, height]: readonly [number, number]): number {
  return width * height * (1 - 0.05 * Math.abs(Math.log2(width / height)))
}

function fitCells(
  { tilesMost, gpusMost }: Wanted, perCell: number,
  frame: Omit<Fit, 'cellWidth' | 'cellHeight' | 'tileHeight' | 'gap'>,
  [cellWidth, cellHeight]: readonly [number, number], gap: number): Fit | undefined {
  const cells = Math.ceil(gpusMost / perCell)
  for (const most of TILE_HEIGHTS) {
    const tileHeight = Math.min(most, cells)
    const tileWidth = Math.ceil(cells / tileHeight) * cellWidth
    const inLine = Math.floor((frame.blockWidth + gap) / (tileWidth + gap))
    if (inLine === 0) continue
    const lines = Math.ceil(tilesMost / inLine)
    const isHigh = lines * (tileHeight * cellHeight + gap) - gap > frame.blockHeight
    if (!isHigh) return { ...frame, cellWidth, cellHeight, tileHeight, gap }
    if (tileHeight === cells) break
  }
  return undefined
}

function placed(
  part: Part, { blocks, tiles }: Wanted, perCell: number, fit: Fit, width: number,
  height: number): FloorLayout {
  const { cellWidth, cellHeight, tileHeight, gap, blockWidth, nameHeight, blockGap } = fit
  const all = tiles.flat()
  const x = new Uint32Array(all.length)
  const y = new Uint32Array(all.length)
  const found: Block[] = []
  let tile = 0
  let top = 0
  for (let block = 0; block < blocks.length; block++) {
    const column = block % fit.columns
    if (column === 0 && block > 0) {
      const line = found.slice(block - fit.columns)
      top = Math.max(...line.map((each) => each.y + each.height)) + blockGap
    }
    const left = column * (blockWidth + blockGap)
    let [atX, atY, right] = [left, top + nameHeight, left]
    for (const { first, end } of tiles[block]!) {
      const tileWidth = Math.ceil(Math.ceil((end - first) / perCell) / tileHeight) * cellWidth
      if (atX > left && atX + tileWidth > left + blockWidth) {
        atX = left
        atY += tileHeight * cellHeight + gap
      }
      x[tile] = atX
      y[tile] = atY
      tile++
      right = Math.max(right, atX + tileWidth)
      atX += tileWidth + gap
    }
    found.push({ part: blocks[block]!, x: left, y: top, width: blockWidth,
      height: atY + tileHeight * cellHeight - top })
  }
  return {
    part, width, height, cellWidth, cellHeight, perCell, tileHeight, blocks: found, x, y,
    first: Uint32Array.from(all, (each) => each.first),
    end: Uint32Array.from(all, (each) => each.end), letterPx: nameHeight * 0.8,
  }
}

function emptyLayout(part: Part, width: number, height: number): FloorLayout {
  const none = new Uint32Array(0)
  return {
    part, width, height, cellWidth: 1, cellHeight: 1, perCell: 1, tileHeight: 1, blocks: [],
    first: none, end: none, x: none, y: none, letterPx: 0,
  }
}

/** Where a tile is. */
export function boxOf(layout: FloorLayout, tile: number): Box {
  const { first, end, x, y, perCell, tileHeight, cellWidth, cellHeight } = layout
  const cells = Math.ceil((end[tile]! - first[tile]!) / perCell)
  return {
    x: x[tile]!, y: y[tile]!, width: Math.ceil(cells / tileHeight) * cellWidth,
    height: tileHeight * cellHeight,
  }
}

/** The GPU at a device pixel; -1 where there is none. O(tiles). */
export function gpuAt(layout: FloorLayout, px: number, py: number): number {
  const { x, y, first, end, cellWidth, cellHeight, tileHeight, perCell } = layout
  for (let tile = 0; tile < x.length; tile++) {
    const dy = py - y[tile]!
    const dx = px - x[tile]!
    if (dx < 0 || dy < 0 || dy >= tileHeight * cellHeight) continue
    const cell = Math.floor(dx / cellWidth) * tileHeight + Math.floor(dy / cellHeight)
    const gpu = first[tile]! + cell * perCell
    if (gpu < end[tile]!) return gpu
  }
  return -1
}

/** The block under a device pixel, as its index; -1 between them. O(blocks). */
export function blockAt({ blocks }: FloorLayout, px: number, py: number): number {
  return blocks.findIndex(({ x, y, width, height }) =>
    px >= x && px < x + width && py >= y && py < y + height)
}
