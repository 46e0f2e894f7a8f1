// The Phoenix event over many seeds: with curves as they are believed and 5 % off, with a node lost
// in it, and with the controller gone in it. Prints a table; fails where a promise is broken.
// `--seeds 10 --from 1` are the seeds; the name of a case runs that case alone.
import { makeOracle } from '../power/oracle.ts'
import { CASES, problemsOf } from './check.ts'
import { runPhoenix } from './phoenix.ts'

const seeds = argument('--seeds', 10)
const from = argument('--from', 1)
const named = Object.entries(CASES).filter(([name]) => process.argv.includes(name))
const cases = named.length > 0 ? named : Object.entries(CASES)
const oracle = await makeOracle()
let failed = 0
console.log('case                     seed  held %  over W  dip %  below ms  return %/min  of best')
for (const [name, { curveError, more, allowed }] of cases) {
  for (let seed = from; seed < from + seeds; seed++) {
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

function argument(name: string, otherwise: number): number {
  const at = process.argv.indexOf(name)
  return at < 0 ? otherwise : Number(process.argv[at + 1])
}
