// Shows that each invariant finds a state in which one column was changed behind its back.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { toyPlant, toyRow } from '../../test/toy-plant.ts'
import { place, submit } from '../../test/toy-state.ts'
import { PHASE } from '../model/index.ts'
import { MIX_CELLS } from '../model/supply-record.ts'
import { apply, settle } from './apply.ts'
import { brokenInvariants, INVARIANTS } from './invariants.ts'
import { createState, DOWN, type State } from './state.ts'

function busyState(): State {
  const plant = toyPlant({
    sites: toyRow(2, 2), systems: [{ gpus: 4 }], limits: { site0: 2000 },
    queues: [{}, { quotaGpus: 8 }],
  })
  const supplies = [{ type: 'solar', name: 'sun', peakW: 9, hourRatios: [], firmRatio: 0 }] as const
  const state = createState({ ...plant, sites: plant.sites.map((site) => ({ ...site, supplies })) })
  apply(state, { type: 'supplies.read', site: 0, cells: [0], values: [1] })
  place(state, [0, 1, 0], { gpus: 4, queue: 1 })
  place(state, [1, 2, 0b11], { gpus: 2 })
  submit(state, { gpus: 16 })
  settle(state)
  return state
}

/** What to change, and the numbers that must notice it. */
const SPOILED: readonly (readonly [string, string, (state: State) => void])[] = [
  ['I1', 'a start in the future', ({ tables }) => { tables.jobs.startAtMs[0] = 9 }],
  ['I2', 'a device of two', ({ tables }) => { tables.spans.first[1] = 0 }],
  ['I2', 'a device marked for another', ({ tables }) => { tables.nodes.holder[0] = 1 }],
  ['I2', 'a wrong free bit', ({ tables }) => { tables.nodes.holder[0] = -2 }],
  ['I3', 'a gang that lacks a node', ({ tables }) => { tables.jobs.gpus[0] = 8 }],
  ['I3', 'a job that waits and holds nodes', ({ tables }) => { tables.jobs.phase[0] = 1 }],
  ['I4a', 'a grant beyond the limit', ({ layout, tables }) => {
    layout.feederLimitW[0] = 599
    tables.feeders.limitW[0] = 599
  }],
  ['I5', 'a grant that is not the sum', ({ tables }) => { tables.feeders.grantW[1]!++ }],
  ['I6', 'a queue that counts wrong', ({ tables }) => { tables.queues.usedGpus[1] = 3 }],
  ['I7', 'a job on a node that is down', ({ tables }) => { tables.nodes.flags[0] = DOWN }],
  ['I8', 'an order that is forgotten', ({ totals }) => { totals.unanswered = 0 }],
  ['I9', 'a job that could start', ({ tables }) => { tables.jobs.gpus[2] = 8 }],
  ['I10', 'negative work', ({ tables }) => { tables.jobs.keptMs[2] = -1 }],
  ['I11', 'energy from nowhere', ({ tables }) => {
    tables.supplies.value[MIX_CELLS.indexOf('drawnWms')] = 1e9
  }],
  ['I13', 'a job that is in no lane', ({ tables }) => { tables.lanes.root[1] = -1 }],
  ['I13', 'a miscount', ({ totals }) => { totals.pending = 7 }],
  ['index', 'a node in the wrong set', ({ tables }) => { tables.index.bits[0]! ^= 1 }],
  ['I14', 'a job inside a window that was there before it', (state) => {
    const { windows, jobs } = state.tables
    const job = jobs.phase.findIndex((phase) => phase >= PHASE.starting)
    jobs.startAtMs[job] = 1
    state.totals.windows = 1
    state.totals.nowMs = 1
    windows.endAtMs[0] = 9e9
    windows.end[0] = state.layout.plant.nodes
    windows.queue[0] = -1
  }],
  ['index', 'a wrong count', ({ tables }) => { tables.domains.freeNodes[0] = 2 }],
]

test('a sound state breaks nothing', () => {
  assert.deepEqual(brokenInvariants(busyState()), [])
})

for (const [id, what, spoil] of SPOILED) {
  test(`${id} notices ${what}`, () => {
    const state = busyState()
    spoil(state)
    const broken = brokenInvariants(state).map((problem) => problem.split(' ')[0])
    assert.ok(broken.includes(id), `${id} is not among ${broken.join(', ')}`)
  })
}

test('every invariant is a sentence, and is tested here but where limits are constant', () => {
  for (const { id, sentence } of INVARIANTS) {
    assert.match(sentence, /^[A-Z][^]*\.$/)
    // I4b cannot be broken: the plant that would break it is refused.
    assert.ok(id === 'I4b' || SPOILED.some(([spoiled]) => spoiled === id), id)
  }
})
