// What becomes of #SBATCH lines: scripts as people publish them are read, and each option is
// honoured, ignored or refused, with its line.
import { deepEqual, equal, match, throws } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { exported, readExport } from './export.ts'
import { readSbatch, type Wish } from './sbatch.ts'
import { limitOf, memoryOf } from './values.ts'

function notes(script: string): string[] {
  return readSbatch(script).notes.map(({ line, written, does, says }) =>
    `${line} ${written}: ${does}, ${says}`)
}

/** What differs from a script that says nothing. */
function wish(lines: string): Partial<Wish> {
  const plain = readSbatch('#!/bin/sh\n').wish
  const found = readSbatch(`#!/bin/sh\n${lines}\ntrue\n`).wish
  return Object.fromEntries(Object.entries(found).filter(([key, value]) =>
    JSON.stringify(value) !== JSON.stringify(plain[key as keyof Wish])))
}

test('a training script on two nodes with GPUs, a signal and mail', () => {
  // In the form of a template that several compute centres publish.
  const script = `#!/bin/bash

#SBATCH --job-name=GPU-torchrun
#SBATCH --mem=400GB
#SBATCH --partition=rtx6000
#SBATCH --qos=normal
#SBATCH --output=logs/%x.%j.log
#SBATCH --nodes=2
#SBATCH --gres=gpu:2
#SBATCH --ntasks-per-node=2   # one for each GPU
#SBATCH --cpus-per-task=8
#SBATCH --signal=B:USR1@90
#SBATCH --nodelist=gpu[170-179]
##SBATCH --time=1:00:00
#SBATCH --mail-type=BEGIN,END

export MASTER_PORT=29504
#SBATCH --time=2:00:00
srun torchrun --nproc_per_node=2 train.py
`
  deepEqual(notes(script), [
    '3 --job-name=GPU-torchrun: honoured, the job is called GPU-torchrun',
    '4 --mem=400GB: honoured, 400 GiB on each node',
    '5 --partition=rtx6000: honoured, queue rtx6000',
    '6 --qos=normal: ignored, queues and priorities decide here',
    '7 --output=logs/%x.%j.log: honoured, to logs/%x.%j.log',
    '8 --nodes=2: honoured, 2 nodes',
    '9 --gres=gpu:2: honoured, 2 GPUs on each node',
    '10 --ntasks-per-node=2: honoured, 2 tasks on each node',
    '11 --cpus-per-task=8: honoured, 8 cores for each task',
    '12 --signal=B:USR1@90: honoured, SIGUSR1 to all its processes whenever it should save, with '
      + '1 min 30 s to do so',
    '13 --nodelist=gpu[170-179]: refused, a job cannot name its nodes',
    '15 --mail-type=BEGIN,END: ignored, no mail is sent; millrace logs -f and the event stream '
      + 'tell',
  ])
  deepEqual(wish(script.split('\n').slice(2, 15).join('\n')), {
    gpus: 4, nodes: 2, cpusPerNode: 16, memoryPerNodeGiB: 400, name: 'GPU-torchrun',
    queue: 'rtx6000', output: 'logs/%x.%j.log', checkpointSignal: 'SIGUSR1', graceMs: 90_000,
  })
})

test('short options, several on a line, with and without a space', () => {
  deepEqual(wish('#SBATCH -N2 -t 1-12:00 -J "big run"\n#SBATCH -p long -G h100:16 -D /data'), {
    gpus: 16, nodes: 2, name: 'big run', queue: 'long', device: 'h100', limitMs: 129_600_000,
    directory: '/data',
  })
})

describe('what a gang is made of', () => {
  const cases: readonly (readonly [string, Partial<Wish>])[] = [
    ['#SBATCH --gpus=8', { gpus: 8, nodes: 0 }],
    ['#SBATCH --gpus-per-node=a100:4', { gpus: 4, device: 'a100' }],
    ['#SBATCH --gres=gpu', { gpus: 1 }],
    ['#SBATCH -N 2-4 --gpus-per-node=8', { gpus: 32, nodes: 4, leastNodes: 2 }],
    ['#SBATCH -n 8 --gpus-per-task=1 --ntasks-per-node=4', { gpus: 8, nodes: 2, cpusPerNode: 4 }],
    ['#SBATCH -n 8 --gpus-per-task=1', { gpus: 8, nodes: 0 }],
    ['#SBATCH -n 16 -c 2', { cpusPerNode: 32 }],
    ['#SBATCH -N 4 -n 16 -c 2', { nodes: 4, cpusPerNode: 8 }],
    ['#SBATCH --gres=gpu:4 --cpus-per-gpu=6 --mem-per-gpu=60G',
      { gpus: 4, cpusPerNode: 24, memoryPerNodeGiB: 240 }],
    ['#SBATCH -c 4 --mem-per-cpu=2048', { cpusPerNode: 4, memoryPerNodeGiB: 8 }],
  ]
  for (const [line, expected] of cases) {
    test(line, () => deepEqual(wish(line), expected))
  }
})

describe('what is said of an option', () => {
  const cases: readonly (readonly [string, RegExp])[] = [
    ['--dependency=afterok:12:13,afterany:7', /honoured, when job 12 has succeeded and job 13 has/],
    ['--dependency=afterok:1?afterok:2', /refused, waiting for one of several/],
    ['--dependency=singleton', /refused, singleton is not possible/],
    ['--array=0-9', /honoured, 10 tasks, 0 to 9/],
    ['--array=0-9%4', /refused, 10 tasks, 0 to 9, of which at most 4 at once/],
    ['--array=0-4000000000', /refused, 0-4000000000 is no list/],
    ['--array=0-5000', /refused, 0-5000 is no list of up to 1,000/],
    ['--signal=KILL@60', /refused, KILL@60 is none of USR1/],
    ['--signal=10', /honoured, SIGUSR1 .* with 1 min/],
    ['--begin=now', /ignored/],
    ['--begin=16:00', /refused, a job cannot begin at a time/],
    ['--hold', /refused, a job cannot be held before/],
    ['--requeue', /honoured, where power is short/],
    ['--no-requeue', /refused, a job that loses a node/],
    ['--exclusive', /refused, a job without GPUs cannot/],
    ['--exclusive --gres=gpu:8', /ignored, its devices are its own/],
    ['--comment="a b"', /--comment=a b: ignored/],
    ['-C "a100&hbm80g"', /refused, nodes have no features/],
    ['--gres=gpu:2,shard:4', /refused, there is no resource shard:4/],
    ['-N 3 --gpus=8', /-N 3: refused, 8 GPUs do not divide over 3 nodes/],
    ['--time=soon', /refused, soon is no time/],
    ['--nice', /honoured, priority -100/],
    ['--output=%A_%a.out', /honoured, to %j_%a.out, which says the same here/],
    ['--output=%8s.out', /refused, %8s is not possible/],
    ['--job-nam=x', /honoured, the job is called x/],
    ['--gpu=3', /refused, sbatch has no such option/],
    ['--export=NONE,1X', /refused, --export: "1X" is no variable|refused/],
    ['-t 10 -t 20', /-t 10: ignored, line 2 says it again/],
  ]
  for (const [option, expected] of cases) {
    test(option, () => match(notes(`#!/bin/sh\n#SBATCH ${option}\n`)[0]!, expected))
  }
})

test('what is no batch script is refused with its line', () => {
  throws(() => readSbatch('echo hello\n'), /Line 1 is no #! line/)
  throws(() => readSbatch('#!/bin/sh\r\n'), /Line 1 ends as on Windows/)
  throws(() => readSbatch('#!/bin/sh\n#SBATCH -N'), /Line 2: -N has no value/)
  throws(() => readSbatch('#!/bin/sh\n#SBATCH 4 nodes'), /Line 2: 4 is no option/)
  throws(() => readSbatch('#!/bin/sh\n#SBATCH -J "x'), /Line 2: the quote " is never closed/)
})

test('a time limit in each form of sbatch', () => {
  const forms = ['90', '10:30', '4:00:00', '1-12', '1-12:30', '1-00:00:05', 'UNLIMITED']
  deepEqual(forms.map((text) => limitOf(text) / 1000), [5400, 630, 14400, 129600, 131400, 86405, 0])
  equal(limitOf('1-'), NaN)
})

test('a size of memory in each form of sbatch', () => {
  deepEqual(['2048', '64G', '400GB', '1.5T', '32gib'].map(memoryOf), [2, 64, 400, 1536, 32])
  equal(memoryOf('lots'), NaN)
})

test('of the environment goes what --export says', () => {
  const shell = { HOME: '/home/kim', SEED: '3', KEY: 'secret', 'BASH_FUNC_x%%': '() { }' }
  const of = (text: string) => exported(readExport('--export', text), shell)
  deepEqual(of('ALL'), { HOME: '/home/kim', SEED: '3', KEY: 'secret' })
  deepEqual(of('NONE'), {})
  deepEqual(of('SEED,LR=0.1'), { SEED: '3', LR: '0.1' })
  deepEqual(of('ALL,SEED=4'), { HOME: '/home/kim', SEED: '4', KEY: 'secret' })
  throws(() => of('a b'), /--export: "a b" is no variable/)
})
