// The allocator against HiGHS on thousands of random trees, and a curtailment of 500 random mixes:
// `node test/power/main.ts --cases N`.
import { checkCase } from './check.ts'
import { recovered } from './elasticity.ts'
import { makeOracle } from './oracle.ts'
import { caseOf } from './random-power.ts'

const at = process.argv.indexOf('--cases')
const cases = at < 0 ? 3000 : Number(process.argv[at + 1])
const from = 1_000_000
const oracle = await makeOracle()
let worst = 0
let worstEnough = 0
let mean = 0
let failed = 0
let enough = 0
for (let number = from; number < from + cases; number++) {
  const mostJobs = number % 10 === 0 ? 1500 : 400
  const { gap, allowed, problems } = checkCase(oracle, caseOf(number, mostJobs))
  worst = Math.max(worst, gap)
  if (allowed <= 1e-3) {
    enough++
    worstEnough = Math.max(worstEnough, gap)
  }
  mean += gap / cases
  if (problems.length === 0) continue
  failed++
  console.log(`case ${number}: ${problems.join('; ')}`)
}
console.log(`${cases} cases, ${failed} failed; below the hull: mean ${ratio(mean)}, `
  + `worst ${ratio(worst)}; ${enough} cases with enough jobs, worst ${ratio(worstEnough)}`)
const part = recovered(500, 100, 0.3)
const isBetter = part.price > Math.max(part.heuristic, part.heuristicTrue, 0.63)
console.log('30 % less power, 500 mixes of 100 jobs; of the gap from an equal cut to the best: '
  + `heuristic ${ratio(part.heuristic)}, prices ${ratio(part.price)}, `
  + `once seen at three caps ${ratio(part.priceSeen)}`)
process.exitCode = failed === 0 && isBetter && part.priceSeen >= 0.95 ? 0 : 1

function ratio(value: number): string {
  return `${(100 * value).toFixed(4)} %`
}
