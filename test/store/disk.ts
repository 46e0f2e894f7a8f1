/** A small disk of its own for a test: a file system in memory, where this user may mount one. */
import { spawnSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import type { TestContext } from 'node:test'

/**
 * Mounts one with those options (such as "size=1m"), lends it, and unmounts it. Where this user
 * may not mount, the test says so and shows nothing.
 */
export async function withDisk(
  context: TestContext, path: string, options: string,
  step: (path: string, remount: (option: string) => void) => Promise<void>): Promise<void> {
  mkdirSync(path)
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', options, 'millrace-test', path])
  if (mounted.status !== 0) {
    context.diagnostic('this user may not mount a disk: nothing is shown')
    return
  }
  try {
    await step(path, (option) => {
      const again = spawnSync('mount', ['-o', `remount,${option}`, path], { encoding: 'utf8' })
      if (again.status !== 0) throw new Error(again.stderr)
    })
  } finally {
    spawnSync('umount', [path])
  }
}
