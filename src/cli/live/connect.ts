import type { Command } from 'commander'
import { Client, type ApiError, type Factory } from '../../api/client.ts'
import { InputError } from '../../model/index.ts'
import { defaultFolder, isAlive, readServer, readToken } from './state-folder.ts'

/** Flags of every command that speaks to a server. */
export type ServerFlags = {
  readonly state?: string
  readonly factory?: string
  readonly json?: true
}

export function withServer(command: Command): Command {
  return command
    .option('--factory <name>', 'factory of the server; MILLRACE_FACTORY, else its default one')
    .option('--state <folder>', 'state folder of the server; else MILLRACE_URL and MILLRACE_TOKEN, '
      + 'else the usual folder')
    .option('--json', 'print what the server says, as JSON')
}

/** A server, and the factory of it that is meant. */
export type Live = {
  readonly client: Client
  /** Undefined: its default one. */
  readonly factory: string | undefined
}

/** Finds the server; it is not spoken to yet. Throws an InputError that says what to do. */
export function connect({ state, factory }: ServerFlags): Live {
  const { MILLRACE_URL = '', MILLRACE_TOKEN = '', MILLRACE_FACTORY = '' } = process.env
  const folder = state ?? defaultFolder()
  const server = readServer(folder)
  const isNamed = state === undefined && MILLRACE_URL !== ''
  const url = isNamed ? MILLRACE_URL.replace(/\/+$/, '') : server?.address
  if (url === undefined) {
    throw new InputError(`No server of Millrace has ${folder}. Start one with "millrace up", or `
      + 'set MILLRACE_URL and MILLRACE_TOKEN to use one elsewhere.', 4)
  }
  if (!isNamed && !isAlive(server!.pid)) {
    throw new InputError(`The server of ${folder} (process ${server!.pid}) is gone; its jobs run `
      + 'on. Start it again with "millrace up", or "npm start".', 4)
  }
  // The token in the folder is the admin's: it goes to that server only, whatever else is set.
  const own = url === server?.address ? readToken(folder) : undefined
  const isOwn = state !== undefined || MILLRACE_TOKEN === ''
  const token = isOwn ? own ?? MILLRACE_TOKEN : MILLRACE_TOKEN
  if (token === '') {
    throw new InputError(`There is no token for ${url}: set MILLRACE_TOKEN to one that an admin `
      + 'made with "millrace token create".')
  }
  return {
    client: new Client({ url, token }),
    factory: factory ?? (MILLRACE_FACTORY === '' ? undefined : MILLRACE_FACTORY),
  }
}

/** The factory that is meant, as it is now. */
export async function factoryOf({ client, factory }: Live): Promise<Factory> {
  const { items } = await client.factories()
  const found = items.find(({ name, isDefault }) =>
    factory === undefined ? isDefault : name === factory)
  if (found !== undefined) return found
  throw new InputError(`There is no factory ${factory}; the server has ${
    items.map(({ name }) => name).join(' and ')}.`)
}

/** What a server said no to, as an error of the command line. */
export function inputErrorOf({ message, problem, status }: ApiError): InputError {
  // One place is what the message is about already.
  const wrong = problem?.errors ?? []
  const places = wrong.length < 2 ? [] : wrong.map(({ place, value, limit }) =>
    `\n  ${place}: ${value}; ${limit}`)
  return new InputError(`${message}${places.join('')}`, status >= 400 && status < 500 ? 2 : 4)
}
