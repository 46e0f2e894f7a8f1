// Starts a server over small controllers on loopback, with a token of each role.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pino from 'pino'
import { Client } from '../src/api/client.ts'
import { startServer, type RunningServer, type ServerOptions } from '../src/api/server.ts'
import { Tokens } from '../src/api/tokens.ts'
import type { Controller } from '../src/run/live/controller.ts'
import { SmallController } from './small-controller.ts'
import { toyPlant, toyRow } from './toy-plant.ts'

export type Served = {
  readonly server: RunningServer
  readonly folder: string
  readonly tokens: Tokens
  /** Secrets by role, and one more submitter. */
  readonly secrets: Readonly<Record<'viewer' | 'submitter' | 'other' | 'operator' | 'admin',
    string>>
  readonly clientOf: (role: keyof Served['secrets']) => Client
  /** What was logged, a line of JSON each. */
  readonly lines: string[]
  readonly close: () => Promise<void>
}

/** Eight nodes of one GPU in two racks, and two queues. */
export function smallFactory(name = 'small'): SmallController {
  return new SmallController(name, toyPlant({
    sites: toyRow(4, 4), queues: [{ name: 'day' }, { name: 'night' }],
  }))
}

export async function serve(
  controllers: readonly Controller[], given: Partial<ServerOptions> = {}): Promise<Served> {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-api-'))
  const tokens = new Tokens(folder)
  const made = (['viewer', 'submitter', 'operator'] as const).map((role) =>
    [role, tokens.make({ name: role, role, account: '', expiresAtMs: 0, madeBy: '' }).token])
  const other = tokens.make({ name: 'other', role: 'submitter', account: '', expiresAtMs: 0,
    madeBy: '' }).token
  const secrets = { ...Object.fromEntries(made), other, admin: tokens.first! }
  const lines: string[] = []
  const log = pino({ level: 'trace' }, { write: (line: string) => { lines.push(line) } })
  const server = await startServer({
    controllers, defaultFactory: controllers[0]!.name, tokens, port: 0, log, ...given })
  return {
    server, folder, tokens, secrets, lines,
    clientOf: (role) => new Client({ url: server.url, token: secrets[role], retries: 0 }),
    close: async () => {
      await server.close()
      rmSync(folder, { recursive: true })
    },
  }
}
