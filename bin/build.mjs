// Bundles Millrace for a faster start: one file in place of three hundred, and JavaScript, so that
// the command also runs from a package in node_modules, where Node strips no types. `npm ci` runs
// it. The sources stay what is run when they are newer (bin/millrace.mjs decides).
import { rmSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))

rmSync(`${root}/dist`, { recursive: true, force: true })

let build
try {
  ({ build } = await import('esbuild'))
} catch {
  console.log('esbuild is not installed (--omit=dev?): Millrace runs from its sources.')
  process.exit(0)
}

await build({
  absWorkingDir: root,
  // Programs of their own, beside the rest: the thread of a journal's database, the supervisor of a
  // real job, the threads that answer long questions and make states of other times, and the client
  // that the package exports.
  entryPoints: {
    main: 'src/cli/main.ts',
    'database-worker': 'src/journal/database-worker.ts',
    supervisor: 'src/engines/local/supervisor.ts',
    'question-worker': 'src/api/question-worker.ts',
    'time-worker': 'src/api/time-worker.ts',
    client: 'src/api/client.ts',
  },
  // As deep as the sources, so that paths relative to a module lead to the same places.
  outdir: 'dist/app',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node24',
  logLevel: 'warning',
  // What is CommonJS among the dependencies asks for node's own modules by `require`.
  banner: {
    js: "import { createRequire as __createRequire } from 'node:module';"
      + 'const require = __createRequire(import.meta.url);',
  },
})
