/**
 * A server of the fault suite: `node test/live/server.ts FOLDER GROUND FAULT`. It is made of the
 * parts that `millrace up` is made of: SQLite, real processes, the live loop, HTTP. Into GROUND it
 * writes the hash of the state after each durable turn; files there say how slow its disk is and
 * how far its journal may grow.
 */
import { appendFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import pino from 'pino'
import { startServer } from '../../src/api/server.ts'
import { Tokens } from '../../src/api/tokens.ts'
import { hashState } from '../../src/core/state.ts'
import { openLocal } from '../../src/engines/local/local.ts'
import { openStore } from '../../src/journal/sqlite.ts'
import { startController } from '../../src/run/live/start.ts'
import { Doom, numberIn, type Fault } from './fault.ts'
import { headerOf, NAME, POLICIES, smallFactory } from './factory.ts'

const [folder = '', ground = '', fault = ''] = process.argv.slice(2)
const doom = new Doom(JSON.parse(fault) as Fault, join(ground, 'slow'))
const { plant } = smallFactory()
const tell = (...words: readonly (string | number)[]) => {
  appendFileSync(join(ground, 'hashes'), `${words.join(' ')}\n`)
}

const controller = await startController({
  name: NAME, plant, policies: POLICIES, pace: 1, snapshotEvery: 40,
  engine: doom.engine({
    name: 'local',
    // As `localKind` has it, with fewer supervisors that wait: each server would start four.
    make: async ({ state, wake }) => ({
      engine: await openLocal({
        folder: join(folder, 'jobs'), leaseMs: state.layout.plant.power.leaseMs, devices: 'cores',
        wake, spares: 1,
      }),
    }),
  }),
  open: async () => {
    const most = numberIn(join(ground, 'most'))
    const settings = most > 0 ? { mostBytes: most } : {}
    return doom.store(await openStore(folder, headerOf(), settings))
  },
})
tell(controller.store.opened.lastSeq, hashState(controller.state()), 'opened')
controller.onBatch(({ seq }) => {
  tell(seq, hashState(controller.state()))
  doom.reached('answer')
})

const server = await startServer({
  controllers: [controller], defaultFactory: NAME, tokens: new Tokens(folder), port: 0,
  log: pino({ level: 'error' }, { write: (line) => appendFileSync(join(ground, 'log'), line) }),
})
writeFileSync(join(ground, 'url'), server.url)
process.stdout.write('up\n')
process.once('SIGTERM', () => void end())

async function end(): Promise<void> {
  await server.close()
  await controller.close()
  const { problem } = controller.health()
  if (problem !== '') throw new Error(problem)
}
