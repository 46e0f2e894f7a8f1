// `millrace up` on this machine, and the commands that people type at it: real jobs are submitted,
// watched, followed, cancelled, and explained, by words and by batch scripts.
import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { batch, millrace, newFolder, shell, type Done } from './command.ts'
import { up, type Up } from './server.ts'

let server: Up
const { folder, remove } = newFolder()

before(async () => { server = await up([]) })
after(async () => {
  await server.stop()
  rmSync(server.folder, { recursive: true, force: true })
  remove()
})

/** Commands to that server, in one process; options before --, if there is one. */
function ask(...commands: readonly (readonly string[])[]): Promise<Done[]> {
  return batch(folder, commands.map(([name, ...words]) => [name!, '--state', server.state,
    ...words]))
}

async function one(...words: readonly string[]): Promise<Done> {
  return (await ask(words))[0]!
}

test('it says what runs, where, and what to try; the token once', () => {
  const text = server.printed()
  match(text, /^Millrace \S+ serves a factory at http:\/\/127\.0\.0\.1:\d+\n {2}here {2}this/)
  match(text, /pausing .*is the knob|pausing jobs is the knob/)
  match(text, /Admin token, shown this once: mr_/)
  equal([...text.matchAll(/^ {2}npx millrace /gm)].length, 3)
  equal(statSync(server.state).mode & 0o777, 0o700)
  equal(statSync(join(server.state, 'token')).mode & 0o777, 0o600)
})

test('a job is submitted, listed, followed to its end and shown', async () => {
  const [submitted, listed, followed, shown] = await ask(
    ['submit', '--cpus', '1', '--name', 'hello', '--', 'sh', '-c', 'echo one; sleep 1; echo two'],
    ['queue'], ['logs', '-f', 'hello'], ['show', 'hello'])
  equal(submitted!.stderr, '')
  equal(submitted!.stdout, 'Job 1 (hello) is submitted to here.\n')
  match(listed!.stdout, /^JOB +NAME .*\n +1 +hello +\S+ +admin +\w+/)
  equal(followed!.stdout, 'one\ntwo\n')
  equal(followed!.stderr, 'Job 1 completed.\n')
  match(shown!.stdout, /state +completed\n/)
  match(shown!.stdout, /command +sh -c echo one; sleep 1; echo two\n/)
})

test('it runs in the folder and with the environment of the shell; secrets are shown nowhere',
  async () => {
    const secret = 'hunter2-do-not-show'
    const line = `KEY=${secret} millrace submit --state '${server.state}' --name env `
      + `-- sh -c 'pwd; test "$KEY" = ${secret} && echo has it' && `
      + `millrace logs -f env --state '${server.state}'`
    const { stdout, stderr, code } = await shell(folder, line)
    equal(code, 0, stderr)
    match(stdout, new RegExp(`^Job \\d+ \\(env\\) is submitted to here\\.\n${folder}\nhas it\n`))
    const { stdout: none } = await shell(folder, `KEY=${secret} millrace submit --state '${
      server.state}' --export NONE --name bare -- sh -c 'echo "[$KEY]"' >/dev/null && `
      + `millrace logs -f bare --state '${server.state}'`)
    equal(none, '[]\n')
    const [shown, json] = await ask(['show', 'bare'], ['show', 'env', '--json'])
    const log = readFileSync(join(server.state, 'server.log'), 'utf8')
    for (const text of [shown!.stdout, json!.stdout, log]) {
      ok(!/"KEY":/.test(text))
    }
    ok(!log.includes(secret))
  })

test('a batch script runs with its arguments, and each option is accounted for', async () => {
  const script = join(folder, 'job.sbatch')
  const out = join(folder, 'scripted-3.out')
  writeFileSync(script, `#!/bin/sh
#SBATCH --job-name=scripted
#SBATCH --ntasks=1 --qos=high
#SBATCH --array=3
#SBATCH --output=%x-%a.out
echo "args $* task $SLURM_ARRAY_TASK_ID"
#SBATCH --hold
`)
  const done = await one('submit', script, '--lr', '3')
  equal(done.code, 0, done.stderr)
  match(done.stdout, /^Job \d+ \(scripted_3\) is submitted to here\.\n$/)
  match(done.stderr, /line 3 .*--qos=high +ignored +queues and priorities decide here\n/)
  match(done.stderr, /line 4 .*--array=3 +honoured +1 tasks, 3 to 3\n/)
  await one('logs', '-f', 'scripted_3')
  const path = existsSync(out) ? out : join(folder, 'scripted_3-3.out')
  equal(readFileSync(path, 'utf8'), 'args --lr 3 task 3\n')
})

test('what a script wants and cannot have stops it, unless --ignore', async () => {
  const script = join(folder, 'wish.sbatch')
  writeFileSync(script, '#!/bin/sh\n#SBATCH --nodelist=gpu7\n#SBATCH --cpus-per-task=1\ntrue\n')
  const [refused, ignored] = await ask(['submit', script], ['submit', '--ignore', script])
  equal(refused!.code, 2)
  match(refused!.stderr, /^line 2 +--nodelist=gpu7 +left out +a job cannot name its/)
  equal(ignored!.code, 0)
})

test('jobs wait for another, are held, released and cancelled', async () => {
  const submit = ['submit', '--cpus', '1', '--name']
  const all = await ask(
    [...submit, 'first', '--', 'sleep', '60'],
    [...submit, 'then', '--after', 'first', '--', 'true'],
    ['hold', 'then'], ['show', 'then'], ['release', 'then'],
    ['cancel', '--dry-run', 'first'], ['cancel', 'first', 'then'], ['queue', '--phase', 'ended'])
  for (const { code, stderr } of all) equal(code, 0, stderr)
  const [, , held, shown, released, dry, cancelled, ended] = all
  match(held!.stdout, /^Job \d+ is held\.\n$/)
  match(shown!.stdout, /state +held\n/)
  match(released!.stdout, /is released/)
  match(dry!.stdout, /cancel would be done; \d+ would stop\. Nothing was changed/)
  match(cancelled!.stdout, /^Job \d+ is cancelled\.\nJob \d+ is cancelled\.\n$/)
  match(ended!.stdout, /first .*cancelled/)
})

test('a job that is too large is refused with the numbers, and why says what another waits for',
  async () => {
    const { cpus } = { cpus: 100_000 }
    const refused = await one('submit', '--cpus', `${cpus}`, '--', 'true')
    equal(refused.code, 2)
    match(refused.stderr, /^100000 cores on a node are more than the \d+ that it has\./)
    const [submitted, ...answers] = await ask(
      ['submit', '--name', 'late', '--after', 'nobody', '--', 'true'],
      ['why', 'nobody'], ['cancel', '99999'])
    match(submitted!.stderr, /^There is no job called nobody\./)
    for (const { code } of [submitted!, ...answers]) equal(code, 2)
  })

test('what fails says what to do', async () => {
  const cases: readonly (readonly [readonly string[], RegExp])[] = [
    [['submit'], /^There is nothing to submit: give a batch script, or -- and a command/],
    [['submit', 'no-such-file'], /^no-such-file cannot be read as a batch script .*put -- before/],
    [['submit', process.execPath], /is a program, not a batch script\. Put -- before it/],
    [['submit', '--time', 'soon', '--', 'true'], /^--time: "soon" is not a number with a unit/],
    [['submit', '--min-throughput', '2', '--', 'true'], /^--min-throughput 2: use 0/],
    [['submit', '--queue', 'nowhere', '--', 'true'], /nowhere/],
    [['queue', '--phase', 'rnning'], /^--phase rnning: use one of .*did you mean running\?/],
    [['queue', '--factory', 'mars'], /mars/],
    [['factories', '--state', '/nowhere'], /^No server of Millrace has \/nowhere\. Start one/],
  ]
  const all = await ask(...cases.map(([words]) => words))
  for (const [at, { code, stdout, stderr }] of all.entries()) {
    const [words, expected] = cases[at]!
    ok(code === 2 || code === 4, `${words.join(' ')}: ${code}`)
    equal(stdout, '', words.join(' '))
    match(stderr, expected)
    ok(!stderr.includes('bug of Millrace'), stderr)
  }
})

describe('--json', () => {
  test('is what the server says', async () => {
    const commands = [['factories'], ['queue'], ['top'], ['limit', 'list'], ['event', 'list'],
      ['show', '1']]
    const all = await batch(folder, commands.map((words) =>
      [...words, '--state', server.state, '--json']))
    const keys = all.map(({ stdout, stderr }) => {
      equal(stderr, '')
      return Object.keys(JSON.parse(stdout) as object).slice(0, 2).join(' ')
    })
    deepEqual(keys, ['items', 'items isMore', 'factory feeders', 'items next', 'items next',
      'number name'])
  })
})

test('a second server on the folder is refused with the first one\'s pid', async () => {
  const { code, stderr } = await millrace(folder, 'up', '--state', server.state, '--port', '0')
  equal(code, 4)
  match(stderr, new RegExp(`the process with pid ${server.pid} uses this folder`))
})

test('a port that is taken is said in a sentence', async () => {
  const { address } = JSON.parse(readFileSync(join(server.state, 'server.json'), 'utf8')) as {
    address: string }
  const port = new URL(address).port
  const { code, stderr } = await millrace(folder, 'up', '--state', join(folder, 'other'),
    '--port', port)
  equal(code, 4)
  equal(stderr, `Something else listens at 127.0.0.1:${port}. Give another port with --port, or `
    + '--port 0 for any that is free.\n')
})
