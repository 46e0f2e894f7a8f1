import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import * as z from 'zod'

/** The folder in which a server keeps what it has, and how others of the same user find it. */

const SERVER = 'server.json'
const TOKEN = 'token'

const serverSchema = z.object({ address: z.url(), pid: z.int(), version: z.string() })

/** Where a server listens, as it has written it. */
export type ServerFile = z.infer<typeof serverSchema>

/** `$XDG_STATE_HOME/millrace`, or `~/.local/state/millrace`. */
export function defaultFolder(): string {
  const base = process.env['XDG_STATE_HOME'] ?? ''
  // The specification has relative paths ignored.
  return join(base.startsWith('/') ? base : join(homedir(), '.local/state'), 'millrace')
}

/** Undefined where none was started, or another program wrote the file. */
export function readServer(folder: string): ServerFile | undefined {
  try {
    return serverSchema.parse(JSON.parse(readFileSync(join(folder, SERVER), 'utf8')))
  } catch {
    return undefined
  }
}

export function writeServer(folder: string, server: ServerFile): void {
  writeFileSync(join(folder, SERVER), `${JSON.stringify(server)}\n`, { mode: 0o600 })
}

export function removeServer(folder: string): void {
  rmSync(join(folder, SERVER), { force: true })
}

/** The admin's token of the first start, which only the server's own user can read. */
export function readToken(folder: string): string | undefined {
  try {
    const text = readFileSync(join(folder, TOKEN), 'utf8').trim()
    return text === '' ? undefined : text
  } catch {
    return undefined
  }
}

/** Whether a process of that id is there; that of another user counts. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}
