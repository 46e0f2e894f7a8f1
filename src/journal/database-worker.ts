/** The thread of one live journal's database: carries out one call after another. */
import { parentPort, workerData, type MessagePort } from 'node:worker_threads'
import { InputError } from '../model/index.ts'
import { Database } from './database.ts'
import type { Kept } from './settings.ts'

/** What the thread is started with. */
export type Begun = { readonly folder: string, readonly header: string, readonly kept: Kept }

/** Methods that the other side calls by name. */
export type Method = Exclude<keyof Database, 'opened'>

export type Call = { readonly id: number, readonly method: Method, readonly values: unknown[] }

/** `id` 0 is the answer to the start. An error is told in parts: its class would be lost. */
export type Reply =
  | { readonly id: number, readonly value: unknown }
  | { readonly id: number, readonly problem: string, readonly exitCode: number }

if (parentPort !== null) serve(parentPort, workerData as Begun)

function serve(port: MessagePort, { folder, header, kept }: Begun): void {
  let database: Database
  try {
    database = new Database(folder, header, kept)
  } catch (error) {
    port.postMessage(problemOf(0, error))
    port.close()
    return
  }
  port.postMessage({ id: 0, value: database.opened } satisfies Reply)
  port.on('message', ({ id, method, values }: Call) => {
    try {
      const value: unknown = (database[method] as (...values: unknown[]) => unknown)(...values)
      if (value instanceof Promise) {
        value.then(() => port.postMessage({ id, value: undefined } satisfies Reply),
          (error: unknown) => port.postMessage(problemOf(id, error)))
      } else {
        port.postMessage({ id, value } satisfies Reply)
      }
    } catch (error) {
      port.postMessage(problemOf(id, error))
    }
    if (method === 'close') port.close()
  })
}

/** A bug shows with its stack; what the outside did is a sentence. */
function problemOf(id: number, error: unknown): Reply {
  if (error instanceof InputError) return { id, problem: error.message, exitCode: error.exitCode }
  return { id, problem: error instanceof Error ? error.stack ?? error.message : String(error),
    exitCode: 0 }
}
