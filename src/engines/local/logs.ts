import { closeSync, constants, fstatSync, ftruncateSync, openSync, readSync, renameSync,
  writeSync } from 'node:fs'
import { isAbsolute, join } from 'node:path'
import type { Order } from './order.ts'

/** A log of ours is cut at this size; what it held is kept beside it, once. */
const LOG_MOST = 67_108_864
const PIECE = 1_048_576
/** What is written while it is copied is copied too, up to so many times a log's size. */
const CATCH_UP = 4
/** A path that is a pipe without a reader is refused rather than waited for. */
const OPEN_FLAGS = constants.O_RDWR | constants.O_APPEND | constants.O_NONBLOCK

/** Where a node's output goes; '' for a log of ours. */
export type Outputs = { readonly output: string, readonly error: string }

export function outputsOf(order: Order, node: number, directory: string): Outputs {
  const resolve = (pattern: string) => {
    if (pattern === '') return ''
    const path = filled(pattern, order, node)
    return isAbsolute(path) ? path : join(directory, path)
  }
  const output = resolve(order.spec.output)
  return { output, error: resolve(order.spec.error) || output }
}

/** %j, %n and %x; a name may hold anything, and must not lead to another folder. */
function filled(pattern: string, order: Order, node: number): string {
  const name = order.gang.name.replaceAll(/[/\p{Cc}]/gu, '_').replace(/^\.+$/, '_')
  const values: Record<string, string> = { j: `${order.number}`, n: `${node}`, x: name, '%': '%' }
  return pattern.replaceAll(/%([jnx%])/g, (_, letter: string) => values[letter]!)
}

/** The log of a node in an attempt's folder. */
export function logOf(folder: string, node: number): string {
  return join(folder, `node-${node}.log`)
}

/** Opens for appending; throws what the system says. A new one is made only if `isMade`. */
export function openLog(path: string, isMade: boolean): number {
  return openSync(path, isMade ? OPEN_FLAGS | constants.O_CREAT : OPEN_FLAGS, 0o600)
}

/**
 * Cuts a log of ours that has grown too large: what it holds is copied to `.1`, its last
 * `LOG_MOST` bytes and what comes meanwhile, and the file that the processes append to starts anew.
 * A line that is written between the last copy and the cut is lost.
 */
export function rotate(file: number, path: string, most = LOG_MOST): boolean {
  const { size } = fstatSync(file)
  if (size <= most) return false
  const next = openSync(`${path}.1.next`, 'w', 0o600)
  try {
    const piece = Buffer.alloc(PIECE)
    let at = Math.max(0, size - most)
    for (let copied = 0; copied < CATCH_UP * most;) {
      const count = readSync(file, piece, 0, PIECE, at)
      if (count === 0) break
      writeSync(next, piece, 0, count)
      at += count
      copied += count
    }
    ftruncateSync(file, 0)
  } finally {
    closeSync(next)
  }
  renameSync(`${path}.1.next`, `${path}.1`)
  return true
}
