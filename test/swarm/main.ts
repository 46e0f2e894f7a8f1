// `npm run swarm -- --seconds 60 [--seed N]`: random worlds until the time is over. A failure
// prints the line that repeats it, `npm run swarm -- --world N`, and the exit status is 1.
import { parseArgs } from 'node:util'
import { worldProblems } from './run.ts'
import { anyWorld } from './power-world.ts'

/** Failures after which the search ends: more of the same help nobody. */
const FAILURES_MOST = 10

/** Between two signs of life. */
const PROGRESS_MS = 5000

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    seed: { type: 'string', default: '1' },
    world: { type: 'string' },
  },
})

process.exitCode = values.world === undefined
  ? search(Number(values.seconds) * 1000, Number(values.seed))
  : repeat(Number(values.world))

function search(forMs: number, firstSeed: number): number {
  const startedMs = performance.now()
  let shownMs = startedMs
  let worlds = 0
  let failures = 0
  while (performance.now() - startedMs < forMs && failures < FAILURES_MOST) {
    const seed = firstSeed + worlds++
    const problems = worldProblems(seed)
    if (problems.length > 0) {
      failures++
      console.log(`${problems[0]!.split('\n')[0]!.slice(0, 300)}\nnpm run swarm -- --world ${seed}`)
    }
    if (performance.now() - shownMs < PROGRESS_MS) continue
    shownMs = performance.now()
    console.error(`${worlds} worlds, ${failures} failures`)
  }
  console.log(`${worlds} worlds, ${failures} failures`)
  return failures > 0 ? 1 : 0
}

/** Runs one world and says what it is and what is wrong with it. */
function repeat(seed: number): number {
  const { features, plant, jobs, wishes, policies, power } = anyWorld(seed)
  console.log(`world ${seed}: ${plant.nodes} nodes, ${plant.gpus} GPUs, ${jobs.length} jobs, `
    + `${wishes.length} wishes, ${Object.values(policies).join(' ')}; ${[...features].join(', ')}`
    + `${power === undefined ? '' : `; power: ${[...power.features].join(', ')}`}`)
  const problems = worldProblems(seed)
  console.log(problems.length === 0 ? 'all is well' : problems.join('\n'))
  return problems.length > 0 ? 1 : 0
}
