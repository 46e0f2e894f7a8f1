// Shows the search for places against brute force: the smallest domain, the best fit in it, no
// wrong refusal, and every answer accepted by the guard; with limits that bind as well.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import * as fc from 'fast-check'
import { toyPlant, toyRow } from '../../test/toy-plant.ts'
import { place, submit, toyState } from '../../test/toy-state.ts'
import { shapeOfJob } from './demand.ts'
import { apply } from './apply.ts'
import { fit, searchFor } from './fit.ts'
import { guard } from './guard.ts'
import { nodesOf } from './shape.ts'
import { createState, type State } from './state.ts'

const SITES = [[[[3, 2], [4]], [[1, 5]]], [[[2, 2, 2]]]]

describe('whole nodes', () => {
  const plant = toyPlant({ sites: SITES })
  const busy = fc.array(fc.nat(plant.nodes - 1), { maxLength: plant.nodes })

  test('the smallest level that holds the gang, and there the best fit', () => {
    fc.assert(fc.property(busy, fc.integer({ min: 1, max: 10 }), fc.integer({ min: 1, max: 4 }),
      fc.boolean(), (drained, need, level, isSpread) => {
        const state = createState(plant)
        for (const node of drained) {
          apply(state, { type: 'nodes.drained', first: node, end: node + 1, cause: '' })
        }
        const shape = { whole: need, parts: 0, partDevices: 0, partCpus: 0, partMemoryGiB: 0 }
        const found = fit(state, { pool: 0, shape, level, closed: [], isSpread })
        const best = bestByBruteForce(state, need, level, isSpread)
        if (best === undefined) {
          assert.ok('missing' in found)
          const isAnywhere = bestByBruteForce(state, need, 4, isSpread) !== undefined
          assert.equal(found.missing, isAnywhere ? 'topology' : 'nodes')
          return
        }
        assert.ok('placement' in found)
        const nodes = nodesOfSpans(found.placement.spans)
        assert.equal(nodes.length, need)
        assert.deepEqual([...new Set(nodes.map((node) => domainOf(state, node, best.at)))],
          [best.domain])
      }))
  })

  test('inside one domain, the best fit of those that it holds', () => {
    fc.assert(fc.property(busy, fc.integer({ min: 1, max: 8 }), fc.integer({ min: 1, max: 4 }),
      fc.nat(), fc.boolean(), (drained, need, level, pick, isSpread) => {
        const state = createState(plant)
        for (const node of drained) {
          apply(state, { type: 'nodes.drained', first: node, end: node + 1, cause: '' })
        }
        const within = pick % state.layout.domains
        const shape = { whole: need, parts: 0, partDevices: 0, partCpus: 0, partMemoryGiB: 0 }
        const found = fit(state, { pool: 0, shape, level, closed: [], isSpread, within })
        const best = bestByBruteForce(state, need, level, isSpread, within)
        assert.equal('placement' in found, best !== undefined)
        if (!('placement' in found) || best === undefined) return
        const nodes = nodesOfSpans(found.placement.spans)
        assert.deepEqual([...new Set(nodes.map((node) => domainOf(state, node, best.at)))],
          [best.domain])
      }))
  })

  test('a gang over several racks takes whole racks first, and its rest where it fits best', () => {
    // Racks of 4, 3 and 2 nodes: five nodes are the rack of four, and one of the rack of two.
    const state = toyState({ sites: toyRow(3, 4, 2) })
    const shape = { whole: 5, parts: 0, partDevices: 0, partCpus: 0, partMemoryGiB: 0 }
    assert.deepEqual(fit(state, { pool: 0, shape, level: 4, closed: [], isSpread: false }),
      { placement: { pool: 0, spans: [3, 8, 0] } })
  })
})

function bestByBruteForce(
  state: State, need: number, level: number, isSpread: boolean, within?: number) {
  const { levels } = state.layout.pools[0]!
  for (let at = 0; at < level; at++) {
    const { firstDomain, endDomain } = levels[at]!
    let best = -1
    let bestFree = 0
    for (let domain = firstDomain; domain < endDomain; domain++) {
      const free = freeIn(state, domain, at)
      const isBetter = best < 0 || (isSpread ? free > bestFree : free < bestFree)
      if (free >= need && isBetter && isInside(state, domain, within)) {
        best = domain
        bestFree = free
      }
    }
    if (best >= 0) return { at, domain: best }
  }
  return undefined
}

function freeIn(state: State, domain: number, at: number): number {
  let free = 0
  for (let node = 0; node < state.layout.plant.nodes; node++) {
    if (domainOf(state, node, at) !== domain) continue
    if (state.tables.nodes.flags[node] === 0 && state.tables.nodes.holder[node] === -1) free++
  }
  return free
}

function isInside(state: State, domain: number, within: number | undefined): boolean {
  let at = domain
  while (at >= 0 && at !== within) at = state.layout.parent[at]!
  return within === undefined || at >= 0
}

function domainOf(state: State, node: number, at: number): number {
  let domain = state.layout.domainOfRack[state.layout.rackOfNode[node]!]!
  for (let up = 0; up < at; up++) domain = state.layout.parent[domain]!
  return domain
}

function nodesOfSpans(spans: readonly number[]): number[] {
  const nodes: number[] = []
  for (let at = 0; at < spans.length; at += 3) {
    for (let node = spans[at]!; node < spans[at + 1]!; node++) nodes.push(node)
  }
  return nodes
}

describe('parts of nodes', () => {
  test('the fullest node that has the devices, the lowest of equals; spread the emptiest', () => {
    const state = toyState({ sites: toyRow(2, 2), systems: [{ gpus: 4 }] })
    place(state, [1, 2, 0b0111], { gpus: 3 })
    place(state, [2, 3, 0b0001], { gpus: 1 })
    const one = { whole: 0, parts: 1, partDevices: 1, partCpus: 1, partMemoryGiB: 1 }
    const at = (partDevices: number, isSpread: boolean) => {
      const shape = { ...one, partDevices }
      const found = fit(state, { pool: 0, shape, level: 4, closed: [], isSpread })
      return 'placement' in found ? found.placement.spans : found
    }
    assert.deepEqual(at(1, false), [1, 2, 0b1000])
    assert.deepEqual(at(2, false), [2, 3, 0b0110])
    assert.deepEqual(at(1, true), [0, 1, 0b0001])
  })

  test('devices may be free where cores are not', () => {
    const state = toyState({ sites: toyRow(1), systems: [{ gpus: 4, cpus: 8 }] })
    place(state, [0, 1, 0b0001], { gpus: 1, cpusPerNode: 8 })
    const shape = { whole: 0, parts: 1, partDevices: 1, partCpus: 1, partMemoryGiB: 0 }
    const found = fit(state, { pool: 0, shape, level: 4, closed: [], isSpread: false })
    assert.deepEqual(found, { missing: 'cpus' })
  })
})

describe('with limits', () => {
  const rackW = fc.integer({ min: 0, max: 5 }).map((nodes) => nodes * 100)
  const limits = fc.record({ rack0: rackW, rack1: rackW, rack2: rackW, rack3: rackW,
    row0: fc.constantFrom(100, 300, 1000), hall0: fc.constantFrom(300, 1000) })

  test('a gang of whole nodes is placed wherever watts and nodes allow it', () => {
    fc.assert(fc.property(limits, fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 4 }),
      fc.boolean(), (given, need, level, isSpread) => {
        const state = toyState({ sites: [[[[3, 4], [2]], [[4]]]], limits: given })
        const shape = { whole: need, parts: 0, partDevices: 0, partCpus: 0, partMemoryGiB: 0 }
        const found = fit(state, { pool: 0, shape, level, closed: [], isSpread })
        // Most nodes that a domain can carry: limits are in whole nodes, so counting is exact.
        const rack = [given.rack0, given.rack1, given.rack2, given.rack3]
          .map((watts, at) => Math.min(watts / 100, [3, 4, 2, 4][at]!))
        const row0 = Math.min(rack[0]! + rack[1]!, given.row0 / 100)
        const cap = (nodes: number) => Math.min(nodes, given.hall0 / 100)
        const most = [
          Math.max(...rack.map((nodes, at) => cap(at < 2 ? Math.min(nodes, row0) : nodes))),
          Math.max(cap(row0), cap(rack[2]!), rack[3]!),
          Math.max(cap(row0 + rack[2]!), rack[3]!),
          cap(row0 + rack[2]!) + rack[3]!,
        ]
        // Rack 3 is in hall 1, which has no limit of its own.
        most[0] = Math.max(most[0]!, rack[3]!)
        const isPossible = most.slice(0, level).some((nodes) => nodes >= need)
        assert.equal('placement' in found, isPossible, JSON.stringify({ found, most }))
      }), { numRuns: 400 })
  })

  test('what is found is accepted by the guard, whatever the shape', () => {
    const gpus = fc.array(fc.integer({ min: 0, max: 14 }), { maxLength: 12 })
    fc.assert(fc.property(limits, gpus, fc.boolean(), (given, sizes, isSpread) => {
      const state = toyState({ sites: [[[[3, 4], [2]], [[4]]]], limits: given,
        systems: [{ gpus: 4, deviceRatedW: 25 }], ratios: { hall0: 11_111, rack1: 10_007 } })
      for (const size of sizes) {
        let job: number
        try {
          job = submit(state, { gpus: size })
        } catch {
          continue
        }
        const shape = shapeOfJob(state, job, 0)!
        const found = fit(state, { pool: 0, shape, level: 4, closed: [], isSpread })
        if (!('placement' in found)) continue
        const step = { type: 'job.started', job, ...found.placement } as const
        assert.equal(guard(state, { steps: [step] }), undefined)
        assert.equal(nodesOfSpans(found.placement.spans).length, nodesOf(shape))
        apply(state, step)
      }
    }), { numRuns: 200 })
  })
})

test('a site whose limit falls while the gang would run keeps no other site from it', () => {
  // Ten racks of the first site are tried before the one of the second.
  const state = toyState({ sites: [[[Array.from({ length: 10 }, () => 1)]], [[[1]]]] })
  apply(state, {
    type: 'limit.set', limit: 0, feeder: 0, kind: 'limit', watts: 0, fromW: 0, startAtMs: 500,
    holdAtMs: 500, holdEndAtMs: 900, endAtMs: 900, cause: '' })
  const job = submit(state, { nodes: 1, limitMs: 1000, level: 1 })
  const search = searchFor(state, job, 0)!
  assert.deepEqual(fit(state, { ...search, isSpread: false }),
    { placement: { pool: 0, spans: [10, 11, 0] } })
})

test('a gang of cores fits beside a window though its site grants too much', () => {
  const state = toyState({ sites: toyRow(2, 2), limits: { site0: 100 } })
  place(state, [0, 1, 0], {})
  apply(state, {
    type: 'limit.set', limit: 0, feeder: 0, kind: 'limit', watts: 50, fromW: 50, startAtMs: 0,
    holdAtMs: 0, holdEndAtMs: 900, endAtMs: 900, cause: '' })
  apply(state, {
    type: 'window.set', window: 0, first: 0, end: 2, startAtMs: 0, endAtMs: 900, queue: -1,
    cause: '' })
  const job = submit(state, { gpus: 0, nodes: 2, cpusPerNode: 1 })
  assert.deepEqual(fit(state, { ...searchFor(state, job, 0)!, isSpread: false }),
    { placement: { pool: 0, spans: [2, 3, 0, 3, 4, 0] } })
})
