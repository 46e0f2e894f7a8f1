import { Command } from 'commander'
import type { NewToken, Token } from '../../api/client.ts'
import { parseSpan } from '../../base/units.ts'
import { InputError } from '../../model/index.ts'
import { readChoice } from '../options.ts'
import { print } from '../print.ts'
import { connect, withServer, type ServerFlags } from './connect.ts'
import { table, terminalWidth } from './table.ts'
import { shownWhen } from './when.ts'

const ROLES = ['viewer', 'submitter', 'operator', 'admin'] as const

type CreateFlags = ServerFlags & {
  readonly role: string
  readonly expires?: string
  readonly account?: string
}

export function tokenCommand(done: (exitCode: number) => void): Command {
  return new Command('token')
    .summary('who may speak to the server, and as what')
    .description('Lists, makes and takes away the tokens of a server. Viewers see, submitters '
      + 'submit and act on their own jobs, operators on all jobs, nodes and limits, admins on '
      + 'tokens.')
    .addHelpText('after', '\nExample:\n  millrace token create kim --role submitter --expires 90d')
    .addCommand(list(done))
    .addCommand(create(done))
    .addCommand(revoke(done))
}

function list(done: (exitCode: number) => void): Command {
  return withServer(new Command('list'))
    .description('Lists tokens; what they are is shown to nobody.')
    .addHelpText('after', '\nExample:\n  millrace token list')
    .action(async (flags: ServerFlags) => {
      const tokens = await connect(flags).client.tokens()
      if (flags.json === true) print(`${JSON.stringify(tokens)}\n`)
      else print(tokensText(tokens.items))
      done(0)
    })
}

function tokensText(tokens: readonly Token[]): string {
  const nowMs = Date.now()
  const when = (at: string | null, never: string) =>
    at === null ? never : shownWhen(Date.parse(at), nowMs)
  return table<Token>([
    { head: 'ID', of: ({ id }) => id },
    { head: 'NAME', mayCut: true, of: ({ name }) => name },
    { head: 'ROLE', of: ({ role }) => role },
    { head: 'ACCOUNT', of: ({ account }) => account },
    { head: 'EXPIRES', of: ({ expiresAt }) => when(expiresAt, 'never') },
    { head: 'LAST USED', of: ({ lastUsedAt }) => when(lastUsedAt, 'never') },
  ], tokens, terminalWidth())
}

function create(done: (exitCode: number) => void): Command {
  return withServer(new Command('create'))
    .description('Makes a token and prints it, this once. Only its hash is kept.')
    .argument('<name>', 'whose it is')
    .requiredOption('--role <role>', ROLES.join(', '))
    .option('--expires <time>', 'how long it holds, such as 90d; for ever if left out')
    .option('--account <name>', 'account of the machine that its jobs run as, where the server '
      + 'is root')
    .addHelpText('after', '\nExample:\n  millrace token create kim --role submitter --expires 90d')
    .action(async (name: string, flags: CreateFlags) => {
      const role = readChoice('--role', flags.role, ROLES)
      const made = await connect(flags).client.makeToken({
        name, role: role as NewToken['role'],
        ...flags.account === undefined ? {} : { account: flags.account },
        ...flags.expires === undefined ? {} : { lifeMs: expiresIn(flags.expires) },
      })
      print(flags.json === true ? `${JSON.stringify(made)}\n` : `${made.token}\n`)
      done(0)
    })
}

function expiresIn(text: string): number {
  const parsed = parseSpan(text)
  if ('problem' in parsed) throw new InputError(`--expires: ${parsed.problem}; such as 90d.`)
  return parsed.value
}

function revoke(done: (exitCode: number) => void): Command {
  return withServer(new Command('revoke'))
    .description('Takes tokens away; whoever has them is refused at once.')
    .argument('<token...>', 'ids of "millrace token list", or names')
    .addHelpText('after', '\nExample:\n  millrace token revoke kim')
    .action(async (wanted: readonly string[], flags: ServerFlags) => {
      const { client } = connect(flags)
      const { items } = await client.tokens()
      for (const each of wanted) {
        const found = items.find(({ id }) => id === each) ?? items.find(({ name }) => name === each)
        if (found === undefined) {
          throw new InputError(`There is no token ${each}; "millrace token list" has them.`)
        }
        await client.removeToken(found.id)
        print(flags.json === true ? `${JSON.stringify(found)}\n`
          : `The token ${found.id} of ${found.name} is void.\n`)
      }
      done(0)
    })
}
