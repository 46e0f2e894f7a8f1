// Real processes start, end, fail and are stopped below the engine, and it reports what happened.
import assert from 'node:assert/strict'
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { localScene, until, type LocalScene } from '../../../test/local-scene.ts'
import type { JobReport } from '../../model/index.ts'
import { identityOf, isAlive } from './processes.ts'

let scene: LocalScene
before(async () => {
  scene = await localScene()
})
after(() => scene.close())

async function ending(number: number): Promise<string> {
  const { outcome, cause } = await scene.reported(number, 'job.done') as JobReport
  return cause === '' ? outcome : `${outcome}: ${cause}`
}

/** A process that ended and is not reaped by its parent yet does not run. */
function isRunning(pid: number): boolean {
  const identity = identityOf(pid)
  return identity !== undefined && isAlive(identity)
}

/** A Node program as a command: every machine that runs Millrace has it. */
const program = (text: string) => [process.execPath, '-e', text]

describe('how jobs end', () => {
  test('well: completed, and its words are in its log, read by no shell', async () => {
    scene.start(1, { command: ['echo', 'one $HOME', '`two`'] })
    const done = await scene.reported(1, 'job.done')
    assert.deepEqual(done, { type: 'job.done', job: 1, number: 1, attempt: 1,
      outcome: 'completed', cause: '', keptMs: 0 })
    assert.ok(scene.reports.some(({ type }) => type === 'job.up'))
    assert.equal(scene.log(1), 'one $HOME `two`\n')
    assert.deepEqual(scene.engine.progressOf!(1)!.logs, [join(scene.attempt(1), 'node-0.log')])
  })

  test('with a code, by a signal, without a program, folder, command or interpreter', async () => {
    scene.start(10, { command: ['sh', '-c', 'exit 3'] })
    scene.start(11, { command: ['sh', '-c', 'kill -SEGV $$'] })
    scene.start(12, { command: ['no-such-program', 'x'] })
    scene.start(13, { command: ['true'], directory: '/no/such/folder' })
    scene.start(14, {})
    scene.start(15, { script: '#!/no/such/shell\ntrue\n' })
    scene.start(16, { script: 'echo no first line\n' })
    scene.start(17, { command: ['true'], output: '/no/such/folder/log' })
    assert.equal(await ending(10), 'failed: exit code 3')
    assert.equal(await ending(11), 'failed: killed by SIGSEGV')
    assert.equal(await ending(12),
      'failed: there is no program "no-such-program" that could be started')
    assert.equal(await ending(13), 'failed: there is no folder /no/such/folder to work in')
    assert.equal(await ending(14), 'failed: the job has no command and no script')
    assert.equal(await ending(15),
      'failed: there is no /no/such/shell, which the script\'s #! names')
    assert.equal(await ending(16),
      'failed: the first line of the script must name its program, as #!/bin/sh does')
    assert.match(await ending(17), /^failed: .*\/no\/such\/folder\/log/)
  })

  test('a script runs by its first line, with arguments, closed to others', async () => {
    scene.start(20, { script: '#!/bin/sh\necho "$1" "$MILLRACE_JOB"\n', command: ['a b'] })
    assert.equal(await ending(20), 'completed')
    assert.equal(scene.log(20), 'a b 20\n')
  })

  test('one that floods its log has its last words kept, and the disk is not filled', async () => {
    const path = join(scene.attempt(23), 'node-0.log')
    scene.start(23, { command: ['sh', '-c', 'yes flood | head -c 600000000; echo the end'] })
    assert.equal(await ending(23), 'completed')
    const kept = statSync(path).size + statSync(`${path}.1`).size
    assert.ok(kept < 600_000_000, `${kept} bytes`)
    const words = readFileSync(`${path}.1`, 'utf8') + readFileSync(path, 'utf8')
    assert.match(words.slice(-20), /flood\nthe end\n$/)
  })

  test('its limit ends it', async () => {
    scene.start(21, { command: ['sleep', '1000'] }, { limitMs: 100 })
    assert.equal(await ending(21), 'failed: its limit of 100 ms is over')
  })

  test('output goes where it is told, and a name cannot lead it elsewhere', async () => {
    const directory = join(scene.folder, 'work')
    mkdirSync(directory)
    scene.start(22, {
      command: ['sh', '-c', 'echo out; echo err >&2'], directory, output: '%x-%j.%n', error: 'e%%',
    }, { name: '../a/b' })
    assert.equal(await ending(22), 'completed')
    assert.equal(readFileSync(join(directory, '.._a_b-22.0'), 'utf8'), 'out\n')
    assert.equal(readFileSync(join(directory, 'e%'), 'utf8'), 'err\n')
  })
})

describe('stop', () => {
  test('a job is stopped once it saved, and reports what it kept', async () => {
    scene.start(30, {
      checkpointSignal: 'SIGUSR1',
      command: program(`
        const { appendFileSync } = require('node:fs')
        process.on('SIGUSR1', () => setTimeout(() => {
          appendFileSync(process.env.MILLRACE_STATUS, 'step 7 of 9\\ncheckpoint\\n')
        }, 50))
        setInterval(() => {}, 1000)
        console.log('ready')`),
    }, { keptMs: 5000 })
    await scene.until('its handler', () => existsSync(join(scene.attempt(30), 'node-0.log'))
      && scene.log(30) === 'ready\n')
    scene.order('checkpoint', 30)
    await scene.until('a checkpoint', () => (
      scene.engine.progressOf!(30)?.says === 'step 7 of 9'
      && scene.engine.progressOf!(30)!.savedAtMs > 0))
    scene.order('stop', 30)
    const { keptMs } = await scene.reported(30, 'job.stopped') as JobReport
    assert.ok(keptMs > 5000 && keptMs < 65_000, `${keptMs} ms`)
  })

  test('one that ignores signals is killed when its grace is over', async () => {
    scene.start(31, {
      graceMs: 100, command: ['sh', '-c', 'trap "" TERM INT HUP USR1; echo on; sleep 1000'],
    })
    await scene.until('its trap', () => existsSync(join(scene.attempt(31), 'node-0.log'))
      && scene.log(31) === 'on\n')
    scene.order('stop', 31)
    await scene.reported(31, 'job.stopped')
  })

  test('what forked away from it ends with it', async () => {
    const path = join(scene.folder, 'away')
    writeFileSync(path, '')
    scene.start(32, { graceMs: 100, command: ['sh', '-c',
      `setsid sh -c 'echo $$ >${path}; exec sleep 1000' & sleep 1000`] })
    await until('the one that forks', () => readFileSync(path, 'utf8').endsWith('\n'))
    const pid = Number(readFileSync(path, 'utf8'))
    scene.order('stop', 32)
    await scene.reported(32, 'job.stopped')
    assert.ok(!isRunning(pid), `process ${pid} still runs`)
  })
})

describe('gangs', () => {
  test('each node has its place, in the words of torchrun, Open MPI and Slurm', async () => {
    const nodes = [0, 1].map((node) => (
      { name: `rack/${node + 1}`, devices: [100 + 2 * node, 101 + 2 * node], cpus: 4 }))
    scene.start(40, { command: ['sh', '-c', 'echo $RANK $WORLD_SIZE $PET_NPROC_PER_NODE '
      + '$OMPI_COMM_WORLD_RANK $SLURM_NODEID/$SLURM_NNODES $SLURM_JOB_NODELIST $MILLRACE_DEVICES '
      + '$EXTRA'], environment: { EXTRA: 'own', RANK: '9' } }, { nodes })
    assert.equal(await ending(40), 'completed')
    assert.equal(scene.log(40, 0), '0 2 2 0 0/2 rack/1,rack/2 100,101 own\n')
    assert.equal(scene.log(40, 1), '1 2 2 1 1/2 rack/1,rack/2 102,103 own\n')
  })

  test('when one node fails, all end', async () => {
    const nodes = [0, 1, 2].map((node) => (
      { name: `rack/${node + 1}`, devices: [110 + node], cpus: 1 }))
    scene.start(41, { command: ['sh', '-c', '[ $RANK = 1 ] && exit 4; sleep 1000'] }, { nodes })
    assert.equal(await ending(41), 'failed: exit code 4 on node 1')
  })
})
