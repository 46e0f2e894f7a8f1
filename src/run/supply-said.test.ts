// Shows what people are told of a factory's supplies where they are played and where they are real,
// on small factory files.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseFactory } from './factory-file.ts'
import { suppliesSaid } from './supply-said.ts'

const RACKS = 'racks: [{ system: dgx-h100, count: 1 }]'

test('a real machine says plainly that nothing is done with its supplies', () => {
  const { plant } = parseFactory(`name: a
sites:
  - name: here
    supplies: [{ type: grid, firm: 60 kW }, { type: megapack-2xl }]
    ${RACKS}
`, 'a.yaml')
  assert.deepEqual(suppliesSaid(plant, false), ['supplies of here (grid, megapack-2xl): not '
    + 'dispatched, metered or simulated on a real machine; the site\'s limit stays '
    + '60 kW, as its file says or its supplies are rated'])
  assert.deepEqual(suppliesSaid(plant, true), [
    'supplies of here (grid, megapack-2xl): played, their state is kept in the journal'])
})

test('a factory without supplies says nothing of them', () => {
  const { plant } = parseFactory(`name: a\nsites: [{ name: here, ${RACKS} }]\n`, 'a.yaml')
  assert.deepEqual(suppliesSaid(plant, false), [])
})
