// `node test/curves/main.ts`: the scores of docs/curves.md, each point left out and predicted.
import { loadCatalogue } from '../../src/catalog/catalogue.ts'
import { BENCHMARKS, gangScore } from './gang.ts'
import { emeraldSweeps, h100Sweeps, quantileOf, scoreOf, zeusSweeps } from './score.ts'
import type { Sweep } from './score.ts'

const catalogue = loadCatalogue()

function print(name: string, sweeps: readonly Sweep[]): void {
  const { inner, ends } = scoreOf(sweeps, catalogue)
  const texts = [inner, [...inner, ...ends]].map((errors) => [0.5, 0.95, 1].map((share) =>
    `${(quantileOf(errors, share) * 100).toFixed(2)} %`.padStart(9)).join(''))
  console.log(`${name.padEnd(18)}${String(sweeps.length).padStart(4)} ${texts.join('   |')}`)
}

console.log('                  jobs   between: median, p95, worst |   with ends: the same')
for (const sweep of h100Sweeps(catalogue)) print(sweep.name, [sweep])
print('H100 both', h100Sweeps(catalogue))
print('A100 (Emerald)', emeraldSweeps())
print('V100 (Zeus)', zeusSweeps('v100'))
print('RTX 6000 (Zeus)', zeusSweeps('rtx6000'))

console.log('\n8 nodes from 1, a node    efficiency   mean W: alone, said, metered'
  + '   p99 step: the same')
for (const benchmark of BENCHMARKS) {
  const { efficiency, meanW, stepW } = gangScore(benchmark)
  const texts = [meanW, stepW].map(({ alone, predicted, measured }) =>
    [alone, predicted, measured].map((watts) => watts.toFixed(0).padStart(6)).join('')
      + `${((predicted / measured - 1) * 100).toFixed(1)} %`.padStart(9))
  console.log(`${benchmark.padEnd(26)}${efficiency.toFixed(3).padStart(10)}   ${texts.join('   ')}`)
}
