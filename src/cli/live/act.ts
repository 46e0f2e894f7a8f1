import { Command } from 'commander'
import type { Done, DryRun } from '../../api/client.ts'
import { print } from '../print.ts'
import { connect, withServer, type Live, type ServerFlags } from './connect.ts'
import { jobNumbers } from './job.ts'

type ActFlags = ServerFlags & { readonly dryRun?: true, readonly reason?: string }

type Act = {
  readonly name: 'cancel' | 'hold' | 'release' | 'requeue' | 'checkpoint'
  readonly summary: string
  readonly description: string
  /** What is said of a job once it is so. */
  readonly done: string
}

const ACTS: readonly Act[] = [
  { name: 'cancel', summary: 'end jobs', done: 'is cancelled',
    description: 'Ends jobs: those that wait are taken away, those that run are stopped.' },
  { name: 'hold', summary: 'keep jobs that wait from starting', done: 'is held',
    description: 'Keeps jobs that wait from starting, until they are released.' },
  { name: 'release', summary: 'let held jobs start', done: 'is released',
    description: 'Lets held jobs start again when it is their turn.' },
  { name: 'requeue', summary: 'take jobs\' nodes away; they wait again', done: 'waits again',
    description: 'Takes the nodes of jobs that run away; they wait and start again from what they '
      + 'saved.' },
  { name: 'checkpoint', summary: 'let jobs save their work now', done: 'is to save its work',
    description: 'Sends jobs that run their signal to save their work now.' },
]

/** What can be done to jobs, each by a command of its own. */
export function actCommands(done: (exitCode: number) => void): Command[] {
  return ACTS.map((act) => {
    const command = withServer(new Command(act.name))
      .summary(act.summary)
      .description(act.description)
      .argument('<job...>', 'numbers of jobs, or their names')
      .option('--dry-run', 'say what would happen, and do nothing')
      .addHelpText('after', `\nExample:\n  millrace ${act.name} 12 13`)
      .action(async (wanted: readonly string[], flags: ActFlags) => {
        await perform(act, wanted, flags)
        done(0)
      })
    if (act.name === 'requeue') command.option('--reason <text>', 'why, for people')
    return command
  })
}

async function perform(
  { name, done: said }: Act, wanted: readonly string[], flags: ActFlags): Promise<void> {
  const live = connect(flags)
  const isDry = flags.dryRun === true
  for (const number of await jobNumbers(live, wanted)) {
    const answer = await ask(live, name, number, isDry, flags.reason ?? 'requeued by hand')
    if (flags.json === true) print(`${JSON.stringify(answer)}\n`)
    else if ('dryRun' in answer) print(dryText(`Job ${number}: ${name} would be done`, answer))
    else print(`Job ${number} ${said}.\n`)
  }
}

function ask(
  { client, factory }: Live, name: Act['name'], number: number, dryRun: boolean, reason: string,
): Promise<Done | DryRun> {
  const options = { factory, dryRun }
  return name === 'requeue' ? client.requeue(number, reason, options)
    : client[name](number, options)
}

/** What would follow in the same turn. */
export function dryText(head: string, { starts, stops }: DryRun): string {
  const list = (verb: string, numbers: readonly number[]) =>
    numbers.length === 0 ? '' : `; ${numbers.slice(0, 10).join(', ')}${
      numbers.length > 10 ? ` and ${numbers.length - 10} more` : ''} would ${verb}`
  return `${head}${list('start', starts)}${list('stop', stops)}. Nothing was changed.\n`
}
