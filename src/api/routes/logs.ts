import { constants, type Stats } from 'node:fs'
import { open } from 'node:fs/promises'
import type { FastifyRequest } from 'fastify'
import type * as z from 'zod'
import { factoryNamed, type Api, type Desk } from '../desk.ts'
import type { Factory } from '../factory.ts'
import { ProblemError } from '../problem.ts'
import { jobParams, logsQuery, logsSchema, type Logs } from '../schema-job.ts'
import { problemSchema } from '../schema-part.ts'
import { checkOwner } from '../write.ts'

/** Bytes of one answer. */
const PIECE_MOST = 256_000

/** A follower looks so often whether there is more. */
const LOOK_MS = 200

/** What jobs wrote: for their owners and for operators. */
export function logRoutes(api: Api, desk: Desk): void {
  api.get('/v1/jobs/:number/logs', {
    config: { role: 'submitter' },
    schema: { summary: 'A piece of a job\'s log', tags: ['jobs'], params: jobParams,
      querystring: logsQuery,
      response: { 200: logsSchema, '4xx': problemSchema, '5xx': problemSchema } },
  }, async (request) => {
    const served = factoryNamed(desk, request.query)
    await checkOwner(request, served, request.params.number)
    return logsOf(request, served, request.params.number, request.query)
  })
}

async function logsOf(
  request: FastifyRequest, served: Factory, number: number, query: z.output<typeof logsQuery>,
): Promise<Logs> {
  const files = served.controller.progressOf(number)?.logs ?? []
  const file = query.file ?? files[0]
  if (file === undefined || !files.includes(file)) {
    throw new ProblemError('no-such-log', file === undefined
      ? `Job ${number} has written nothing that is known here.`
      : `Job ${number} has no log of that name; it has ${files.length}.`)
  }
  const untilMs = Date.now() + query.waitMs
  for (;;) {
    // Asked before the file is read: what is written after that is of a job that still ran.
    const hasEnded = served.book.told(number)?.outcome !== undefined
    const piece = await pieceOf(file, query.from)
    const isOver = hasEnded && piece.next >= piece.size
    const isEnough = piece.text !== '' || isOver || Date.now() >= untilMs
      || request.raw.destroyed
    if (isEnough) return { files: [...files], file, ...piece, isOver }
    await new Promise((resolve) => { setTimeout(resolve, LOOK_MS) })
  }
}

/**
 * Bytes of a log as text. The job may have put anything in its place: only a plain file is read,
 * and none that a link leads to.
 */
async function pieceOf(
  path: string, from: number): Promise<Pick<Logs, 'from' | 'next' | 'size' | 'text'>> {
  const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants
  const handle = await open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK).catch(() => undefined)
  if (handle === undefined) return { from: Math.max(0, from), next: 0, size: 0, text: '' }
  try {
    const stat: Stats = await handle.stat()
    if (!stat.isFile()) throw new ProblemError('no-such-log', 'It is no plain file.')
    const start = from < 0 ? Math.max(0, stat.size - PIECE_MOST) : Math.min(from, stat.size)
    const bytes = Buffer.alloc(Math.min(PIECE_MOST, stat.size - start))
    const { bytesRead } = await handle.read(bytes, 0, bytes.length, start)
    const whole = wholeOf(bytes.subarray(0, bytesRead))
    return { from: start, next: start + whole.length, size: stat.size, text: whole.toString() }
  } finally {
    await handle.close()
  }
}

/** Without the part of a character at the end, which comes with the next piece. */
function wholeOf(bytes: Buffer): Buffer {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back]!
    if (byte < 0x80) break
    if (byte < 0xc0) continue
    const needs = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2
    return needs > back && bytes.length > back ? bytes.subarray(0, bytes.length - back) : bytes
  }
  return bytes
}
