import { linkSync, unlinkSync, writeFileSync } from 'node:fs'
import { open, rename } from 'node:fs/promises'
import { dirname } from 'node:path'

/** Names of the files in the folder of an attempt. */
export const FILES = {
  claim: 'supervisor.json', process: 'process.json', saved: 'saved.json', cap: 'cap.json',
  exit: 'exit.json', socket: 'control', status: 'status', script: 'script',
} as const

/** Longest file of ours that is read back, in bytes: an order with a script of a megabyte. */
const READ_MOST = 16_777_216

/** Replaces a file whole, on disk when it resolves: after a cut of power it is old or new. */
export async function writeDurably(path: string, value: unknown): Promise<void> {
  const next = `${path}.${process.pid}`
  await sync(next, `${JSON.stringify(value)}\n`)
  await rename(next, path)
  await syncFolder(dirname(path))
}

/** What a JSON file holds; undefined where there is none, or where it holds no JSON. */
export async function readJson<T>(path: string): Promise<T | undefined> {
  try {
    const file = await open(path, 'r')
    try {
      const { size } = await file.stat()
      if (size > READ_MOST) return undefined
      return JSON.parse(await file.readFile('utf8')) as T
    } finally {
      await file.close()
    }
  } catch {
    return undefined
  }
}

/**
 * Puts a file where none is yet, whole; false where there is one. Of many that try, one succeeds.
 * It is seen by all processes at once, and on disk after `syncClaim`. Blocks for some system calls.
 */
export function claim(path: string, value: unknown): boolean {
  const next = `${path}.${process.pid}`
  writeFileSync(next, `${JSON.stringify(value)}\n`, { mode: 0o600 })
  try {
    linkSync(next, path)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  } finally {
    unlinkSync(next)
  }
}

export async function syncClaim(path: string): Promise<void> {
  const file = await open(path, 'r')
  try {
    await file.sync()
  } finally {
    await file.close()
  }
  await syncFolder(dirname(path))
}

async function sync(path: string, text: string): Promise<void> {
  const file = await open(path, 'w', 0o600)
  try {
    await file.writeFile(text)
    await file.sync()
  } finally {
    await file.close()
  }
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}
