#!/usr/bin/env node
// Starts Millrace on Node 24 or newer: this one if it is, else the one that npm installed beside
// the package. Plain syntax: old versions of Node must get as far as the sentence that helps.
import { spawn } from 'node:child_process'
import { existsSync, realpathSync } from 'node:fs'
import * as modules from 'node:module'
import { constants } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const NEEDED = 24
const RELAUNCHED = 'MILLRACE_RELAUNCHED'

// A link (npm link, npx in a folder that links here, a symlink in ~/bin) leads to the clone: there
// src/*.ts runs as it is. Node strips no types below node_modules, so a packed copy would not run;
// the package is private and is run from its clone until a release carries compiled files.
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
  import('../src/cli/main.ts')
    .then(({ main }) => main(process.argv.slice(2)))
    .then((code) => {
      process.exitCode = code
    })
    .catch((error) => {
      if (error && error.code === 'ERR_UNSUPPORTED_NODE_MODULES_TYPE_STRIPPING') {
        leave('Millrace runs from a clone of its repository, not from a copy in node_modules:\n' +
          'clone it, then `npm ci` and `npx millrace` there, or `npm link` it.')
      } else {
        console.error(error)
        process.exitCode = 1
      }
    })
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
