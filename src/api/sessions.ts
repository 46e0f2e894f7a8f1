import { createHash, randomBytes } from 'node:crypto'
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import * as z from 'zod'
import { fromHours, toSeconds } from '../base/units.ts'
import { writePrivate } from './private-file.ts'

/**
 * Sessions of the page: a cookie that a browser sends by itself and that no script can read, in
 * place of the token. The hashes of their secrets lie beside those of the tokens, so that a page
 * goes on by itself when the server was started again. A session ends with its token.
 */

const COOKIE = 'millrace-session'
const LASTS_MS = fromHours(12)

/** Browsers forget to sign out; the oldest session goes first. */
const SESSIONS_MOST = 1000

const FILE = 'sessions.json'

const fileSchema = z.object({ version: z.literal(1), sessions: z.array(z.object({
  /** SHA-256 of the secret in the cookie, hexadecimal. */
  hash: z.string().regex(/^[0-9a-f]{64}$/),
  tokenId: z.string(),
  /** Wall-clock milliseconds since 1970. */
  endAtMs: z.number(),
})) })

type Session = { readonly tokenId: string, readonly endAtMs: number }

export class Sessions {
  private readonly byHash = new Map<string, Session>()
  private readonly path: string

  /** Takes up the sessions of a state folder. */
  constructor(folder: string) {
    this.path = join(folder, FILE)
    for (const { hash, ...session } of readSessions(this.path)) this.byHash.set(hash, session)
  }

  /** Begins a session of a token; returns the header that sets its cookie, and its end. */
  begin(tokenId: string): { readonly cookie: string, readonly endAtMs: number } {
    const secret = randomBytes(32).toString('base64url')
    const endAtMs = Date.now() + LASTS_MS
    for (const [hash, session] of this.byHash) {
      if (session.endAtMs <= Date.now() || this.byHash.size >= SESSIONS_MOST) {
        this.byHash.delete(hash)
      }
    }
    this.byHash.set(hashOf(secret), { tokenId, endAtMs })
    this.write()
    return { cookie: cookieOf(secret, LASTS_MS), endAtMs }
  }

  /** Id of the token whose session a Cookie header names. */
  find(header: string | undefined): string | undefined {
    const secret = secretIn(header)
    const session = secret === undefined ? undefined : this.byHash.get(hashOf(secret))
    return session !== undefined && session.endAtMs > Date.now() ? session.tokenId : undefined
  }

  /** Ends the session that a Cookie header names; returns the header that takes it away. */
  end(header: string | undefined): string {
    const secret = secretIn(header)
    if (secret !== undefined && this.byHash.delete(hashOf(secret))) this.write()
    return cookieOf('', 0)
  }

  /** Where the disk is full sessions hold until the server ends, and none that ended comes back. */
  private write(): void {
    const sessions = [...this.byHash].map(([hash, session]) => ({ hash, ...session }))
    try {
      writePrivate(this.path, `${JSON.stringify({ version: 1, sessions }, null, 2)}\n`)
    } catch {
      rmSync(this.path, { force: true })
    }
  }
}

/** A file that cannot be read is none: people sign in anew. */
function readSessions(path: string): readonly z.infer<typeof fileSchema>['sessions'][number][] {
  if (!existsSync(path)) return []
  try {
    return fileSchema.parse(JSON.parse(readFileSync(path, 'utf8'))).sessions
  } catch {
    return []
  }
}

/** Only its hash is kept, so it is looked up without comparing secrets byte by byte. */
function hashOf(secret: string): string {
  return createHash('sha256').update(secret).digest('hex')
}

function cookieOf(secret: string, lastsMs: number): string {
  return `${COOKIE}=${secret}; Path=/; HttpOnly; SameSite=Strict; Max-Age=${toSeconds(lastsMs)}`
}

function secretIn(header: string | undefined): string | undefined {
  const pair = header?.split(';').map((part) => part.trim())
    .find((part) => part.startsWith(`${COOKIE}=`))
  return pair?.slice(COOKIE.length + 1)
}
