import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs'

/** For its owner alone, and whole or not at all: a new file takes the place of the old one. */
export function writePrivate(path: string, text: string): void {
  const next = `${path}.next`
  rmSync(next, { force: true })
  const file = openSync(next, 'wx', 0o600)
  try {
    // A write may take a part only, where the disk is nearly full; this one goes on or throws.
    writeFileSync(file, text)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
  renameSync(next, path)
}
