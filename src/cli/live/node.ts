import { Command } from 'commander'
import { print } from '../print.ts'
import { dryText } from './act.ts'
import { connect, withServer, type ServerFlags } from './connect.ts'

type NodeFlags = ServerFlags & { readonly dryRun?: true, readonly reason: string }

const RANGE = 'a site, hall, row, rack or node by name, a node by number, or a range such as 16-31'

/** `drain` and `resume`. */
export function nodeCommands(done: (exitCode: number) => void): Command[] {
  return (['drain', 'resume'] as const).map((type) => {
    const isDrain = type === 'drain'
    const command = withServer(new Command(type))
      .summary(isDrain ? 'let nothing new start on nodes' : 'let drained nodes serve again')
      .description(isDrain ? 'Lets nothing new start on nodes; what runs there runs on.'
        : 'Lets drained nodes serve again.')
      .argument('<node...>', RANGE)
      .option('--dry-run', 'say what would happen, and do nothing')
    const reason = '--reason <text>'
    if (isDrain) command.requiredOption(reason, 'why, for people')
    else command.option(reason, 'why, for people', '')
    return command
      .addHelpText('after', isDrain
        ? '\nExample:\n  millrace drain hall1/row01/rack03 --reason "leaking cold plate"'
        : '\nExample:\n  millrace resume hall1/row01/rack03')
      .action(async (wanted: readonly string[], flags: NodeFlags) => {
        const { client, factory } = connect(flags)
        const options = { factory, dryRun: flags.dryRun === true }
        for (const nodes of wanted) {
          const answer = await client[type](nodes, flags.reason, options)
          if (flags.json === true) print(`${JSON.stringify(answer)}\n`)
          else if ('dryRun' in answer) print(dryText(`${nodes}: ${type} would be done`, answer))
          else print(isDrain ? `${nodes} is drained: nothing new starts there.\n`
            : `${nodes} serves again.\n`)
        }
        done(0)
      })
  })
}
