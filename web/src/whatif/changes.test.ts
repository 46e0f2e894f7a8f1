// Changes of a what-if stand in the address, and become the requests that carry them out, or the
// reason why none does. By hand, for each form of docs/whatif.md.
import { deepEqual, equal } from 'node:assert/strict'
import { test } from 'node:test'
import { addressOf, appliedBy, changesIn } from './changes.ts'

const limits = (feeder: string) =>
  feeder === 'hall1' ? { plantLimitW: 40e6 } : undefined
const applied = (change: string) => appliedBy(change, limits)

test('changes are kept in the address', () => {
  const changes = ['limit hall1 20 MW', 'submit 16 gpus 2h']
  deepEqual(changesIn(addressOf(changes)), changes)
  deepEqual(changesIn(' ; hold 3;'), ['hold 3'])
})

test('what is an intent is carried out', () => {
  deepEqual(applied('limit hall1 20 MW'), { method: 'POST', path: '/v1/limits', role: 'operator',
    body: { feeder: 'hall1', kind: 'limit', watts: 20e6, cause: 'what-if' } })
  deepEqual(applied('limit hall1 -5 MW'), { method: 'POST', path: '/v1/limits', role: 'operator',
    body: { feeder: 'hall1', kind: 'limit', watts: 35e6, cause: 'what-if' } })
  deepEqual(applied('curtail hall1 20 MW for 2h'), {
    method: 'POST', path: '/v1/curtailments', role: 'operator',
    body: { feeder: 'hall1', targetW: 20e6, forMs: 7_200_000, cause: 'what-if' } })
  deepEqual(applied('hold 12'),
    { method: 'POST', path: '/v1/jobs/12/hold', role: 'submitter' })
  deepEqual(applied('submit 512 gpus 12h queue night'), {
    method: 'POST', path: '/v1/jobs', role: 'submitter',
    body: { gpus: 512, limitMs: 43_200_000, queue: 'night' } })
})

test('what is not says why', () => {
  const whyOf = (change: string) => {
    const found = applied(change)
    return 'why' in found ? found.why : undefined
  }
  equal(whyOf('limit hall1 +1 MW'), 'whatif.no-raise')
  equal(whyOf('limit hall9 20 MW'), 'whatif.no-form')
  equal(whyOf('add 40 nodes'), 'whatif.no-plant')
  equal(whyOf('drain 40 nodes'), 'whatif.no-nodes')
  equal(whyOf('quota a none'), 'whatif.no-quota')
  equal(whyOf('failures x2'), 'whatif.no-chance')
  equal(whyOf('backfill easy'), 'whatif.no-policy')
  equal(whyOf('cancel train'), 'whatif.no-number')
  equal(whyOf('paint it'), 'whatif.no-form')
})
