// Shows that columns in one buffer keep their rows when a table grows, that a fork shares nothing,
// and that the fingerprint is of the rows in use, whatever room there is.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AssertionError } from './assert.ts'
import { Fingerprint } from './hash.ts'
import { Arena } from './table.ts'

const SPECS = {
  nodes: { flags: 'u8', weight: 'f64', tenants: 'u16' },
  jobs: { gpus: 'i32', number: 'u32' },
} as const

function arenaOf(nodes = 3, jobs = 2) {
  return new Arena(SPECS, { nodes, jobs })
}

function fingerprintOf(arena: Arena<typeof SPECS>, jobs: number): string {
  const fingerprint = new Fingerprint()
  arena.addTo(fingerprint, { jobs })
  return fingerprint.digest()
}

test('growing one table keeps the rows of all', () => {
  const arena = arenaOf()
  const { nodes, jobs } = arena.tables
  nodes.flags.set([1, 2, 3])
  nodes.weight.set([0.5, -1, 1e300])
  nodes.tenants.set([9, 8, 7])
  jobs.gpus.set([-5, 6])
  arena.grow('jobs', 3)
  assert.deepEqual([...nodes.flags], [1, 2, 3])
  assert.deepEqual([...nodes.weight], [0.5, -1, 1e300])
  assert.deepEqual([...nodes.tenants], [9, 8, 7])
  assert.deepEqual([...jobs.gpus], [-5, 6, 0, 0], 'twice the room, and zeros')
  const { buffer } = arena
  arena.grow('jobs', 4)
  assert.equal(arena.buffer, buffer, 'there is room already')
})

test('a fork shares nothing with its parent', () => {
  const parent = arenaOf()
  parent.tables.jobs.gpus[1] = 7
  const fork = parent.fork()
  fork.tables.jobs.gpus[1] = 8
  parent.tables.nodes.flags[0] = 1
  parent.grow('nodes', 10)
  assert.equal(parent.tables.jobs.gpus[1], 7)
  assert.equal(fork.tables.jobs.gpus[1], 8)
  assert.equal(fork.tables.nodes.flags[0], 0)
  assert.equal(fork.rows.nodes, 3)
})

test('the fingerprint is of what is used, and of every cell of it', () => {
  const small = arenaOf(3, 2)
  const large = arenaOf(3, 50)
  for (const arena of [small, large]) arena.tables.jobs.gpus[0] = 4
  large.tables.jobs.gpus[40] = 1
  const before = fingerprintOf(small, 2)
  assert.equal(fingerprintOf(large, 2), before)
  assert.notEqual(fingerprintOf(small, 1), before)
  small.tables.nodes.flags[2] = 1
  assert.notEqual(fingerprintOf(small, 2), before)
})

test('a snapshot of another size is refused', () => {
  assert.throws(() => new Arena(SPECS, { nodes: 3, jobs: 2 }, new SharedArrayBuffer(8)),
    AssertionError)
})
