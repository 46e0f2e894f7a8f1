import { Command } from 'commander'
import { ApiError } from '../../api/client.ts'
import { fromSeconds } from '../../base/units.ts'
import { readWhole } from '../options.ts'
import { print } from '../print.ts'
import { connect, factoryOf, withServer, type Live, type ServerFlags } from './connect.ts'
import { jobsOf, PRESENT } from './queue.ts'
import { looksOf, Screen } from './terminal.ts'
import { topLines, type TopView } from './top-view.ts'

type TopFlags = ServerFlags & { readonly once?: true, readonly every: string }

/** Jobs of each phase that are asked for: more fit no screen. */
const JOBS_MOST = 100

const EVERY_MOST = 3600

export function topCommand(done: (exitCode: number) => void): Command {
  return withServer(new Command('top'))
    .summary('watch a factory: GPUs, power, feeders and jobs')
    .description('Shows a factory as it is, again and again: GPUs at work, power, the feeders that '
      + 'come nearest to their limits, and jobs. q leaves, f goes to the next factory. Where the '
      + 'output is no terminal it prints once.')
    .option('--once', 'print once')
    .option('--every <seconds>', 'how often it looks', '1')
    .addHelpText('after', '\nExample:\n  millrace top --factory colossus')
    .action(async (flags: TopFlags) => {
      const everyMs = fromSeconds(readWhole('--every', flags.every, 1, EVERY_MOST))
      const live = connect(flags)
      if (flags.json === true) print(`${JSON.stringify(await viewOf(live))}\n`)
      else if (flags.once === true || !process.stdout.isTTY) {
        const looks = { ...looksOf(process.env), isColour: false }
        print(`${topLines(await viewOf(live), terminalColumns(), Infinity, looks).join('\n')}\n`)
      } else await watch(live, everyMs)
      done(0)
    })
}

function terminalColumns(): number {
  return process.stdout.isTTY ? process.stdout.columns : Infinity
}

/** Shows it until somebody leaves. What was seen last stays while the server does not answer. */
async function watch(first: Live, everyMs: number): Promise<void> {
  let live = first
  let view = await viewOf(live)
  let wake = () => {}
  let isOver = false
  let isNext = false
  const looks = looksOf(process.env)
  const draw = () => screen.draw(topLines(view, screen.columns, screen.rows, looks))
  const screen = new Screen((key) => {
    isOver = key === 'q' || key === 'ctrl-c' || key === 'escape'
    isNext = key === 'f'
    wake()
  }, draw)
  const stop = () => {
    isOver = true
    wake()
  }
  process.once('SIGTERM', stop)
  try {
    while (!isOver) {
      draw()
      await new Promise<void>((done) => {
        const timer = setTimeout(done, everyMs)
        wake = () => {
          clearTimeout(timer)
          done()
        }
      })
      if (isOver) break
      try {
        if (isNext) live = await nextFactory(live)
        isNext = false
        view = await viewOf(live)
      } catch (error) {
        if (!(error instanceof ApiError)) throw error
        view = { ...view, stale: `As it was last seen. ${error.message}` }
      }
    }
  } finally {
    process.removeListener('SIGTERM', stop)
    screen.close()
  }
}

async function nextFactory(live: Live): Promise<Live> {
  const { items } = await live.client.factories()
  const at = items.findIndex(({ name, isDefault }) =>
    live.factory === undefined ? isDefault : name === live.factory)
  return { ...live, factory: items[(at + 1) % items.length]!.name }
}

/** As many as one answer holds are looked through. */
const FEEDERS_MOST = 1000

async function viewOf(live: Live): Promise<TopView> {
  const [factory, jobs, page] = await Promise.all([
    factoryOf(live), jobsOf(live, PRESENT, { limit: JOBS_MOST }),
    live.client.feeders({ factory: live.factory, limit: FEEDERS_MOST }),
  ])
  const use = ({ grantW, limitW }: { grantW: number, limitW: number }) =>
    limitW === 0 ? 0 : grantW / limitW
  const roots = page.items.filter(({ parent }) => parent === null)
  const others = page.items.filter(({ parent }) => parent !== null)
    .toSorted((a, b) => use(b) - use(a))
  return { factory, feeders: [...roots, ...others], jobs: jobs.items, stale: '' }
}
