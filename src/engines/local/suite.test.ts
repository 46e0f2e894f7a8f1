// The local engine holds what every engine outside of the server's process must, on real processes.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after } from 'node:test'
import { commandOf, gangOf, specOf, until } from '../../../test/local-scene.ts'
import { engineSuite } from '../../../test/suites/engine.suite.ts'
import { openLocal } from './local.ts'

const folders: string[] = []
after(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

engineSuite({
  name: 'local',
  open: async () => {
    const folder = mkdtempSync(join(tmpdir(), 'millrace-local-'))
    folders.push(folder)
    return await openLocal({
      folder, leaseMs: 60_000, devices: 'cores', wake: () => undefined, spares: 1,
    })
  },
  // Without devices, so that none waits for another's.
  long: { spec: specOf({ command: ['sleep', '1000'], graceMs: 1000 }), gang: bare() },
  short: { spec: specOf({ command: ['true'] }), gang: bare() },
  command: (type, number) => commandOf(type, number, { order: 1 }),
  until,
})

function bare() {
  return gangOf(1, { nodes: [{ name: 'rack/1', devices: [], cpus: 1 }] })
}
