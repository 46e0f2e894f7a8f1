#!/usr/bin/env node
// Starts Millrace on Node 24 or newer: this one if it is, else the one that npm installed beside
// the package. Plain syntax: old versions of Node must get as far as the sentence that helps.
import { spawn } from 'node:child_process'
import { existsSync, readdirSync, realpathSync, statSync } from 'node:fs'
import * as modules from 'node:module'
import { constants } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const NEEDED = 24
const RELAUNCHED = 'MILLRACE_RELAUNCHED'

// A link (npm link, npx in a folder that links here, a symlink in ~/bin) leads to the clone. There
// the bundle of `npm ci` runs while it is newer than the sources, else the sources as they are.
// Node strips no types below node_modules, so a packed copy runs by its bundle alone.
const self = realpathSync(fileURLToPath(import.meta.url))

if (major(process.versions.node) >= NEEDED) {
  start()
} else {
  const node = process.env[RELAUNCHED] === undefined ? pinnedNode() : undefined
  if (node === undefined) refuse()
  else relaunch(node)
}

function start() {
  // Keeps what was compiled for the next start: half of the time of a short command.
  if (modules.enableCompileCache) modules.enableCompileCache()
  import(hasFreshBundle() ? '../dist/app/main.js' : '../src/cli/main.ts')
    .then(({ main }) => main(process.argv.slice(2)))
    .then((code) => {
      process.exitCode = code
    })
    .catch((error) => {
      if (error && error.code === 'ERR_UNSUPPORTED_NODE_MODULES_TYPE_STRIPPING') {
        leave('This copy of Millrace has no bundle, and Node runs no TypeScript in node_modules:\n' +
          'clone its repository, then `npm ci` and `npx millrace` there, or `npm link` it.')
      } else {
        console.error(error)
        process.exitCode = 1
      }
    })
}

/** Whether `npm ci` made a bundle (bin/build.mjs), and no source has changed since. */
function hasFreshBundle() {
  const root = dirname(dirname(self))
  const bundle = join(root, 'dist', 'app', 'main.js')
  if (!existsSync(bundle)) return false
  const source = join(root, 'src')
  if (!existsSync(source)) return true
  const builtMs = statSync(bundle).mtimeMs
  return readdirSync(source, { recursive: true, withFileTypes: true })
    .every((entry) => statSync(join(entry.parentPath, entry.name)).mtimeMs <= builtMs)
}

/** The Node that the optional dependency node-<system>-<processor> holds, if it is installed. */
function pinnedNode() {
  const name = `node-${process.platform}-${process.arch}`
  const folders = modules.createRequire(self).resolve.paths(name) || []
  const candidates = folders.map((folder) => join(folder, name, 'bin', 'node'))
  return candidates.find((path) => existsSync(path))
}

function relaunch(node) {
  // Whatever Millrace starts as `node` finds the same version.
  const path = `${dirname(node)}${delimiter}${process.env.PATH || ''}`
  const child = spawn(node, [...process.execArgv, self, ...process.argv.slice(2)], {
    stdio: 'inherit',
    env: { ...process.env, PATH: path, [RELAUNCHED]: '1' },
  })
  const handlers = passSignals(child)
  child.on('error', (error) => {
    leave(`${node} does not start: ${error.message}. ${advice()}`)
  })
  child.on('exit', (code, signal) => {
    if (signal === null) {
      process.exitCode = code
      return
    }
    // End the way the child ended, so that a shell sees it too.
    for (const [name, handler] of handlers) process.removeListener(name, handler)
    process.exitCode = 128 + constants.signals[signal]
    process.kill(process.pid, signal)
  })
}

/** A terminal sends its interrupt to both processes: passing it on would count it twice. */
function passSignals(child) {
  const handlers = ['SIGINT', 'SIGQUIT', 'SIGTERM', 'SIGHUP', 'SIGUSR2'].map((name) => {
    const isFromKeys = name === 'SIGINT' || name === 'SIGQUIT'
    return [name, () => {
      if (!(isFromKeys && process.stdin.isTTY)) child.kill(name)
    }]
  })
  for (const [name, handler] of handlers) process.on(name, handler)
  return handlers
}

function refuse() {
  leave(`Millrace needs Node ${NEEDED} or newer and this is ${process.versions.node}. ${advice()}`)
}

function advice() {
  return `Run \`npm ci\` in ${dirname(dirname(self))}, which installs one on Linux, ` +
    `or install Node ${NEEDED} from https://nodejs.org.`
}

function leave(sentence) {
  console.error(sentence)
  process.exitCode = 1
}

function major(version) {
  return Number(version.split('.')[0])
}
