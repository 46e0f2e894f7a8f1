// Every GPU of every part has a place of its own in its picture, under the mouse there is that GPU,
// names lead to parts and back, and one that is down among a million is seen. Without a browser, on
// the buildings of the Colossus, of a made-up million, and of two sites.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { floorPlant } from '../../src/api/floor-plant.ts'
import { randomStream } from '../../src/base/random.ts'
import { readFactory } from '../../src/run/factory-file.ts'
import { blockAt, gpuAt, layOut } from '../../web/src/floor/layout.ts'
import { paletteOf } from '../../web/src/floor/lens.ts'
import { boxesOf, paint } from '../../web/src/floor/paint.ts'
import {
  buildingOf, childrenOf, partNamed, pathTo, rackName, whereIs, type Building, type Part,
} from '../../web/src/floor/plant.ts'
import { colossusFile, millionFile } from './factory.ts'

const ROOT = join(import.meta.dirname, '..', '..')
const BUILDINGS: Readonly<Record<string, Building>> = {
  colossus: buildingOf(floorPlant(colossusFile().plant)),
  million: buildingOf(floorPlant(millionFile().plant)),
  'two sites': buildingOf(floorPlant(
    readFactory(join(ROOT, 'examples/two-sites/factory.yaml')).plant)),
}
const SCREENS = [[1420, 640, 1], [370, 300, 1], [1110, 900, 3]] as const

for (const [name, building] of Object.entries(BUILDINGS)) {
  describe(name, () => {
    const whole = partNamed(building, '')!

    test('parts are made of their parts, and their names lead to them', () => {
      const random = randomStream(1, name)
      for (let part = whole; ;) {
        assert.deepEqual(partNamed(building, part.name), part)
        assert.equal(pathTo(building, part).at(-1)?.name ?? '', part.name)
        const children = childrenOf(building, part)
        if (children.length === 0) break
        assert.equal(children[0]!.first, part.first)
        assert.equal(children.at(-1)!.end, part.end)
        children.slice(1).forEach((each, at) => assert.equal(each.first, children[at]!.end))
        part = children[Math.floor(random.uniform() * children.length)]!
      }
      for (const wrong of ['nowhere', `${rackName(building, 0)}/0`, `${rackName(building, 0)}/99`,
        `${rackName(building, 0)}/1/99`, 'hall1/row01/rack']) {
        assert.equal(partNamed(building, wrong), undefined, wrong)
      }
    })

    for (const [width, height, ratio] of SCREENS) {
      test(`each GPU is where the mouse finds it, on ${width} × ${height}`, () => {
        for (let part: Part | undefined = whole; part !== undefined;) {
          checkLayout(building, part, width, height, ratio)
          part = childrenOf(building, part).findLast(({ first, end }): boolean => end > first)
        }
      })
    }
  })
}

test('one GPU that is down among a million is seen', () => {
  const building = BUILDINGS['million']!
  const layout = layOut(building, partNamed(building, '')!, 1420, 640, 1)
  const values = new Uint32Array(building.plant.gpus).fill(1)
  const palette = paletteOf('phase', false)
  const picture = new Uint32Array(layout.width * layout.height)
  values[654_321] = 6
  paint(layout, values, palette, picture)
  const red = palette.colours[6]
  assert.ok(picture.filter((pixel) => pixel === red).length >= 16)
})

test('a job that is looked at is shown where it is, and nothing else is', () => {
  const building = BUILDINGS['colossus']!
  const layout = layOut(building, partNamed(building, '')!, 1420, 640, 1)
  const jobs = new Uint32Array(building.plant.gpus).fill(8)
  const own = [...Array(77).keys(), 100, 101, 9000, 229_999]
  for (const gpu of own) jobs[gpu] = 7
  const found = new Set<number>()
  let area = 0
  for (const { x, y, width, height } of boxesOf(layout, jobs, 7)) {
    area += width * height
    for (let py = y; py < y + height; py++) {
      for (let px = x; px < x + width; px++) found.add(gpuAt(layout, px, py))
    }
  }
  assert.deepEqual([...found].sort((a, b) => a - b), own)
  assert.equal(area, own.length * layout.cellWidth * layout.cellHeight)
})

/** Cells lie apart and inside; some GPUs of each tile are looked for from their pixel. */
function checkLayout(
  building: Building, part: Part, width: number, height: number, ratio: number): void {
  const layout = layOut(building, part, width, height, ratio)
  const { x, y, first, end, cellWidth, cellHeight, tileHeight, perCell } = layout
  const area = new Uint8Array(width * height)
  for (let tile = 0; tile < x.length; tile++) {
    const cells = Math.ceil((end[tile]! - first[tile]!) / perCell)
    const step = Math.max(1, Math.floor(cells / 3))
    for (let cell = 0; cell < cells; cell += step) {
      const left = x[tile]! + Math.floor(cell / tileHeight) * cellWidth
      const top = y[tile]! + cell % tileHeight * cellHeight
      assert.ok(left + cellWidth <= width && top + cellHeight <= height, 'inside')
      const at = top * width + left
      assert.equal(area[at], 0, 'apart')
      area[at] = 1
      const gpu = gpuAt(layout, left, top)
      assert.equal(gpu, first[tile]! + cell * perCell)
      const block = layout.blocks[blockAt(layout, left, top)]!
      assert.ok(gpu >= block.part.first && gpu < block.part.end, 'in its block')
      if (tile % 97 !== 0) continue
      const { rack, node, device } = whereIs(building, gpu)
      assert.equal(partNamed(building, `${rackName(building, rack)}/${node}/${device}`)!.first, gpu)
    }
  }
  assert.equal(first[0], part.first)
  assert.equal(end.at(-1), part.end)
}
