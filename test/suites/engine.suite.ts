import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Engine, Gang } from '../../src/engines/engine.ts'
import type { Command, OwnedSpec, Report } from '../../src/model/index.ts'

/** An engine with what a test needs to see of it. */
export type EngineCase = {
  readonly name: string
  /** An engine anew on what the last one left, if it leaves anything. */
  readonly open: () => Promise<Engine>
  /** A job that runs until it is stopped, and one that ends at once. */
  readonly long: { readonly spec: OwnedSpec, readonly gang: Gang }
  readonly short: { readonly spec: OwnedSpec, readonly gang: Gang }
  readonly command: (type: Command['type'], number: number) => Command
  /** Lets time pass until it is so; throws where it never is. */
  readonly until: (what: string, isSo: () => boolean) => Promise<void>
}

/** What every engine outside of the server's process must hold. */
export function engineSuite(given: EngineCase): void {
  const { name, open, long, short, command } = given

  async function scene(run: (engine: Engine, seen: Seen) => Promise<void>): Promise<void> {
    const engine = await open()
    try {
      await run(engine, seenOf(given, engine))
    } finally {
      engine.reconcile([])
      await given.until('the end of all', () => engine.nextAtMs() === Infinity)
      await engine.close()
    }
  }

  test(`${name}: a start that comes twice is one, and its end is told once`, () => (
    scene(async (engine, seen) => {
      engine.send(command('start', 1), short.spec, short.gang)
      engine.send(command('start', 1), short.spec, short.gang)
      await seen.until('job.done', 1)
      assert.equal(seen.count('job.done', 1), 1)
    })))

  test(`${name}: a stop of what never started, or runs no more, is answered`, () => (
    scene(async (engine, seen) => {
      engine.send(command('stop', 2), undefined)
      await seen.until('job.stopped', 2)
      engine.send(command('start', 3), short.spec, short.gang)
      await seen.until('job.done', 3)
      engine.send(command('stop', 3), undefined)
      await seen.until('job.stopped', 3)
    })))

  test(`${name}: what was stopped before it came is not started by a late order`, () => (
    scene(async (engine, seen) => {
      engine.send(command('stop', 4), undefined)
      await seen.until('job.stopped', 4)
      engine.send(command('start', 4), long.spec, long.gang)
      await seen.until('job.lost', 4)
      assert.equal(seen.count('job.up', 4), 0)
    })))

  test(`${name}: a reconcile tells all again, starts what never arrived, ends the rest`, () => (
    scene(async (engine, seen) => {
      engine.send(command('start', 5), long.spec, long.gang)
      engine.send(command('start', 6), long.spec, long.gang)
      await seen.until('job.up', 5)
      await seen.until('job.up', 6)
      engine.reconcile([
        { command: command('start', 5), ...long }, { command: command('start', 7), ...long },
      ])
      await seen.until('job.up', 7)
      await seen.until('job.stopped', 6)
      assert.equal(seen.count('job.up', 5), 2)
    })))
}

type Seen = {
  readonly until: (type: Report['type'], number: number) => Promise<void>
  readonly count: (type: Report['type'], number: number) => number
}

function seenOf(given: EngineCase, engine: Engine): Seen {
  const reports: Report[] = []
  const count = (type: Report['type'], number: number) => reports.filter((each) => (
    each.type === type && 'number' in each && each.number === number)).length
  return {
    count,
    until: (type, number) => given.until(`${type} of job ${number}`, () => {
      engine.collect(performance.now(), reports)
      return count(type, number) > 0
    }),
  }
}
