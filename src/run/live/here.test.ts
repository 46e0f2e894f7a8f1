// A machine as it is found becomes a factory that compiles: its GPUs by their names in the
// catalogue, unknown ones as they say of themselves, and a machine without any as groups of cores.
// What the tools of vendors print is given; what is read of this very machine only has to compile.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { requestOf, smallPlant } from '../../../test/live/site.ts'
import { loadCatalogue } from '../../catalog/catalogue.ts'
import { compilePlant } from '../../catalog/plant.ts'
import { isRefusal } from '../../model/index.ts'
import { overCores } from './cores.ts'
import { describeHere, factoryOf, type Machine } from './here.ts'

const CATALOGUE = loadCatalogue()
const GIB = 2 ** 30

function found(machine: Partial<Machine>) {
  const { document, says } = factoryOf(
    { cores: 64, memoryBytes: 256 * GIB, gpus: [], processorsW: 0, ...machine }, CATALOGUE)
  return { plant: compilePlant(document, CATALOGUE), says }
}

function gpus(count: number, name: string, capW: number, leastCapW = NaN): Machine['gpus'] {
  return Array.from({ length: count }, () =>
    ({ name, defaultCapW: capW, leastCapW, mostCapW: capW }))
}

describe('a machine as a factory', () => {
  it('has GPUs that the catalogue knows, at the rating that they say', () => {
    const { plant, says } = found({ gpus: gpus(8, 'NVIDIA H100 80GB HBM3', 700, 200) })
    assert.deepEqual([plant.devices, plant.gpus, plant.nodes], [['H100'], 8, 1])
    const [system] = plant.systems
    assert.deepEqual([system!.deviceRatedW, system!.cpus, system!.memoryGiB], [700, 64, 256])
    assert.equal(plant.curves.byClass[0]![0]!.capW[0], 200)
    assert.match(says.join('\n'), /8 NVIDIA H100 80GB HBM3, rated 700 W each, in the catalogue as/)
  })

  it('has GPUs that nobody knows, as they say of themselves', () => {
    const { plant, says } = found({ gpus: gpus(2, 'NVIDIA GeForce RTX 3060', 170, 100) })
    assert.deepEqual(plant.devices, ['NVIDIA-GeForce-RTX-3060'])
    assert.equal(plant.systems[0]!.deviceRatedW, 170)
    assert.match(says.join('\n'), /does not have it, so what it draws idle is a guess/)
    assert.throws(() => found({ gpus: gpus(1, 'Thing', NaN) }), /Describe this machine/)
  })

  it('leaves out what is of another kind', () => {
    const { plant, says } = found({
      gpus: [...gpus(4, 'AMD Instinct MI300X', 750), ...gpus(1, 'Radeon', 200)] })
    assert.deepEqual([plant.devices, plant.gpus], [['MI300X'], 4])
    assert.match(says.join('\n'), /1 other GPUs of it are left out/)
  })

  it('is groups of cores where it has no GPUs, and takes no caps', () => {
    for (const [cores, groups] of [[1, 1], [2, 2], [16, 16], [17, 8], [64, 16], [191, 15]]) {
      const { plant } = found({ cores: cores! })
      assert.deepEqual([plant.devices, plant.gpus], [['cores'], groups], `${cores} cores`)
      assert.equal(plant.curves.byClass[0]![0]!.capW.length, 1)
      assert.ok(plant.feeders[0]!.limitW > plant.feeders[0]!.baseW)
    }
    const { plant, says } = found({ processorsW: 240 })
    assert.equal(plant.systems[0]!.nodeRatedW, 240)
    assert.match(says.join('\n'), /rated 240 W, as they say/)
  })

  it('can be this one', async () => {
    const { plant, says, knob } = await describeHere(false)
    assert.equal(plant.nodes, 1)
    assert.ok(says.length > 1)
    assert.equal(knob.canSet, false, 'nothing is set unless the operator says so')
  })
})

describe('a request for cores', () => {
  const { plant } = found({ cores: 64 })
  const cores = (cpusPerNode: number, nodes = 0) =>
    overCores(plant, requestOf(0, { cpusPerNode, nodes }))

  it('is one for the devices that stand for them', () => {
    for (const [cpus, devices] of [[0, 1], [1, 1], [4, 1], [5, 2], [64, 16]]) {
      const request = cores(cpus!)
      assert.ok(!isRefusal(request))
      assert.deepEqual([request.gpus, request.device], [devices, 0], `${cpus} cores`)
    }
  })

  it('is refused where it is for more than there are, or for GPUs', () => {
    for (const refused of [cores(65), overCores(plant, requestOf(2))]) {
      assert.ok(isRefusal(refused), JSON.stringify(refused))
    }
  })

  it('is left as it is on any other plant', () => {
    const request = requestOf(0, { cpusPerNode: 4 })
    assert.equal(overCores(smallPlant(), request), request)
  })
})
