import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { catalogueOf, FORMAT } from '../../journal/header.ts'
import { openStore } from '../../journal/sqlite.ts'
import type { Plant } from '../../model/index.ts'
import type { PolicyNames } from '../../policies/policy.ts'
import type { Controller } from '../../run/live/controller.ts'
import type { EngineKind } from '../../run/live/plugged.ts'
import { startController } from '../../run/live/start.ts'
import { VERSION } from '../../run/version.ts'

/** A factory that `up` runs: what it is, what runs its jobs, and how fast its clock goes. */
export type Site = {
  readonly name: string
  readonly plant: Plant
  /** The factory file, as it is kept in the journal. */
  readonly document: unknown
  readonly policies: PolicyNames
  readonly seed: number
  readonly pace: number
  /** How far into its run it begins, played as fast as can be; 0: at once. */
  readonly headStartMs?: number
  /** `folder` is the factory's own. */
  readonly engine: (folder: string) => EngineKind
  /** What it is, in a line, and then what is to be known of it. */
  readonly says: readonly string[]
}

/** Folder of a factory in a state folder: its journal, and its jobs. */
export function factoryFolder(state: string, name: string): string {
  return join(state, 'factories', name)
}

/** Starts a factory from its folder, which is made where there is none. */
export async function startSite(site: Site, state: string): Promise<Controller> {
  const { name, plant, document, policies, seed, pace, headStartMs = 0 } = site
  const folder = factoryFolder(state, name)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const header = {
    format: FORMAT, version: VERSION, factory: document, catalogue: catalogueOf(plant), seed,
    policies,
  } as const
  return startController({
    name, plant, policies, pace, headStartMs, engine: site.engine(folder),
    open: () => openStore(folder, header),
  })
}
