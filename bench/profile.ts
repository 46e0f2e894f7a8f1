import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Figure } from './figure.ts'

const TOP = 15

/** What `node --cpu-prof` writes, as far as it is read here. Times are in us. */
type CpuProfile = {
  readonly nodes: readonly {
    readonly id: number
    readonly callFrame: {
      readonly functionName: string, readonly url: string, readonly lineNumber: number
    }
  }[]
  readonly samples: readonly number[]
  readonly timeDeltas: readonly number[]
}

/** Runs a figure under the profiler and prints where its time went, by function, self time. */
export function printProfile(figure: Figure, child: string): void {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-profile-'))
  try {
    const flags = ['--cpu-prof', `--cpu-prof-dir=${folder}`]
    const { status } = spawnSync(process.execPath, [...flags, child, figure.name], {
      stdio: ['ignore', 'ignore', 'inherit'],
    })
    if (status !== 0) throw new Error(`${figure.name} left with ${status}`)
    const [file] = readdirSync(folder)
    const profile = JSON.parse(readFileSync(join(folder, file!), 'utf8')) as CpuProfile
    const times = selfTimes(profile)
    const total = times.reduce((sum, [, us]) => sum + us, 0)
    for (const [place, us] of times.slice(0, TOP)) {
      const ratio = `${((us / total) * 100).toFixed(1)} %`
      console.log(`${(us / 1e3).toFixed(0).padStart(8)} ms ${ratio.padStart(7)}  ${place}`)
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** Time in each function itself, most first. Waiting is left out. */
function selfTimes({ nodes, samples, timeDeltas }: CpuProfile): [string, number][] {
  const placeOf = new Map(nodes.map(({ id, callFrame }) => [id, nameOf(callFrame)]))
  const times = new Map<string, number>()
  samples.forEach((id, at) => {
    const place = placeOf.get(id)!
    if (place.startsWith('(idle)')) return
    times.set(place, (times.get(place) ?? 0) + timeDeltas[at]!)
  })
  return [...times].sort((a, b) => b[1] - a[1])
}

function nameOf({ functionName, url, lineNumber }: CpuProfile['nodes'][number]['callFrame']) {
  if (!url.startsWith('file:')) return functionName || '(anonymous)'
  const file = relative(join(import.meta.dirname, '..'), fileURLToPath(url))
  return `${functionName || '(anonymous)'}  ${file}:${lineNumber + 1}`
}
