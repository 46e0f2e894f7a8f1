import { Command } from 'commander'
import { resolve } from 'node:path'
import { InputError } from '../../model/index.ts'
import { POWERS } from '../../policies/index.ts'
import { VERSION } from '../../run/version.ts'
import { readScales, readTraceOption, readWhole, repeated } from '../options.ts'
import { print } from '../print.ts'
import { policyNames, type PolicyFlags } from '../twin.ts'
import { colossusSite } from './colossus.ts'
import { startService, type Service } from './service.ts'
import { hereSite, readCaps } from './here-site.ts'
import type { Site } from './site.ts'
import { defaultFolder } from './state-folder.ts'
import { fileSite } from './up-site.ts'

export type UpFlags = PolicyFlags & {
  readonly engine?: string
  readonly pace: string
  readonly state?: string
  readonly host: string
  readonly port: string
  readonly name?: string
  readonly demo?: true
  readonly trace: readonly string[]
  readonly scale: readonly string[]
  readonly seed: string
  readonly failures: boolean
  readonly caps: string
}

const PORT = '7070'
const PORT_MOST = 65_535

export function upCommand(done: (exitCode: number) => void): Command {
  return new Command('up')
    .summary('run a factory as a service: real jobs here, or the twin at a pace')
    .description('Runs a factory on the wall clock and serves it on loopback, until Ctrl-C. Its '
      + 'state is in one folder, and the next start goes on where it was; jobs of this machine run '
      + 'on meanwhile. Without a file it is this machine.')
    .argument('[factory]', 'factory file (YAML)')
    .option('--engine <engine>', 'local: processes of this machine; twin: as if. twin for a file, '
      + 'local without one')
    .option('--pace <number>', 'how much faster than the wall its clock goes; twin only', '1')
    .option('--demo', 'Colossus on the twin, a day a minute, beside this machine: npm start')
    .option('--state <folder>', 'state folder; the usual one if left out')
    .option('--port <number>', 'port to listen on; 0: any that is free', PORT)
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option('--name <name>', 'name of the factory; the file\'s if left out')
    .option('--caps <on|off>', 'whether caps may be set on this machine\'s GPUs; otherwise '
      + 'pausing is the knob', 'off')
    .option('--trace <format:file>', 'twin: jobs that come by themselves, again and again',
      repeated, [])
    .option('--scale <scale>', 'as of millrace twin', repeated, [])
    .option('--seed <number>', 'seed of everything random', '1')
    .option('--no-failures', 'twin: nothing fails')
    .option('--order <policy>', 'as of millrace twin', 'priority')
    .option('--backfill <policy>', 'as of millrace twin', 'easy')
    .option('--place <policy>', 'as of millrace twin', 'pack')
    .option('--preempt <policy>', 'as of millrace twin', 'reclaim')
    .option('--consolidate <policy>', 'as of millrace twin', 'none')
    .option('--power <policy>', Object.keys(POWERS).join(', '), 'price')
    .addHelpText('after', `
Example:
  millrace up
  millrace up examples/two-sites/factory.yaml --pace 600`)
    .action(async (file: string | undefined, flags: UpFlags) => {
      await up(file, flags)
      done(0)
    })
}

async function up(file: string | undefined, flags: UpFlags): Promise<void> {
  const port = readWhole('--port', flags.port, 0, PORT_MOST)
  const folder = resolve(flags.state ?? defaultFolder())
  const sites = await sitesOf(file, flags)
  const ended = stopSignal()
  const service = await startService({
    folder, sites, host: flags.host, port, defaultFactory: sites.at(-1)!.name,
  })
  greet(service, sites, folder)
  await ended
  print('Stopping: nothing is decided any more, and the state is kept.\n')
  await service.close()
  print('Stopped. Jobs of this machine run on; the next start finds them.\n')
}

/** The one that is meant where nobody names one comes last: this machine, if it is among them. */
async function sitesOf(file: string | undefined, flags: UpFlags): Promise<Site[]> {
  const seed = readWhole('--seed', flags.seed, 0, Number.MAX_SAFE_INTEGER)
  const wanted = flags.trace.map(readTraceOption)
  const scaleOf = readScales(flags.scale, wanted.map((each) => each.format))
  if (flags.demo === true) {
    if (file !== undefined) throw new InputError('--demo: it brings its own factory; name no file.')
    const here = { policies: policyNames(flags), seed, file: undefined, name: undefined }
    return [await colossusSite(seed),
      await hereSite({ ...here, isCapped: readCaps(flags.caps) })]
  }
  return [await fileSite({ file, flags, seed, wanted, scaleOf, policies: policyNames(flags) })]
}

/** Resolves at the first signal to end; the second one ends the process as ever. */
function stopSignal(): Promise<void> {
  return new Promise((stop) => {
    for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(name, () => stop())
  })
}

/** What runs, where, and what to try next. */
function greet({ server, firstToken }: Service, sites: readonly Site[], folder: string): void {
  const width = Math.max(...sites.map(({ name }) => name.length))
  const big = sites[0]!.name
  print(`Millrace ${VERSION} serves ${sites.length === 1 ? 'a factory' : `${sites.length} factories`
  } at ${server.url}\n`)
  for (const { name, says } of sites) {
    print(says.map((line, at) => `  ${(at === 0 ? name : '').padEnd(width)}  ${line}\n`).join(''))
  }
  print(`State: ${folder}\n`)
  if (firstToken !== undefined) {
    print(`Admin token, shown this once: ${firstToken}\n`)
  }
  const factory = sites.length === 1 ? '' : ` --factory ${big}`
  const isReal = sites.at(-1)!.pace === 1
  print(`
Try in another terminal:
  npx millrace top${factory}
  npx millrace submit ${isReal ? "--cpus 1 -- sh -c 'echo hello; sleep 5; echo done'"
    : '--gpus 8 --time 4h -- train'}
  npx millrace ${isReal ? 'logs -f 1' : 'queue'}

Ctrl-C stops it.\n`)
}
