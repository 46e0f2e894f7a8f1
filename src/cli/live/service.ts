import { mkdirSync } from 'node:fs'
import { isIP } from 'node:net'
import { join } from 'node:path'
import pino from 'pino'
import { startServer, type RunningServer } from '../../api/server.ts'
import { Tokens } from '../../api/tokens.ts'
import { lockFolder } from '../../journal/lock.ts'
import { InputError } from '../../model/index.ts'
import type { Controller } from '../../run/live/controller.ts'
import { VERSION } from '../../run/version.ts'
import { LogFile } from './log-file.ts'
import { startSite, type Site } from './site.ts'
import { removeServer, writeServer } from './state-folder.ts'

export type ServiceOptions = {
  /** Absolute path of the state folder. */
  readonly folder: string
  readonly sites: readonly Site[]
  readonly defaultFactory: string
  readonly host: string
  readonly port: number
}

export type Service = {
  readonly server: RunningServer
  /** The admin's token, where this is the first start on the folder. */
  readonly firstToken: string | undefined
  /** Stops to decide and to serve; jobs run on. */
  readonly close: () => Promise<void>
}

/** Brings a server up on a state folder. One at a time: a second one is refused. */
export async function startService(options: ServiceOptions): Promise<Service> {
  const { folder, sites, defaultFactory, host, port } = options
  makeFolder(folder)
  const lock = lockFolder(folder)
  const log = new LogFile(join(folder, 'server.log'))
  const controllers: Controller[] = []
  const closeAll = async () => {
    for (const controller of controllers) await controller.close()
    log.close()
    lock.release()
  }
  try {
    for (const site of sites) controllers.push(await startSite(site, folder))
    const tokens = new Tokens(folder)
    const server = await startServer({
      controllers, defaultFactory, tokens, host, port, log: pino({}, log),
    })
    writeServer(folder, { address: server.url, pid: process.pid, version: VERSION })
    return {
      server, firstToken: tokens.first,
      close: async () => {
        removeServer(folder)
        await server.close()
        await closeAll()
      },
    }
  } catch (error) {
    await closeAll()
    throw portProblem(error, host, port) ?? error
  }
}

function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
  } catch (error) {
    throw new InputError(`--state ${folder}: it cannot be made (${
      error instanceof Error ? error.message : String(error)}). Name a folder that can.`, 4)
  }
}

function portProblem(error: unknown, host: string, port: number): InputError | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : ''
  const place = isIP(host) === 6 ? `[${host}]:${port}` : `${host}:${port}`
  if (code === 'EADDRINUSE') {
    return new InputError(`Something else listens at ${place}. Give another port with --port, or `
      + '--port 0 for any that is free.', 4)
  }
  if (code === 'EACCES') {
    return new InputError(`${place} takes rights that this user has not; give a port from 1024 `
      + 'on.', 4)
  }
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') {
    return new InputError(`This machine has no address ${host}. Leave --host out for loopback.`, 4)
  }
  return undefined
}
