/** The factory of the fault suite: eight nodes of one core in two racks, and a rule for power. */
import { catalogueOf, FORMAT, type JournalHeader } from '../../src/journal/header.ts'
import type { PolicyNames } from '../../src/policies/policy.ts'
import { parseFactory } from '../../src/run/factory-file.ts'

export const NAME = 'small'

export const POLICIES: PolicyNames = {
  order: 'priority', backfill: 'easy', place: 'pack', preempt: 'reclaim', power: 'price',
}

const FILE = `name: ${NAME}
devices: [{ name: cores, idle: 4 W, rated: 8 W, minCap: 8 W }]
systems: [{ name: machine, device: cores, gpus: 1, cpus: 1, memoryGiB: 4, idle: 4 W, rated: 8 W }]
sites: [{ name: ${NAME}, racks: [{ system: machine, nodes: 4 }, { system: machine, nodes: 4 }] }]
power: { capDelay: 5s }
failures: none
`

/** Watts at which half of its nodes can work. */
export const HALF_W = 8 * 4 + 4 * 4

export function smallFactory() {
  return parseFactory(FILE, `${NAME}.yaml`)
}

export function headerOf(): JournalHeader {
  const { plant, document } = smallFactory()
  return {
    format: FORMAT, version: 'test', factory: document, catalogue: catalogueOf(plant), seed: 1,
    policies: POLICIES,
  }
}
