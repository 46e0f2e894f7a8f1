// The Phoenix event over many seeds: with curves as they are believed and 5 % off, with a node lost
// in it, and with the controller gone in it. Prints a table; fails where a promise is broken.
import { makeOracle } from '../power/oracle.ts'
import { CASES, problemsOf } from './check.ts'
import { runPhoenix } from './phoenix.ts'

const seeds = Number(process.argv[process.argv.indexOf('--seeds') + 1] ?? 10)
const oracle = await makeOracle()
let failed = 0
console.log('case                     seed  held %  over W  dip %  below ms  return %/min  of best')
for (const [name, { curveError, more, allowed }] of Object.entries(CASES)) {
  for (let seed = 1; seed <= seeds; seed++) {
    const run = await runPhoenix(oracle, seed, curveError, more)
    const { event } = run
    const figures = [
      100 * event.held!.ratio, event.overshootW, 100 * event.dipW / event.asked.watts, run.dipMs,
      100 * event.rampWorstWPerMin.out / event.baselineW, 100 * run.throughput / run.best,
    ]
    const problems = problemsOf(run, allowed)
    failed += problems.length
    console.log(name.padEnd(24), String(seed).padStart(4),
      ...figures.map((figure) => figure.toFixed(2).padStart(8)), problems.join('; '))
  }
}
process.exitCode = failed === 0 ? 0 : 1
