import { createHash, randomBytes } from 'node:crypto'
import { fromHours, toSeconds } from '../base/units.ts'

/**
 * Sessions of the page: a cookie that a browser sends by itself and that no script can read, in
 * place of the token. They are in memory alone, so a restart of the server ends them.
 */

const COOKIE = 'millrace-session'
const LASTS_MS = fromHours(12)

/** Browsers forget to sign out; the oldest session goes first. */
const SESSIONS_MOST = 1000

type Session = { readonly tokenId: string, readonly endAtMs: number }

export class Sessions {
  private readonly byHash = new Map<string, Session>()

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
    if (secret !== undefined) this.byHash.delete(hashOf(secret))
    return cookieOf('', 0)
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
