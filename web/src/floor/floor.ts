import type { FloorPlant, Lens } from '../../../src/api/client.ts'
import { get, getBytes, type Query } from '../api.ts'
import type { FloorNews } from '../feed.svelte.ts'
import { layOut, type FloorLayout } from './layout.ts'
import { paletteOf } from './lens.ts'
import { change, paint, readRuns, type Focus, type Palette } from './paint.ts'
import { buildingOf, partNamed, type Building, type Part } from './plant.ts'

/**
 * The floor of one factory through one lens: its values, and their picture on a canvas. The picture
 * has a pixel for each cell and is enlarged when it is shown.
 */
export class Floor {
  readonly building: Building
  readonly values: Uint32Array
  lens: Lens
  /** Version of the state that the values are of. */
  version = ''
  part: Part
  layout: FloorLayout | undefined
  private palette: Palette
  private focus: Focus | undefined
  private image: ImageData | undefined
  private readonly picture = document.createElement('canvas')
  private readonly query: Query

  private constructor(building: Building, lens: Lens, isDark: boolean, query: Query) {
    this.building = building
    this.values = new Uint32Array(building.plant.gpus)
    this.lens = lens
    this.part = partNamed(building, '')
    this.palette = paletteOf(lens, isDark)
    this.query = query
  }

  static async load(lens: Lens, isDark: boolean, query: Query): Promise<Floor> {
    const plant = await get<FloorPlant>('/v1/plant', { factory: query.factory })
    const floor = new Floor(buildingOf(plant), lens, isDark, query)
    await floor.read()
    return floor
  }

  /** Reads all values anew. */
  async read(): Promise<void> {
    const { bytes, version } = await floorBytes({ ...this.query, lens: this.lens })
    readRuns(bytes, this.values)
    this.version = version
  }

  /** Numbers of jobs by GPU, for a job to be looked at. */
  async jobs(): Promise<Uint32Array> {
    const jobs = new Uint32Array(this.values.length)
    readRuns((await floorBytes({ ...this.query, lens: 'job' })).bytes, jobs)
    return jobs
  }

  /** Takes what changed. False where it does not follow from what is here: then read anew. */
  take({ from, to, runs }: FloorNews): boolean {
    if (to === this.version) return true
    if (from !== this.version || runs === null) return false
    change(this.values, runs)
    this.version = to
    return true
  }

  colour(isDark: boolean): void {
    this.palette = paletteOf(this.lens, isDark)
  }

  look(focus: Focus | undefined): void {
    this.focus = focus
  }

  /** Lays a part out on so many device pixels. */
  fit(part: Part, widthPx: number, heightPx: number): FloorLayout {
    this.part = part
    this.layout = layOut(this.building, part, widthPx, heightPx)
    const { width, height } = this.layout
    this.picture.width = width
    this.picture.height = height
    this.image = new ImageData(width, height)
    return this.layout
  }

  /** Paints the values and shows them. */
  draw(canvas: HTMLCanvasElement): void {
    const { layout, image, building, values, palette, focus } = this
    if (layout === undefined || image === undefined) return
    paint(building, layout, values, palette, new Uint32Array(image.data.buffer), focus)
    this.picture.getContext('2d')!.putImageData(image, 0, 0)
    const context = canvas.getContext('2d')!
    context.imageSmoothingEnabled = false
    context.clearRect(0, 0, canvas.width, canvas.height)
    const { width, height, scale } = layout
    context.drawImage(this.picture, 0, 0, width * scale, height * scale)
  }

  /** How many GPUs of the part have each value, up to `most`. */
  counts(most: number): number[] {
    const found = Array.from({ length: most + 1 }, () => 0)
    const { firstGpu, gpus } = this.layout ?? { firstGpu: 0, gpus: this.values.length }
    for (let gpu = firstGpu; gpu < firstGpu + gpus; gpu++) {
      const value = Math.min(most, this.values[gpu]!)
      found[value] = found[value]! + 1
    }
    return found
  }
}

async function floorBytes(query: Query): Promise<{ bytes: Uint8Array, version: string }> {
  const { bytes, headers } = await getBytes('/v1/floor', query)
  return { bytes, version: headers.get('millrace-version') ?? '' }
}
