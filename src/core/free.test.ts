// Shows the index of free capacity against a scan of all nodes, through any mix of starts, ends,
// drains and failures.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { countBits } from '../base/bitset.ts'
import { PHASE } from '../model/index.ts'
import { toyPlant, toyRow } from '../../test/toy-plant.ts'
import { place, submit, toyState } from '../../test/toy-state.ts'
import { shapeOfJob } from './demand.ts'
import { apply } from './apply.ts'
import { fit } from './fit.ts'
import { bestDomain, freeGpusAt, indexErrors, nextCount, nextDomain, nextNode } from './free.ts'
import { createState, type State } from './state.ts'

/** Racks of two pools lie mixed in the rows; the second pool has no GPUs. */
const PLANT = toyPlant({
  sites: [[[[3, [1, 2], 2], [5]], [[[1, 3]]]], [[[1, 4, 4]]]],
  systems: [{ gpus: 4 }, { gpus: 0 }],
})

const step = fc.record({
  type: fc.constantFrom('start', 'start', 'start', 'end', 'drained', 'resumed', 'down', 'up'),
  gpus: fc.constantFrom(0, 1, 2, 3, 4, 6, 8, 12, 20),
  at: fc.nat(1000),
  length: fc.integer({ min: 1, max: 6 }),
})

test('every set, count and search is that of a scan', () => {
  fc.assert(fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
    const state = createState(PLANT)
    for (const { type, gpus, at, length } of steps) {
      if (type === 'start') startSomewhere(state, gpus, at % 2 === 0)
      else if (type === 'end') endOne(state, at)
      else {
        const first = at % PLANT.nodes
        const end = Math.min(PLANT.nodes, first + length)
        if (type === 'down') for (let node = first; node < end; node++) endOn(state, node)
        apply(state, { type: `nodes.${type}`, first, end, cause: '' })
      }
    }
    assert.deepEqual(indexErrors(state), [])
    checkNodes(state)
    checkDomains(state)
    checkFreeGpus(state)
  }), { numRuns: 150 })
})

function startSomewhere(state: State, gpus: number, isSpread: boolean): void {
  const job = submit(state, { gpus })
  for (let pool = 0; pool < 2; pool++) {
    const shape = shapeOfJob(state, job, pool)
    if (shape === undefined) continue
    const found = fit(state, { pool, shape, level: 4, closed: [], isSpread })
    if (!('placement' in found)) continue
    apply(state, { type: 'job.started', job, ...found.placement })
    return
  }
  apply(state, { type: 'job.ended', job, outcome: 'cancelled' })
}

function endOne(state: State, at: number): void {
  for (let job = at % Math.max(1, state.totals.jobRows); job < state.totals.jobRows; job++) {
    if (state.tables.jobs.phase[job]! < PHASE.starting) continue
    apply(state, { type: 'job.ended', job, outcome: 'completed' })
    return
  }
}

/** A job that holds the node may hold others, too. */
function endOn(state: State, node: number): void {
  const { jobs, spans } = state.tables
  for (let job = 0; job < state.totals.jobRows; job++) {
    if (jobs.phase[job]! < PHASE.starting) continue
    for (let at = jobs.firstSpan[job]!; at >= 0; at = spans.next[at]!) {
      if (spans.first[at]! > node || node >= spans.end[at]!) continue
      apply(state, { type: 'job.ended', job, outcome: 'failed' })
      break
    }
  }
}

function checkNodes(state: State): void {
  const { nodes } = state.tables
  state.layout.pools.forEach(({ system }, pool) => {
    for (let key = 0; key <= system.gpus + 1; key++) {
      const found: number[] = []
      for (let node = nextNode(state, pool, key, 0); node >= 0;
        node = nextNode(state, pool, key, node + 1)) found.push(node)
      const wanted = [...nodes.flags.keys()].filter((node) => {
        if (poolOf(state, node) !== pool || nodes.flags[node] !== 0) return false
        const free = nodes.holder[node]! >= 0 ? 0 : countBits(nodes.freeDevices[node]!)
        const has = nodes.holder[node] === -1 ? system.gpus + 1 : free
        return has === key && (key > 0 || system.gpus === 0)
      })
      assert.deepEqual(found, wanted, `pool ${pool}, key ${key}`)
    }
  })
}

function poolOf(state: State, node: number): number {
  return state.layout.poolOfRack[state.layout.rackOfNode[node]!]!
}

function checkFreeGpus(state: State): void {
  const { layout } = state
  const { flags, freeDevices, holder } = state.tables.nodes
  layout.pools.forEach(({ levels }, pool) => {
    const sites = levels.at(-1)!
    for (let site = sites.firstDomain; site < sites.endDomain; site++) {
      const wanted = [...flags.keys()].filter((node) => flags[node] === 0
        && holder[node]! < 0 && poolOf(state, node) === pool
        && layout.siteOfRack[layout.rackOfNode[node]!] === layout.place[site])
      assert.equal(freeGpusAt(state, pool, site),
        wanted.reduce((sum, node) => sum + countBits(freeDevices[node]!), 0))
    }
  })
}

function checkDomains(state: State): void {
  const { freeNodes } = state.tables.domains
  for (const { levels } of state.layout.pools) {
    for (const level of levels) {
      const domains = Array.from({ length: level.endDomain - level.firstDomain },
        (_, at) => level.firstDomain + at)
      for (let need = 0; need <= level.mostNodes + 1; need++) {
        const fitting = domains.filter((domain) => freeNodes[domain]! >= need)
        const counts = fitting.map((domain) => freeNodes[domain]!)
        const first = (count: number) => fitting.find((domain) => freeNodes[domain] === count) ?? -1
        assert.equal(bestDomain(state, level, need, false), first(Math.min(...counts)))
        assert.equal(bestDomain(state, level, need, true), first(Math.max(...counts)))
        const more = counts.filter((count) => count > need)
        assert.equal(nextCount(state, level, need), more.length > 0 ? Math.min(...more) : -1)
      }
      for (const domain of domains) {
        const count = freeNodes[domain]!
        const wanted = domains.find((other) => other > domain && freeNodes[other] === count)
        assert.equal(nextDomain(state, level, count, domain), wanted ?? -1)
      }
    }
  }
}

test('a job that is put back on a node which was drained leaves the index as it was', () => {
  const state = toyState({ sites: toyRow(4) })
  const job = place(state, [0, 2, 0], { gpus: 2 })
  apply(state, { type: 'nodes.drained', first: 1, end: 2, cause: '' })
  apply(state, { type: 'job.preempted', job })
  apply(state, { type: 'job.started', job, pool: 0, spans: [0, 2, 0] })
  assert.deepEqual(indexErrors(state), [])
  apply(state, { type: 'job.ended', job, outcome: 'completed' })
  assert.deepEqual(indexErrors(state), [])
})
