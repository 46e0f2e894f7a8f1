import { Command } from 'commander'
import type { Job, JobsQuery } from '../../api/client.ts'
import { readChoice, readWhole } from '../options.ts'
import { print } from '../print.ts'
import { connect, factoryOf, withServer, type Live, type ServerFlags } from './connect.ts'
import { table, terminalWidth } from './table.ts'
import { jobColumns } from './top-view.ts'

type QueueFlags = ServerFlags & {
  readonly queue?: string
  readonly owner?: string
  readonly phase?: string
  readonly limit: string
}

const PHASES = ['starting', 'running', 'paused', 'pending', 'ended'] as const

/** Those that an empty question means, in the order in which they are shown. */
export const PRESENT: readonly Phase[] = PHASES.slice(0, 4)

type Phase = NonNullable<JobsQuery['phase']>

const LIMIT_MOST = 1000

export function queueCommand(done: (exitCode: number) => void): Command {
  return withServer(new Command('queue'))
    .summary('jobs that run and wait, and what keeps those that wait')
    .description('Lists jobs that run, then those that wait, each with where it runs or the one '
      + 'thing that keeps it.')
    .option('--queue <name>', 'only jobs of this queue')
    .option('--owner <name>', 'only jobs of this owner')
    .option('--phase <phase>', `only jobs in this phase: ${PHASES.join(', ')}`)
    .option('--limit <number>', 'jobs of each phase to list', '100')
    .addHelpText('after', '\nExample:\n  millrace queue\n  millrace queue --phase pending '
      + '--factory colossus\n  millrace queue --json | jq .items[].number')
    .action(async (flags: QueueFlags) => {
      const live = connect(flags)
      const phases = flags.phase === undefined ? PRESENT
        : [readChoice('--phase', flags.phase, PHASES) as Phase]
      const limit = readWhole('--limit', flags.limit, 1, LIMIT_MOST)
      const { queue, owner } = flags
      const found = await jobsOf(live, phases, { queue, owner, limit })
      if (flags.json === true) print(`${JSON.stringify(found)}\n`)
      else print(queueText(found, (await factoryOf(live)).name))
      done(0)
    })
}

type Wanted = { readonly queue?: string | undefined, readonly owner?: string | undefined
  readonly limit: number }

/** Jobs by phase, in that order; `isMore` where some were left out. */
export async function jobsOf(
  { client, factory }: Live, phases: readonly Phase[], wanted: Wanted) {
  const found = await Promise.all(phases.map((phase) => client.jobs({
    ...wanted, factory, phase, reasons: 'true', order: phase === 'ended' ? 'newest' : 'oldest' })))
  // Where the clock goes fast a job may end between the search for it and the answer.
  const items: Job[] = found.flatMap((page) => page.items)
    .filter(({ phase }) => phase !== 'ended' || phases.includes('ended'))
  return { items, isMore: found.some(({ next }) => next !== null), at: found[0]!.at }
}

function queueText(
  { items, isMore, at }: Awaited<ReturnType<typeof jobsOf>>, factory: string): string {
  if (items.length === 0) return `No jobs run or wait in ${factory}.\n`
  const more = isMore ? 'There are more; --limit lists them.\n' : ''
  return `${table(jobColumns(Date.parse(at)), items, terminalWidth())}${more}`
}
