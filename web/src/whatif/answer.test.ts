// A difference is called better or worse only where all futures agree; figures that do not differ
// are left out. By hand.
import { deepEqual, equal } from 'node:assert/strict'
import { test } from 'node:test'
import { differing, FIGURES, isBetter, type WhatIf } from './answer.ts'

function result(differences: Readonly<Record<string, readonly [number, number]>>): WhatIf {
  const none = { mean: 0, least: 0, most: 0 }
  const figures = Object.fromEntries(FIGURES.map((name) => {
    const [least, most] = differences[name] ?? [0, 0]
    return [name, { without: none, with: none,
      difference: { mean: (least + most) / 2, least, most } }]
  })) as WhatIf['figures']
  return { verdict: '', notes: [], atMs: 0, untilMs: 1, seeds: 3, figures, jobs: [], earlier: 0,
    later: 0, isCut: false, course: undefined }
}

test('only what all futures say is called better or worse', () => {
  const told = result({ jobsStarted: [-10, 12], jobsFinished: [1, 3], meanWaitMs: [5, 9],
    usefulGpuHours: [-9, -1], energyMWh: [-3, -1] })
  equal(isBetter(told, 'jobsStarted'), 0)
  equal(isBetter(told, 'jobsFinished'), 1)
  equal(isBetter(told, 'meanWaitMs'), -1)
  equal(isBetter(told, 'usefulGpuHours'), -1)
  equal(isBetter(told, 'energyMWh'), 0)
  deepEqual(differing(told),
    ['jobsStarted', 'jobsFinished', 'meanWaitMs', 'usefulGpuHours', 'energyMWh'])
})
