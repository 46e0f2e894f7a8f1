// Shows how far off the curves are at a cap that nobody told them of: each published point of the
// H100 and each of 119 configurations in the logs of Zeus is left out and predicted from the rest.
// And how far off the draw of 8 nodes is, as the readings of one node say.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { loadCatalogue } from '../../src/catalog/catalogue.ts'
import { BENCHMARKS, gangScore } from './gang.ts'
import { emeraldSweeps, h100Sweeps, quantileOf, scoreOf, zeusSweeps } from './score.ts'

const catalogue = loadCatalogue()

test('the H100 tables: median within 3 %, worst within 6 %, with the ends and without', () => {
  const { inner, ends } = scoreOf(h100Sweeps(catalogue), catalogue)
  assert.equal(inner.length + ends.length, 12)
  for (const errors of [inner, [...inner, ...ends]]) {
    assert.ok(quantileOf(errors, 0.5) <= 0.03, `median ${quantileOf(errors, 0.5)}`)
    assert.ok(Math.max(...errors) <= 0.06, `worst ${Math.max(...errors)}`)
  }
  for (const sweep of h100Sweeps(catalogue)) {
    assert.ok(quantileOf(scoreOf([sweep], catalogue).inner, 0.5) <= 0.03, sweep.name)
  }
})

test('V100, RTX 6000 and A100: a cap between two others within 1.1 %, at the median', () => {
  for (const [sweeps, jobs, tailRatio] of [
    [zeusSweeps('v100'), 68, 0.065], [zeusSweeps('rtx6000'), 51, 0.085], [emeraldSweeps(), 8, 0.06],
  ] as const) {
    assert.equal(sweeps.length, jobs)
    const { inner } = scoreOf(sweeps, catalogue)
    assert.ok(quantileOf(inner, 0.5) <= 0.011, `median ${quantileOf(inner, 0.5)}`)
    assert.ok(quantileOf(inner, 0.95) <= tailRatio, `p95 ${quantileOf(inner, 0.95)}`)
  }
})

test('8 nodes of H100, from the readings of one: mean within 5 %, steps within 15 %', () => {
  for (const benchmark of BENCHMARKS) {
    const { meanW, stepW } = gangScore(benchmark)
    const meanError = meanW.predicted / meanW.measured - 1
    const stepError = stepW.predicted / stepW.measured - 1
    assert.ok(Math.abs(meanError) <= 0.05, `${benchmark}: mean ${meanError}`)
    assert.ok(Math.abs(stepError) <= 0.15, `${benchmark}: steps ${stepError}`)
  }
})
