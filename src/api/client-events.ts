import { ApiError, pause, type Transport } from './client-transport.ts'
import type { EventsQueryOf } from './client.ts'
import type { FactoryEvent } from './schema-server.ts'

/** How long to wait before a lost stream is opened again. */
const WAIT_MS = 500

/** The server sends a comment now and then; a stream that is silent for longer is lost. */
const SILENT_MS = 45_000

/** Events of a factory from an id on, over as many connections as it takes. */
export async function* eventsFrom(
  transport: Transport, query: EventsQueryOf, signal: AbortSignal | undefined,
): AsyncGenerator<FactoryEvent, void> {
  let lastId = query.after
  for (;;) {
    try {
      for await (const { id, type, data } of streamOf(transport, query, lastId, signal)) {
        // The server ends a stream that is not read fast enough; the next one goes on.
        if (id !== '') lastId = id
        if (type === 'millrace.gap') throw new GapError(data)
        if (!type.startsWith('millrace.')) yield JSON.parse(data) as FactoryEvent
      }
    } catch (error) {
      if (signal?.aborted === true) return
      if (error instanceof GapError) throw error
      const isFinal = error instanceof ApiError && error.status >= 400 && error.status < 500
        && error.status !== 429
      if (isFinal) throw error
    }
    if (signal?.aborted === true) return
    await pause(WAIT_MS)
  }
}

/** Events between the last one seen and the first that is still kept are gone. */
class GapError extends Error {
  override name = 'GapError'
}

type Message = { readonly id: string, readonly type: string, readonly data: string }

async function* streamOf(
  transport: Transport, query: EventsQueryOf, lastId: string | undefined,
  signal: AbortSignal | undefined): AsyncGenerator<Message, void> {
  const quiet = new AbortController()
  let timer = setTimeout(() => quiet.abort(), SILENT_MS)
  try {
    const both = signal === undefined ? quiet.signal : AbortSignal.any([signal, quiet.signal])
    const response = await transport.open(`/v1/events${searchOf(query)}`,
      lastId === undefined ? {} : { 'last-event-id': lastId }, both)
    let rest = ''
    for await (const text of response.body!.pipeThrough(new TextDecoderStream())) {
      clearTimeout(timer)
      timer = setTimeout(() => quiet.abort(), SILENT_MS)
      const parts = (rest + text).split('\n\n')
      rest = parts.pop()!
      for (const part of parts) {
        const message = messageOf(part)
        if (message.data !== '') yield message
      }
    }
  } finally {
    clearTimeout(timer)
    quiet.abort()
  }
}

function searchOf({ factory, types, job }: EventsQueryOf): string {
  const given = Object.entries({ factory, types, job })
    .flatMap(([name, value]): [string, string][] =>
      value === undefined ? [] : [[name, String(value)]])
  return given.length === 0 ? '' : `?${new URLSearchParams(given)}`
}

function messageOf(part: string): Message {
  const fields: Record<string, string> = { id: '', event: '', data: '' }
  for (const line of part.split('\n')) {
    const colon = line.indexOf(':')
    if (colon > 0) fields[line.slice(0, colon)] = line.slice(colon + 1).trimStart()
  }
  return { id: fields['id']!, type: fields['event']!, data: fields['data']! }
}
