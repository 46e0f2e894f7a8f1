import { closeSync, constants, fstatSync, ftruncateSync, openSync, readSync, renameSync,
  writeSync } from 'node:fs'
import { isAbsolute, join } from 'node:path'
import type { Order } from './order.ts'

/** A log of ours is cut at this size, and its last bytes are kept beside it, in bytes. */
const LOG_MOST = 67_108_864
const KEPT = 4_194_304
/** A flood that outruns so many pieces is cut in its middle. */
const PIECES_MOST = 64
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
 * Cuts a log of ours that has grown too large: its last bytes are kept beside it, in `.1`, and the
 * file that the processes append to starts anew. They are read first, cut, and written then: what
 * comes between the last read and the cut is lost, and that is some microseconds.
 */
export function rotate(file: number, path: string, most = LOG_MOST, kept = KEPT): boolean {
  const { size } = fstatSync(file)
  if (size <= most) return false
  const pieces: Buffer[] = []
  let at = Math.max(0, size - kept)
  for (let tries = 0; tries < PIECES_MOST; tries++) {
    const piece = Buffer.alloc(kept)
    const count = readSync(file, piece, 0, kept, at)
    if (count === 0) break
    // Of a flood the newest piece but one is whole, so the last two are enough.
    pieces.splice(0, pieces.length - 1)
    pieces.push(piece.subarray(0, count))
    at += count
  }
  ftruncateSync(file, 0)
  const next = openSync(`${path}.1.next`, 'w', 0o600)
  try {
    for (const piece of pieces) writeSync(next, piece)
  } finally {
    closeSync(next)
  }
  renameSync(`${path}.1.next`, `${path}.1`)
  return true
}
