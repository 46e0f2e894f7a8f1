// Shows the text of a run at 80 columns, and that no run makes it wider or writes control codes.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { colossus, idle } from './fixture.ts'
import { renderSummary, wrap } from './terminal.ts'

test('a month of Colossus at 80 columns', () => {
  assert.equal(renderSummary(colossus(), { width: 80, color: false }), MONTH)
})

test('no line is wider than the terminal, whatever the run', () => {
  const long = 'x'.repeat(300)
  const runs = [
    colossus(), idle(), idle({ limitW: Infinity }),
    colossus({ gpus: 1, nodes: 1, horizonMs: 60_000, limitW: 1e12, peakDrawW: 700 }),
    colossus({ factory: long, stateHash: long, limitedBy: [{ reason: long, at: long, ratio: 1 }],
      traces: [{ ...colossus().traces[0]!, file: long }], failuresByClass: { [long]: 3 },
      usage: Array.from({ length: 30 }, () => ({ ...colossus().usage[0]!, queue: long })) }),
  ]
  for (const run of runs) {
    for (const width of [76, 80, 100, 200]) {
      const lines = renderSummary(run, { width, color: false }).split('\n')
      const widest = lines.reduce((most, line) => Math.max(most, line.length), 0)
      assert.ok(widest <= width, `${widest} columns at a width of ${width}`)
      assert.ok(lines.every((line) => line === line.trimEnd()))
    }
  }
})

test('names cannot steer the terminal, and colour is only there when asked for', () => {
  const hostile = colossus({ factory: 'a\u001b[2J\u0007b\nc', traces: [] })
  const text = renderSummary(hostile, { width: 80, color: false })
  assert.doesNotMatch(text, /(?!\n)\p{Cc}/u)
  assert.match(text, /Factory {3}a\ufffd\[2J\ufffdb c: 230,000 GPUs/)
  const bold = renderSummary(colossus(), { width: 80, color: true })
  assert.ok(bold.startsWith('\u001b[1m83 %'))
})

test('degenerate runs say so in words', () => {
  const text = renderSummary(idle({ limitW: Infinity, invariantsBroken: 1 }),
    { width: 80, color: false })
  assert.match(text, /No job started\./)
  assert.match(text, /No job waited, so nothing limited the factory\./)
  assert.match(text, /without a limit/)
  assert.match(text, /Nothing failed\./)
  assert.match(text, /1 invariant BROKEN/)
})

test('queues that the factory does not have are told', () => {
  const [trace] = colossus().traces
  const moved = [{ queue: 'de\u001bbug', count: 1200 }, { queue: '', count: 3 }]
  const text = renderSummary(colossus({ traces: [{ ...trace!, moved }] }),
    { width: 80, color: false })
  assert.match(text.replace(/\s+/g, ' '),
    /queue this factory does not have went to its first: 1,200 of de\ufffdbug, 3 of others\./)
})

test('a number stays with its unit, and an endless word is cut', () => {
  assert.deepEqual(wrap('it took 12 d in all', 10), ['it took', '12 d in', 'all'])
  assert.deepEqual(wrap('abcdefgh', 3), ['abc', 'def', 'gh'])
})

const MONTH = `\
83 % of 230,000 GPUs were busy over 30 days; 96 % of that was useful work. Power
held waiting jobs back 61 % of the time that any waited, most often at feeder
memphis.

Factory   colossus: 230,000 GPUs on 28,750 nodes
          order fair-share, backfill conservative, place pack
Load      data/philly/cluster_job_log.json (philly), 1,642,550 jobs. A small
          trace, copied 14 times and laid over itself with up to 1 h of jitter
          to fill the factory. Its first 14 d were left out. 4,935 rows skipped.
Jobs      submitted  1,642,550  completed  1,429,798  running        1,204
          started    1,640,112  failed       180,221  waiting        2,438
          refused            0  cancelled     28,889
Waits     Half started within 12 s, 90 % within 14 min, 99 % within 3 h 12 min.
          GPUs         jobs  of GPU-h          p50         p90         p99
          1         982,300     4.1 %          0 s        20 s       4 min
          2-7       311,208     4.8 %          4 s  1 min 15 s      15 min
          8         240,114     9.0 %         21 s       8 min  1 h 30 min
          9-63       81,450    13.7 %   4 min 20 s  1 h 40 min         6 h
          64-511     24,300    22.2 %       32 min         6 h         1 d
          512-4095    3,011    26.7 %   2 h 30 min        22 h    3 d 12 h
          4096+         167    19.5 %  11 h 23 min     2 d 2 h         7 d
Limits    power 61 % of the time (feeder memphis); nodes 22 %, topology 11 %;
          idle because apart 2.0 % of capacity (3,312,000 GPU-h)
Goodput   useful      79.7 %    131,950,080 GPU-h  ███████████████████████
          rework       1.2 %      1,924,272 GPU-h  ▏
          restart      0.7 %      1,099,584 GPU-h  ▏
          detection    0.2 %        412,344 GPU-h  ▏
          checkpoint   1.2 %      2,061,720 GPU-h  ▏
          idle        15.6 %     25,833,600 GPU-h  █████
          down         1.4 %      2,318,400 GPU-h  ▏
Power     Drew 301 MW on average and 371 MW at peak of a limit of 397 MW
          (93.5 %); granted at most 397 MW; used 216 GWh.
Use       queue                    GPU-h    energy   share  weight
          grok                96,213,600   137 GWh  70.0 %  66.7 %
            pretraining       76,970,880   110 GWh  80.0 %  75.0 %
            reinforcement-l…  19,242,720  27.5 GWh  20.0 %  25.0 %
          research            41,234,400  58.9 GWh  30.0 %  33.3 %
          unassigned                      20.2 GWh
Faults    5,512 failures, 184 a day: device 2,890, node 1,011, link 744,
          software 702, host 131, rack 31, feeder 3. 6,120 restarts, 214
          preemptions of jobs.
Run       9,812,400 events, 1,866,310 decisions in 12 s of CPU (13 s of time),
          0.7 GB; every invariant held.
          seed 1  state 6f1d0c5a9be27734  journal b02e4471d95c38ff
`
