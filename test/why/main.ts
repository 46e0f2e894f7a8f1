// `node test/why/main.ts --states 10000`: random states, and what must hold of every explanation.
// A failure prints the seed of its state; `--seed N --states 1` repeats it.
import { parseArgs } from 'node:util'
import { checkState } from './check.ts'
import { randomState } from './random-state.ts'

/** Pending jobs that are looked at in one state. */
const JOBS_MOST = 4

/** Failures after which the search ends. */
const FAILURES_MOST = 10

const { values } = parseArgs({
  options: {
    states: { type: 'string', default: '1000' },
    seed: { type: 'string', default: '1' },
  },
})

const first = Number(values.seed)
const counts = { states: 0, named: 0, solved: 0, forks: 0, spent: 0 }
const reasons = new Map<string, number>()
const changes = new Map<string, number>()
let failures = 0
for (let seed = first; seed < first + Number(values.states); seed++) {
  const { state, deciders } = randomState(seed)
  const checked = checkState(state, deciders, JOBS_MOST)
  counts.states++
  counts.named += checked.named
  counts.solved += checked.solved
  counts.forks += checked.forks
  counts.spent += checked.spent
  for (const reason of checked.reasons) reasons.set(reason, (reasons.get(reason) ?? 0) + 1)
  for (const type of checked.changes) changes.set(type, (changes.get(type) ?? 0) + 1)
  if (checked.problems.length === 0) continue
  failures++
  console.log(`seed ${seed}: ${checked.problems.join('\n  ').slice(0, 600)}`)
  if (failures >= FAILURES_MOST) break
}
console.log(`${counts.states} states, ${counts.named} jobs with a blocker, ${counts.solved} with a `
  + `change that starts them, ${counts.forks} forks, ${counts.spent} jobs without trials left, `
  + `${failures} failures`)
console.log([...reasons].map(([reason, count]) => `${reason} ${count}`).join(', '))
console.log([...changes].map(([type, count]) => `${type} ${count}`).join(', '))
process.exitCode = failures > 0 ? 1 : 0
