import { Command } from 'commander'
import { ApiError, type Logs } from '../../api/client.ts'
import { fromSeconds } from '../../base/units.ts'
import { print } from '../print.ts'
import { connect, withServer, type Live, type ServerFlags } from './connect.ts'
import { jobNumber } from './job.ts'

type LogFlags = ServerFlags & { readonly follow?: true, readonly file?: string }

/** How long a question waits at the server where there is nothing new. */
const WAIT_MS = fromSeconds(10)

/** Between two looks whether a job that waits has started. */
const LOOK_MS = fromSeconds(0.5)

export function logsCommand(done: (exitCode: number) => void): Command {
  return withServer(new Command('logs'))
    .summary('what a job wrote; -f follows it to its end')
    .description('Prints what a job wrote to its standard output and error. With -f it waits for '
      + 'its start and goes on to its end, and says how that was.')
    .argument('<job>', 'number of a job, or its name')
    .option('-f, --follow', 'go on as it writes, until it has ended')
    .option('--file <path>', 'another of its files: of a gang, each node has its own')
    .addHelpText('after', '\nExample:\n  millrace logs -f 12')
    .action(async (wanted: string, flags: LogFlags) => {
      const live = connect(flags)
      const number = await jobNumber(live, wanted)
      const isFollowing = flags.follow === true
      if (isFollowing) await untilStarted(live, number)
      await copy(live, number, flags)
      if (isFollowing) await tellEnd(live, number)
      done(0)
    })
}

/** A job that waits has no log yet. */
async function untilStarted({ client, factory }: Live, number: number): Promise<void> {
  let isTold = false
  for (;;) {
    const { phase, reason, progress } = await client.job(number, { factory })
    if (phase === 'ended' || (progress !== null && progress.logs.length > 0)) return
    if (!isTold && phase === 'pending') {
      process.stderr.write(`Job ${number} waits. ${reason?.sentence ?? ''}\n`)
      isTold = true
    }
    await new Promise((look) => { setTimeout(look, LOOK_MS) })
  }
}

/** All that is there; where it is followed, all that comes until the job has ended. */
async function copy(
  { client, factory }: Live, number: number, { file, follow, json }: LogFlags): Promise<void> {
  let from = 0
  for (;;) {
    const waitMs = follow === true ? WAIT_MS : 0
    const part = await client.logs(number, { factory, file, from, waitMs })
    if (json === true) print(`${JSON.stringify(part)}\n`)
    else print(process.stdout.isTTY ? tame(part.text) : part.text)
    from = part.next
    if (isLast(part, follow === true)) return
  }
}

function isLast({ isOver, text, next, size }: Logs, isFollowed: boolean): boolean {
  if (next < size && text !== '') return false
  return isOver || !isFollowed
}

/** How it ended, beside its output: whoever reads that by a pipe does not want it there. */
async function tellEnd({ client, factory }: Live, number: number): Promise<void> {
  try {
    const { outcome } = await client.job(number, { factory })
    if (outcome !== null) process.stderr.write(`Job ${number} ${
      outcome === 'cancelled' ? 'was cancelled' : outcome}.\n`)
  } catch (error) {
    // Long ago, and no longer remembered: its log is all there is.
    if (!(error instanceof ApiError)) throw error
  }
}

/** On a terminal colours stay; what would move the cursor or speak to the terminal does not. */
function tame(text: string): string {
  return text.replaceAll(/\p{Cc}(?:\[[0-9;]*m)?/gu, (found) =>
    /^[\n\r\t]/.test(found) || (found.startsWith('\u001B') && found.endsWith('m')) ? found : '')
}
