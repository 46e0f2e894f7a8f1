// What `millrace why` prints of one small factory, as pictures: each kind of job and answer, then
// questions that have none.
import { equal, match, ok } from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { batch, newFolder, type Done } from './command.ts'

const { folder, remove } = newFolder()
after(remove)

/** Four nodes of eight GPUs, and watts for three of them. */
const FACTORY = `name: lab
sites:
  - name: lab
    limit: 37 kW
    racks:
      - system: dgx-h100
        count: 1
queues:
  - name: language
  - name: vision
    quota: 8
`
const JOBS = `id,submit,gpus,duration,limit,queue,array,after,priority,outcome
pretrain,0,16,2h,2h,language,,,,
sweep-1,1m,8,1h,1h,vision,sweep,,,
sweep-2,1m,8,1h,1h,vision,sweep,,,
sweep-3,1m,8,1h,1h,vision,sweep,,,
evaluate,2m,8,30m,30m,language,,afterok:pretrain,,
finetune,3m,16,1h,1h,language,,,,
probe,5m,8,3h,3h,language,,,-1,
broken,9m,4,10m,10m,language,,,3,failed
publish,9m,1,10m,10m,language,,afterok:broken,,
`
const why = (job: string, ...more: string[]) =>
  ['why', job, '--journal', 'out/journal.mrj', ...more]

before(async () => {
  writeFileSync(join(folder, 'lab.yaml'), FACTORY)
  writeFileSync(join(folder, 'jobs.csv'), JOBS)
  const [run] = await batch(folder, [['twin', 'lab.yaml', '--trace', 'csv:jobs.csv', '--order',
    'priority', '--backfill', 'easy', '--out', 'out', '--json']])
  equal(run!.code, 0, run!.stderr)
})

async function ask(...commands: (readonly string[])[]): Promise<Done[]> {
  return await batch(folder, commands)
}

describe('what it prints', () => {
  const cases: readonly (readonly [command: readonly string[], picture: string])[] = [
    [why('finetune', '--at', '10m'), `
At 10 min: Job finetune (number 6), 16 GPUs, queue language, waits; it was submitted 7 min ago.

Feeder lab has 1,216 W left and it needs 10,032 W.

What keeps it, in this order
  1 power (lab, for pool dgx-h100): 10,032 W needed, 1,216 there
      - job pretrain has 10,032 W, expected to end in 1 h 50 min
      - job sweep-1 has 5,016 W, expected to end in 51 min
      - base load: 20,736 W
  2 nodes (dgx-h100): 2 nodes needed, 1 there
      - job pretrain has 2 nodes, expected to end in 1 h 50 min
      - job sweep-1 has 1 node, expected to end in 51 min
  3 order: 3 jobs go before it; the first is broken.
  4 reservation: It may not delay job broken, which has reserved nodes of pool dgx-h100 from 51 min
    from now.
      - job broken has 4 GPUs, reserved from 51 min from now

What would start it now, the smallest change first; each was tried on a copy
  1 wait for jobs sweep-1, pretrain to end, or stop them (24 GPUs, expected in 1 h 50 min); and
    raise its priority from 0 to 1.
  2 raise the limit of feeder lab by 3,800 W; and wait for job sweep-1 to end, or stop it (8 GPUs,
    expected in 51 min); and raise its priority from 0 to 3.

When it starts otherwise (an estimate)
    In 2 h 20 min, in each of 9 looks ahead on what is believed of run times.

What others would call it
    Slurm: Licenses
    Kueue: has no word for it
`],
    [why('probe', '--at', '10m'), `
At 10 min: Job probe (number 7), 8 GPUs, queue language, waits; it was submitted 5 min ago.

Feeder lab has 1,216 W left and it needs 5,016 W.

What keeps it, in this order
  1 power (lab, for pool dgx-h100): 5,016 W needed, 1,216 there
      - job pretrain has 10,032 W, expected to end in 1 h 50 min
      - job sweep-1 has 5,016 W, expected to end in 51 min
      - base load: 20,736 W
  2 order: 4 jobs go before it; the first is broken.
  3 reservation: It may not delay job broken, which has reserved nodes of pool dgx-h100 from 51 min
    from now.
      - job broken has 4 GPUs, reserved from 51 min from now

What would start it now, the smallest change first; each was tried on a copy
  1 raise the limit of feeder lab by 3,800 W; and raise its priority from -1 to 3.
  2 wait for job sweep-1 to end, or stop it (8 GPUs, expected in 51 min); and raise its priority
    from -1 to 3.

When it starts otherwise (an estimate)
    In 3 h 1 min, in each of 9 looks ahead on what is believed of run times.

What others would call it
    Slurm: Licenses
    Kueue: has no word for it
`],
    [why('sweep-3', '--at', '10m'), `
At 10 min: Job sweep-3 (number 4), 8 GPUs, queue vision, waits; it was submitted 9 min ago.

It needs 8 GPUs of quota; queue vision leaves it 0.

What keeps it, in this order
  1 quota (vision): 8 GPUs needed, 0 there
      - queue vision has 8 GPUs
  2 power (lab, for pool dgx-h100): 5,016 W needed, 1,216 there
      - job pretrain has 10,032 W, expected to end in 1 h 50 min
      - job sweep-1 has 5,016 W, expected to end in 51 min
      - base load: 20,736 W
  3 order: 2 jobs go before it; the first is broken.
  4 reservation: It may not delay job broken, which has reserved nodes of pool dgx-h100 from 51 min
    from now.
      - job broken has 4 GPUs, reserved from 51 min from now

What would start it now, the smallest change first; each was tried on a copy
  1 wait for job sweep-1 to end, or stop it (8 GPUs, expected in 51 min); and raise its priority
    from 0 to 3.
  2 give queue vision 8 GPUs more of quota; and raise the limit of feeder lab by 3,800 W; and raise
    its priority from 0 to 3.

When it starts otherwise (an estimate)
    In 2 h 1 min, in each of 9 looks ahead on what is believed of run times.

What others would call it
    Slurm: AssocGrpGRES
    Kueue: QuotaReserved=False, WaitingForQuota: couldn't assign flavors to pod set main:
    insufficient unused quota for nvidia.com/gpu in flavor dgx-h100, 8 more needed

Array 2: 3 tasks; 2 quota, 1 running.
`],
    [why('evaluate', '--at', '10m'), `
At 10 min: Job evaluate (number 5), 8 GPUs, queue language, waits; it was submitted 8 min ago.

It waits for 1 job to end.

What keeps it, in this order
  1 dependency: It waits for 1 job to end.
      - job pretrain, expected to end in 1 h 50 min
  2 power (lab, for pool dgx-h100): 5,016 W needed, 1,216 there
      - job pretrain has 10,032 W, expected to end in 1 h 50 min
      - job sweep-1 has 5,016 W, expected to end in 51 min
      - base load: 20,736 W
  3 order: 3 jobs go before it; the first is broken.
  4 reservation: It may not delay job broken, which has reserved nodes of pool dgx-h100 from 51 min
    from now.
      - job broken has 4 GPUs, reserved from 51 min from now

What would start it now, the smallest change first; each was tried on a copy
  1 take its dependencies away; and ask for 1 GPU instead of 8.
  2 take its dependencies away; and raise the limit of feeder lab by 3,800 W; and raise its priority
    from 0 to 3.
  3 take its dependencies away; and wait for job sweep-1 to end, or stop it (8 GPUs, expected in
    51 min); and raise its priority from 0 to 3.

When it starts otherwise (an estimate)
    In 1 h 50 min, in each of 9 looks ahead on what is believed of run times.

What others would call it
    Slurm: Dependency
    Kueue: has no word for it
`],
    [why('publish'), `
At 6 h 14 min: Job publish (number 9), 1 GPU, queue language, waits; it was submitted 6 h 5 min ago.

It waits for the success of a job that ended without it, and will wait until a person releases or
cancels it.

What keeps it, in this order
  1 dependency: It waits for the success of a job that ended without it, and will wait until a
    person releases or cancels it.

What would start it now, the smallest change first; each was tried on a copy
  1 release it.

What others would call it
    Slurm: DependencyNeverSatisfied
    Kueue: has no word for it
`],
    [why('pretrain', '--at', '10m'), `
At 10 min: Job pretrain (number 1), 16 GPUs, queue language, runs; it has had its nodes for 10 min
and is expected to end in 1 h 50 min (its declared limit).
`],
    [why('pretrain'), `
Job pretrain is over: it completed at 2 h 1 min.
It was submitted at 0 s, waited 0 s, and was started once.
`],
    [why('sweep-1', '--at', '10m', '--array'), `
Array 2: 3 tasks; 2 quota, 1 running.
`],
  ]
  test('each job and moment', async () => {
    const all = await ask(...cases.map(([command]) => command))
    for (const [at, { code, stdout, stderr }] of all.entries()) {
      const [command, picture] = cases[at]!
      equal(code, 0, stderr)
      equal(`\n${stdout}`, picture, command.join(' '))
      ok(stdout.split('\n').every((line) => line.length <= 100))
    }
  })
})

describe('questions without an answer', () => {
  const cases: readonly (readonly [command: readonly string[], message: RegExp])[] = [
    [why('pretrian'), /no job pretrian; its 9 jobs .* 1 to 9\. Did you mean pretrain\?\n$/],
    [why('#10'), /has no job #10; its 9 jobs have the numbers 1 to 9\.\n$/],
    [why('publish', '--at', '5m'), /^Job publish comes at 9 min, later than --at 5m\. Give/],
    [why('publish', '--at', '9d'), /^--at 9d: the run of .* ends at 6 h 14 min\. Give/],
    [why('publish', '--at', 'noon'), /^--at: "noon" is not a number with a unit/],
    [why('publish', '--array'), /^Job publish is not part of an array\. Leave --array out\.\n$/],
    [['why', 'publish', '--journal', 'none.mrj'], /^none\.mrj: .*no such file/],
  ]
  test('each says what would do, and ends with 2', async () => {
    const all = await ask(...cases.map(([command]) => command))
    for (const [at, { code, stdout, stderr }] of all.entries()) {
      const [command, message] = cases[at]!
      equal(code, 2, command.join(' '))
      equal(stdout, '')
      match(stderr, message)
    }
  })
})

test('without a journal a server is asked, and where none runs that is said', async () => {
  const [{ code, stderr }] = await ask(['why', 'publish', '--state', 'none'])
  equal(code, 4)
  match(stderr, /^No server of Millrace has .*none\. Start one with "millrace up", or set MILL/)
})

test('as JSON it is the same, by number too', async () => {
  const [byName, byNumber, ended, array] = await ask(why('probe', '--at', '10m', '--json'),
    why('#7', '--at', '10m', '--json'), why('probe', '--json'),
    why('sweep-3', '--at', '10m', '--array', '--json'))
  equal(byName!.stdout, byNumber!.stdout)
  const { state, blockers, remedies } = JSON.parse(byName!.stdout) as {
    state: string, blockers: { reason: string }[], remedies: { changes: { type: string }[] }[] }
  equal(state, 'pending')
  equal(blockers[0]!.reason, 'power')
  ok(remedies[0]!.changes.length > 0)
  equal((JSON.parse(ended!.stdout) as { state: string }).state, 'ended')
  match(array!.stdout, /^\{"number":2,"history":\{"came":3,/)
})
