import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as z from 'zod'
import { fromMinutes } from '../base/units.ts'
import { InputError } from '../model/index.ts'
import { writePrivate } from './private-file.ts'
import { ProblemError } from './problem.ts'
import { ROLES, type Role } from './schema-server.ts'

/**
 * Who may speak to the server. A token is 256 random bits, so nobody guesses it and no list of
 * likely ones helps: one round of SHA-256 keeps it as safe as a slow hash would a password, and
 * costs a microsecond a request.
 */

const SECRET_BYTES = 32
const ID_BYTES = 6

/** More are a leak of tokens. */
const TOKENS_MOST = 10_000

/** When a token was last used is kept to the minute: it is no reason to write on each request. */
const USED_EVERY_MS = fromMinutes(1)

const FILE = 'tokens.json'
const FIRST = 'token'

const recordSchema = z.object({
  id: z.string(),
  /** SHA-256 of the whole token, hexadecimal. */
  hash: z.string().regex(/^[0-9a-f]{64}$/),
  name: z.string(),
  role: z.enum(ROLES),
  account: z.string(),
  /** Wall-clock milliseconds since 1970; 0: never. */
  createdAtMs: z.number(),
  expiresAtMs: z.number(),
  lastUsedAtMs: z.number(),
  /** Idempotency key of the request that made it, and who sent that; '' for none. */
  madeBy: z.string(),
})

const fileSchema = z.object({ version: z.literal(1), tokens: z.array(recordSchema) })

export type TokenRecord = z.infer<typeof recordSchema>

export type NewRecord = {
  readonly name: string
  readonly role: Role
  readonly account: string
  /** 0: it does not expire. */
  readonly expiresAtMs: number
  readonly madeBy: string
}

export type Made = { readonly record: TokenRecord, readonly token: string }

export class Tokens {
  /** The admin token of the first start; undefined at later ones. */
  readonly first: string | undefined
  readonly folder: string
  private readonly nowMs: () => number
  private readonly byId = new Map<string, TokenRecord>()
  private writtenAtMs = 0

  /** Opens the tokens of a state folder, or makes an admin's where there are none. */
  constructor(folder: string, nowMs: () => number = Date.now) {
    this.folder = folder
    this.nowMs = nowMs
    const path = join(folder, FILE)
    if (existsSync(path)) {
      for (const record of readTokens(path)) this.byId.set(record.id, record)
      this.first = undefined
      return
    }
    const { token } = this.make({
      name: 'admin', role: 'admin', account: '', expiresAtMs: 0, madeBy: '' })
    writePrivate(join(folder, FIRST), `${token}\n`)
    this.first = token
  }

  /** Whose token it is; undefined where it is not known or has expired. */
  find(token: string): TokenRecord | undefined {
    const id = /^mr_([A-Za-z0-9_-]{8})_[A-Za-z0-9_-]{43}$/.exec(token)?.[1]
    const record = id === undefined ? undefined : this.byId.get(id)
    // The same work is done for an id that is not known, and the hashes are compared whole.
    const isSame = timingSafeEqual(hashOf(token), Buffer.from(record?.hash ?? NOBODY, 'hex'))
    return isSame && record !== undefined ? this.live(record.id) : undefined
  }

  /** The record of an id, unless it has expired or is gone; it counts as used now. */
  live(id: string): TokenRecord | undefined {
    const record = this.byId.get(id)
    const nowMs = this.nowMs()
    if (record === undefined) return undefined
    if (record.expiresAtMs > 0 && record.expiresAtMs <= nowMs) return undefined
    record.lastUsedAtMs = nowMs
    if (nowMs - this.writtenAtMs >= USED_EVERY_MS) this.tryToWrite()
    return record
  }

  list(): readonly TokenRecord[] {
    return [...this.byId.values()]
  }

  /**
   * Makes a token. The same key of the same client makes no second one: it gives the one that the
   * key made a new secret, since the answer with the old one was lost.
   */
  make(wanted: NewRecord): Made {
    const again = wanted.madeBy === '' ? undefined
      : this.list().find(({ madeBy }) => madeBy === wanted.madeBy)
    if (again !== undefined && (again.name !== wanted.name || again.role !== wanted.role)) {
      throw new ProblemError('key-reused', `The key made the token of ${again.name} before.`)
    }
    if (again === undefined && this.list().some(({ name }) => name === wanted.name)) {
      throw new ProblemError('name-taken', `There is a token of ${wanted.name} already.`)
    }
    if (this.byId.size >= TOKENS_MOST) {
      throw new ProblemError('not-possible-now',
        `There are ${TOKENS_MOST} tokens already. Delete those that are not needed.`)
    }
    const id = again?.id ?? randomBytes(ID_BYTES).toString('base64url')
    const token = `mr_${id}_${randomBytes(SECRET_BYTES).toString('base64url')}`
    const hash = hashOf(token).toString('hex')
    const record = { ...wanted, id, hash, createdAtMs: this.nowMs(), lastUsedAtMs: 0 }
    this.byId.set(id, record)
    this.write()
    return { record, token }
  }

  /** Takes a token away. The last admin's stays: without one nobody could make another. */
  remove(id: string): TokenRecord {
    const record = this.byId.get(id)
    if (record === undefined) throw new ProblemError('no-such-token', `There is no token ${id}.`)
    const admins = this.list().filter(({ role, expiresAtMs }) => role === 'admin'
      && expiresAtMs === 0)
    if (admins.length === 1 && admins[0] === record) {
      throw new ProblemError('last-admin', `${record.name} is the last admin that does not expire.`)
    }
    this.byId.delete(id)
    this.write()
    return record
  }

  /** Writes what is only in memory: when tokens were last used. */
  close(): void {
    this.tryToWrite()
  }

  /** When a token was last used is not worth the request that it came with, on a full disk. */
  private tryToWrite(): void {
    try {
      this.write()
    } catch {
      // The file is as it was; it is tried again in a minute.
    }
  }

  private write(): void {
    this.writtenAtMs = this.nowMs()
    const text = JSON.stringify({ version: 1, tokens: this.list() }, null, 2)
    writePrivate(join(this.folder, FILE), `${text}\n`)
  }
}

/** SHA-256 that no token has. */
const NOBODY = '0'.repeat(64)

function hashOf(token: string): Buffer {
  return createHash('sha256').update(token).digest()
}

function readTokens(path: string): readonly TokenRecord[] {
  try {
    return fileSchema.parse(JSON.parse(readFileSync(path, 'utf8'))).tokens
  } catch (error) {
    if (!(error instanceof SyntaxError || error instanceof z.ZodError)) throw error
    throw new InputError(`${path}: the list of tokens cannot be read; bring it back from a backup, `
      + 'or delete it: the next start makes a new admin token, and all others are void.')
  }
}
