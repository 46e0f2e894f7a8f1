import { Command } from 'commander'
import type { Factory } from '../../api/client.ts'
import { formatCount, formatPower } from '../../base/units.ts'
import { print } from '../print.ts'
import { connect, withServer, type ServerFlags } from './connect.ts'
import { table, terminalWidth } from './table.ts'
import { shown } from './text.ts'
import { shownWhen } from './when.ts'

export function factoriesCommand(done: (exitCode: number) => void): Command {
  return withServer(new Command('factories'))
    .summary('factories that the server runs')
    .description('Lists the factories that the server runs, each with its clock, work and power.')
    .addHelpText('after', '\nExample:\n  millrace factories')
    .action(async (flags: ServerFlags) => {
      const answer = await connect(flags).client.factories()
      if (flags.json === true) print(`${JSON.stringify(answer)}\n`)
      else print(factoriesText(answer.items))
      done(0)
    })
}

function factoriesText(factories: readonly Factory[]): string {
  const stopped = factories.filter(({ health }) => !health.isDeciding)
  const text = table<Factory>([
    { head: 'FACTORY', of: ({ name, isDefault }) => isDefault ? `${name} *` : name },
    { head: 'ENGINE', of: ({ engine }) => engine },
    { head: 'PACE', align: 'right', of: ({ pace }) => formatCount(pace) },
    { head: 'CLOCK', of: ({ at }) => shownWhen(Date.parse(at), Date.parse(at)) },
    { head: 'GPUS', align: 'right', of: ({ gpus }) => formatCount(gpus.total) },
    { head: 'AT WORK', align: 'right', of: ({ gpus }) => formatCount(gpus.busy) },
    { head: 'RUN', align: 'right', of: ({ jobs }) => formatCount(jobs.running) },
    { head: 'WAIT', align: 'right', of: ({ jobs }) => formatCount(jobs.pending) },
    { head: 'LIMIT', align: 'right', of: ({ power }) => formatPower(power.limitW) },
    { head: 'GRANTED', align: 'right', of: ({ power }) => formatPower(power.grantW) },
  ], factories, terminalWidth())
  const problems = stopped.map(({ name, health }) =>
    `${name} does not decide: ${shown(health.problem)}\n`)
  return `${text}${problems.join('')}* is meant where no --factory is given.\n`
}
