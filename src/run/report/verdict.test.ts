// Shows the one sentence that an operator reads, for good, empty and broken runs.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fromHours } from '../../base/units.ts'
import { REASONS } from '../../model/reason.ts'
import { colossus, idle } from './fixture.ts'
import { spelledDuration, verdict } from './verdict.ts'

test('a month of Colossus', () => {
  assert.equal(verdict(colossus()), '83 % of 230,000 GPUs were busy over 30 days; 96 % of that was'
    + ' useful work. Power held waiting jobs back 61 % of the time that any waited, most often at'
    + ' feeder memphis.')
})

test('the largest share is named, wherever it stands in the list', () => {
  const limitedBy = [{ reason: 'order', at: 'batch', ratio: 0.2 },
    { reason: 'nodes', at: 'h100', ratio: 0.8 }]
  assert.match(verdict(colossus({ limitedBy })),
    /Too few free nodes held waiting jobs back 80 % of the time .* at pool h100\.$/)
})

test('every reason has its words, and an unknown one is quoted', () => {
  for (const reason of Object.keys(REASONS)) {
    const text = verdict(colossus({ limitedBy: [{ reason, at: '', ratio: 1 }] }))
    assert.match(text, / [A-Z][a-z ]+ held waiting jobs back 100 % of the time that any waited\.$/)
  }
  const limitedBy = [{ reason: 'moon', at: 'low\u001b[31m\ntide', ratio: 1 }]
  assert.match(verdict(colossus({ limitedBy })), /"moon" held .* at low\ufffd\[31m tide\.$/)
})

test('nothing to do, nothing started, nothing waited', () => {
  assert.equal(verdict(idle()), 'No job came in 30 days, so 230,000 GPUs stood idle.')
  const jobs = { ...idle().jobs, submitted: 3, refused: 3 }
  assert.match(verdict(idle({ jobs })), /^None of 3 jobs started on 230,000 GPUs in 30 days\./)
  assert.match(verdict(colossus({ limitedBy: [] })), /No job had to wait for anything\.$/)
})

test('one GPU, one minute, and shares that are almost none or all', () => {
  const one = colossus({ gpus: 1, horizonMs: 60_000, utilizationRatio: 0.001,
    goodputRatio: 0.9999, limitedBy: [] })
  assert.match(verdict(one),
    /^The one GPU was busy under 1 % of 1 minute; over 99 % of that was useful work\./)
  const endless = colossus({ horizonMs: Infinity, makespanMs: fromHours(24 * 365) })
  assert.match(verdict(endless), /busy over 365 days;/)
  assert.match(verdict(colossus({ utilizationRatio: 0.999 })), /^Over 99 % of 230,000 GPUs/)
})

test('a broken invariant is never passed over', () => {
  assert.match(verdict(colossus({ invariantsBroken: 2 })),
    /2 invariants broke: do not trust these numbers\.$/)
})

test('durations are spelled out', () => {
  assert.equal(spelledDuration(fromHours(25)), '1 day 1 hour')
  assert.equal(spelledDuration(90_000), '1 minute 30 seconds')
})
