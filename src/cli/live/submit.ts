import { Command } from 'commander'
import { readFileSync } from 'node:fs'
import type { Submission } from '../../api/client.ts'
import { InputError } from '../../model/index.ts'
import { readSbatch, type Note, type Sbatch } from '../../run/sbatch/sbatch.ts'
import type { After } from '../../run/sbatch/values.ts'
import { repeated } from '../options.ts'
import { print } from '../print.ts'
import { dryText } from './act.ts'
import { connect, withServer, type Live, type ServerFlags } from './connect.ts'
import { jobNumber } from './job.ts'
import { submissions, type JobFlags, type What } from './submission.ts'
import { shown } from './text.ts'

type SubmitFlags = ServerFlags & JobFlags & { readonly dryRun?: true, readonly ignore?: true }

export function submitCommand(done: (exitCode: number) => void): Command {
  return withJob(withServer(new Command('submit')))
    .summary('submit a command, or a batch script of Slurm')
    .description('Submits a command after --, or a batch script, whose #SBATCH lines are read: it '
      + 'says what becomes of each. The current folder and, as with sbatch, the environment go '
      + 'with the job; --export chooses what of it.')
    .argument('[script]', 'batch script, or - for the standard input')
    .argument('[words...]', 'arguments of the script; or, after --, the command')
    .option('--ignore', 'submit a script although some of its options cannot be done')
    .option('--dry-run', 'say what would happen, and do nothing')
    .passThroughOptions()
    .addHelpText('after', `
Example:
  millrace submit --cpus 2 --time 10m -- python3 train.py
  millrace submit --gpus 8 --nodes 2 --queue research --min-throughput 0.75 -- torchrun train.py
  millrace submit train.sbatch
  millrace submit --factory colossus --gpus 4096 --work 2d
  millrace submit --after 12 --name evaluate eval.sbatch --model large`)
    .action(async (script: string | undefined, words: string[], flags: SubmitFlags,
      command: Command) => {
      const what = script === undefined && flags.work !== undefined ? NOTHING
        : whatOf(script, words, rawWords(command))
      await submit(what, flags)
      done(0)
    })
}

/** The flags that say what the job is. */
function withJob(command: Command): Command {
  return command
    .option('-J, --name <text>', 'name, for people')
    .option('-q, --queue <name>', 'queue; the factory\'s first one if left out')
    .option('-G, --gpus <number>', 'devices of the whole gang')
    .option('-c, --cpus <number>', 'cores, on each node')
    .option('-N, --nodes <number>', 'nodes; as few as hold the devices if left out')
    .option('--least-nodes <number>', 'fewest nodes that it can run on, slower')
    .option('--memory <size>', 'memory on each node, such as 64GiB')
    .option('--device <type>', 'device type, such as H100')
    .option('--level <level>', 'largest domain that it may span: node, rack, row, hall, site')
    .option('--priority <number>', 'larger goes first')
    .option('-t, --time <time>', 'how long it is expected to run, such as 4h')
    .option('--min-throughput <ratio>', 'share of its full speed that it is promised, such as '
      + '0.75; without it, it may be paused')
    .option('--class <name>', 'class of work, for power')
    .option('--worth <number>', 'what an hour of a device is worth, 1 for most jobs')
    .option('--after <job>', 'start after a job has succeeded; may be repeated', repeated, [])
    .option('--after-any <job>', 'start after a job has ended, however', repeated, [])
    .option('-D, --chdir <folder>', 'where it runs; the current folder if left out')
    .option('--export <names>', 'ALL, NONE, or variables such as HOME,SEED=3')
    .option('-o, --output <path>', 'file for its output, with %j for its number; without it, what '
      + 'millrace logs reads')
    .option('-e, --error <path>', 'the same of its errors; with the output if left out')
    .option('--checkpoint-signal <signal>', 'what it is sent when it should save: USR1, USR2, '
      + 'HUP, INT or TERM')
    .option('--grace <time>', 'how long it may take to save, such as 30s')
    .option('--pause <how>', 'when there is no power: stop (in place) or restart (later, from '
      + 'what it saved)')
    .option('--work <time>', 'on the twin: how long it really works')
}

/** Words as they were typed after the command's own name. */
function rawWords(command: Command): readonly string[] {
  let top: Command = command
  while (top.parent !== null) top = top.parent
  const { rawArgs } = top as Command & { readonly rawArgs: readonly string[] }
  return rawArgs
}

/** On a twin nothing is run: how long it works is all that there is to say. */
const NOTHING: What = { command: [], script: '' }

/** A command, where -- was typed before its first word; else a script with its arguments. */
function whatOf(
  first: string | undefined, words: readonly string[], raw: readonly string[]): What {
  const given = first === undefined ? [] : [first, ...words]
  const dashes = raw.lastIndexOf('--', raw.length - 1)
  const after = dashes < 0 ? [] : raw.slice(raw.indexOf('--') + 1)
  if (given.length === 0) {
    throw new InputError('There is nothing to submit: give a batch script, or -- and a command, '
      + 'such as millrace submit --cpus 2 -- python3 train.py. On a twin, --work 4h will do.')
  }
  if (dashes >= 0 && after.length === given.length) return { command: given, script: '' }
  const command = words.filter((word, at) => word !== '--' || at > 0)
  return { command, script: readScript(first!) }
}

function readScript(path: string): string {
  let text: string
  try {
    text = readFileSync(path === '-' ? 0 : path, 'utf8')
  } catch (error) {
    const why = error instanceof Error ? error.message : `${error}`
    throw new InputError(`${path} cannot be read as a batch script (${why}). To run a command, put `
      + `-- before it: millrace submit -- ${path}`)
  }
  if (text.includes('\0')) {
    throw new InputError(`${path} is a program, not a batch script. Put -- before it: millrace `
      + `submit -- ${path}`)
  }
  return text
}

async function submit(what: What, flags: SubmitFlags): Promise<void> {
  const sbatch = what.script === '' ? undefined : readSbatch(what.script)
  const live = connect(flags)
  if (sbatch !== undefined) checkNotes(sbatch, flags)
  const after = await dependencies(live, flags, sbatch)
  const shell = { directory: process.cwd(), environment: process.env }
  const jobs = submissions(flags, sbatch?.wish, what, after, shell)
  const answers = []
  for (const job of jobs) answers.push(await submitOne(live, job, flags))
  if (flags.json !== true) return
  print(`${JSON.stringify({ jobs: answers, options: sbatch?.notes ?? [] })}\n`)
}

/** Says what becomes of each option of a script; what cannot be done stops it. */
function checkNotes({ notes }: Sbatch, flags: SubmitFlags): void {
  const refused = notes.filter(({ does }) => does === 'refused')
  const isStopped = refused.length > 0 && flags.ignore !== true
  if (isStopped) {
    throw new InputError(`${notesText(refused)}Nothing was submitted. Take that out of the script, `
      + 'or leave it out here: --ignore.')
  }
  if (flags.json !== true && notes.length > 0) process.stderr.write(notesText(notes))
}

const DOES = { honoured: 'honoured', ignored: 'ignored', refused: 'left out' } as const

function notesText(notes: readonly Note[]): string {
  const width = Math.max(...notes.map(({ written }) => shown(written).length))
  return notes.map(({ line, written, does, says }) => `line ${`${line}`.padEnd(3)} ${
    shown(written).padEnd(width)}  ${DOES[does].padEnd(8)}  ${shown(says)}\n`).join('')
}

async function dependencies(
  live: Live, flags: SubmitFlags, sbatch: Sbatch | undefined): Promise<After[]> {
  const found: After[] = []
  for (const each of flags.after) {
    found.push({ number: await jobNumber(live, each), on: 'completed' })
  }
  for (const each of flags.afterAny) {
    found.push({ number: await jobNumber(live, each), on: 'ended' })
  }
  return found.length > 0 ? found : [...sbatch?.wish.after ?? []]
}

async function submitOne(live: Live, job: Submission, flags: SubmitFlags) {
  const { client, factory } = live
  const answer = await client.submit(job, { factory, dryRun: flags.dryRun === true })
  if (flags.json === true) return answer
  const name = job.name === undefined || job.name === '' ? '' : ` (${shown(job.name)})`
  if ('dryRun' in answer) print(dryText(`Job ${answer.number}${name} would be taken`, answer))
  else {
    print(`Job ${answer.number}${name} is submitted to ${answer.factory}.\n`)
  }
  return answer
}

