// Shows that a store in memory is a store, by the suite that every store passes.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { storeSuite, within } from './suites/store.suite.ts'
import { Memory, openMemory } from './memory-store.ts'

storeSuite('in memory', placeOf)

test('a store in memory says why it is not copied', async () => {
  await within(placeOf(), async (store) => {
    await assert.rejects(store.backup('copy'), /in memory is not copied.*--state FOLDER/)
  })
})

function placeOf() {
  const memory = new Memory()
  return { open: openMemory.bind(undefined, memory) }
}
