import type { FloorPlant, Lens } from '../../../src/api/client.ts'
import { get, getBytes, type Query } from '../api.ts'
import type { FloorNews } from '../feed.svelte.ts'
import { boxOf, layOut, type FloorLayout } from './layout.ts'
import { paletteOf } from './lens.ts'
import { boxesOf, change, paint, paintTile, readRuns, type Palette } from './paint.ts'
import { below, buildingOf, type Building, type Part } from './plant.ts'

/** How names are written on the picture. */
export type Ink = { readonly colour: string, readonly font: string }

/** A building does not change while the page is open: read once a factory. */
const buildings = new Map<string, Promise<Building>>()

export function buildingNamed(factory: string): Promise<Building> {
  const known = buildings.get(factory)
  if (known !== undefined) return known
  const read = get<FloorPlant>('/v1/plant', { factory }).then(buildingOf)
  buildings.set(factory, read)
  read.catch(() => buildings.delete(factory))
  return read
}

/** Numbers of jobs are read again after so long while somebody points at the floor. */
const JOBS_KEPT_MS = 5000

/** So many tiles are shown one by one: where more change it costs less to show all. */
const CHANGED_MOST = 400

/** The name under which the browser notes how long drawing takes, for whoever observes it. */
const DRAWN = 'floor.draw'

/** The floor of one factory through one lens: its values, and their picture on a canvas. */
export class Floor {
  readonly building: Building
  readonly values: Uint32Array
  readonly lens: Lens
  /** Version of the state that the values are of. */
  version = ''
  layout: FloorLayout | undefined
  private palette: Palette
  private image: ImageData | undefined
  private pixels = new Uint32Array(0)
  /** Whether all is to be painted; else only tiles that changed. */
  private isStale = true
  private readonly changed = new Set<number>()
  private readonly query: Query
  private jobs: { values: Uint32Array, version: string, atMs: number } | undefined
  private reading: Promise<void> | undefined

  private constructor(building: Building, lens: Lens, isDark: boolean, query: Query) {
    this.building = building
    this.values = new Uint32Array(building.plant.gpus)
    this.lens = lens
    this.palette = paletteOf(lens, isDark)
    this.query = query
  }

  static async load(lens: Lens, isDark: boolean, query: Query): Promise<Floor> {
    const building = await buildingNamed(`${query.factory ?? ''}`)
    const floor = new Floor(building, lens, isDark, query)
    await floor.read()
    return floor
  }

  /** Reads all values anew; whoever asks meanwhile waits for the same answer. */
  read(): Promise<void> {
    this.reading ??= floorBytes({ ...this.query, lens: this.lens }).then(({ bytes, version }) => {
      readRuns(bytes, this.values)
      this.version = version
      this.isStale = true
    }).finally(() => { this.reading = undefined })
    return this.reading
  }

  get isReading(): boolean {
    return this.reading !== undefined
  }

  /** Numbers of jobs by GPU, as they are or were a few seconds ago. */
  async jobsNow(): Promise<Uint32Array> {
    if (this.lens === 'job') return this.values
    const { jobs } = this
    const isFresh = jobs !== undefined
      && (jobs.version === this.version || Date.now() - jobs.atMs < JOBS_KEPT_MS)
    if (isFresh) return jobs.values
    const values = jobs?.values ?? new Uint32Array(this.values.length)
    // Until it is read, whoever asks next has the ones before.
    this.jobs = { values, version: this.version, atMs: Date.now() }
    readRuns((await floorBytes({ ...this.query, lens: 'job' })).bytes, values)
    return values
  }

  /**
   * Takes what changed, and repaints so much at the next draw. False where it does not follow from
   * what is here: then read anew.
   */
  take({ from, to, runs }: FloorNews): boolean {
    if (to === this.version) return true
    if (from !== this.version || runs === null) return false
    this.note(runs)
    change(this.values, runs)
    this.version = to
    return true
  }

  /** Notes which tiles are to be painted. */
  private note(runs: readonly number[]): void {
    const { layout } = this
    if (layout === undefined || this.isStale) return
    for (let at = 0; at < runs.length; at += 3) {
      const first = runs[at]!
      const end = first + runs[at + 1]!
      for (let tile = below(layout.first, first); tile < layout.first.length; tile++) {
        if (layout.first[tile]! >= end) break
        if (layout.end[tile]! > first) this.changed.add(tile)
      }
    }
    if (this.changed.size > CHANGED_MOST) this.isStale = true
  }

  colour(isDark: boolean): void {
    this.palette = paletteOf(this.lens, isDark)
    this.isStale = true
  }

  /** Lays a part out on so many device pixels, `ratio` of them a CSS pixel. */
  fit(part: Part, width: number, height: number, ratio: number): void {
    const { layout } = this
    const isSame = layout?.part.name === part.name && layout.width === width
      && layout.height === height
    if (isSame) return
    this.layout = layOut(this.building, part, width, height, ratio)
    this.image = new ImageData(width, height)
    this.pixels = new Uint32Array(this.image.data.buffer)
    this.isStale = true
  }

  /** Paints what changed, and shows it. Names are written where all is painted. */
  draw(canvas: HTMLCanvasElement, ink: Ink): void {
    const { layout, image, values, palette, pixels, changed } = this
    const isNothing = !this.isStale && changed.size === 0
    if (layout === undefined || image === undefined || isNothing) return
    const start = performance.now()
    const context = canvas.getContext('2d')!
    if (this.isStale) {
      paint(layout, values, palette, pixels)
      context.putImageData(image, 0, 0)
      if (layout.letterPx > 0) writeNames(context, layout, ink)
    } else {
      for (const tile of changed) {
        paintTile(layout, tile, values, palette, pixels)
        const box = boxOf(layout, tile)
        context.putImageData(image, 0, 0, box.x, box.y, box.width, box.height)
      }
    }
    this.isStale = false
    changed.clear()
    performance.measure(DRAWN, { start })
    performance.clearMeasures(DRAWN)
  }

  /** Shows one job alone on a canvas of its own: over a floor that dims it keeps its colour. */
  light(canvas: HTMLCanvasElement, jobs: Uint32Array, job: number): void {
    const { layout, image } = this
    const context = canvas.getContext('2d')!
    context.clearRect(0, 0, canvas.width, canvas.height)
    if (layout === undefined || image === undefined || job === 0) return
    for (const { x, y, width, height } of boxesOf(layout, jobs, job)) {
      context.putImageData(image, 0, 0, x, y, width, height)
    }
  }

  /** The least, most and mean value of GPUs [first, end). O(end - first). */
  spread(first: number, end: number): { least: number, most: number, mean: number } {
    const { values } = this
    let [least, most, sum] = [Infinity, 0, 0]
    for (let gpu = first; gpu < end; gpu++) {
      const value = values[gpu]!
      if (value < least) least = value
      if (value > most) most = value
      sum += value
    }
    return { least, most, mean: sum / (end - first) }
  }

  /** How many GPUs of [first, end) have each value, up to `most`. */
  counts(most: number, first: number, end: number): Uint32Array {
    const found = new Uint32Array(most + 1)
    const { values } = this
    for (let gpu = first; gpu < end; gpu++) {
      const value = values[gpu]!
      const at = value < most ? value : most
      found[at] = found[at]! + 1
    }
    return found
  }
}

function writeNames(
  context: CanvasRenderingContext2D, { blocks, letterPx, part }: FloorLayout, ink: Ink): void {
  context.font = `${letterPx}px ${ink.font}`
  context.fillStyle = ink.colour
  context.textBaseline = 'top'
  for (const block of blocks) {
    const { name, level } = block.part
    // Below a hall its last word is enough: what is around it stands in the path.
    const short = part.level === 'all' || part.level === 'site' ? name
      : level === 'device' ? `GPU ${name.slice(name.lastIndexOf('/') + 1)}`
        : level === 'node' ? `node ${name.slice(name.lastIndexOf('/') + 1)}`
          : name.slice(name.lastIndexOf('/') + 1)
    context.fillText(short, block.x, block.y, block.width)
  }
}

async function floorBytes(query: Query): Promise<{ bytes: Uint8Array, version: string }> {
  const { bytes, headers } = await getBytes('/v1/floor', query)
  return { bytes, version: headers.get('millrace-version') ?? '' }
}
