// Shows that a scenario is read into inner units by hand, and that a bad one gets the place, the
// value and what would do; then that a small run keeps what is asked of it, also without control.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { InputError } from '../model/index.ts'
import { plainJob } from '../../test/plain-job.ts'
import { toyPlant, toyRow } from '../../test/toy-plant.ts'
import { runTwin } from './compose.ts'
import { readScenario, type Scenario } from './scenario.ts'
import type { Summary } from './summary.ts'

/** Two racks of 10 nodes of one GPU of 100 W, 10 W idle; the hall takes a fifth more. */
const plant = toyPlant({
  sites: toyRow(10, 10),
  systems: [{ deviceIdleW: 10, nodeIdleW: 10, nodeTypicalW: 100, nodeRatedW: 100 }],
  bases: { rack0: 100, rack1: 100 },
  limits: { site0: 3000, hall0: 2500, row0: 2500, rack0: 1100, rack1: 1100 },
  ratios: { hall0: 12_000 },
})

const folder = mkdtempSync(join(tmpdir(), 'millrace-scenario-'))
after(() => rmSync(folder, { recursive: true }))

function read(text: string): Scenario {
  const path = join(folder, 'scenario.yaml')
  writeFileSync(path, text)
  return readScenario(path, plant)
}

/** What is said of a bad scenario, without the path. */
function problemsOf(text: string): string[] {
  try {
    read(text)
  } catch (error) {
    if (!(error instanceof InputError)) throw error
    return error.message.split('\n').map((line) => line.replace(/^.*scenario\.yaml:/, ''))
  }
  return []
}

describe('a scenario file', () => {
  test('becomes what happens, what is asked and when the controller is gone', () => {
    const scenario = read(`
name: all of it
curveError: 0.05
prices: [{ list: [["0s", "40 $/MWh"], ["1h", "90.5 $/MWh"]] }]
events:
  - limit: { feeder: rack1, at: 2h, notice: 30m, for: 1h, to: 600 W }
  - curtail: { at: 2h30m, notice: 20m, for: 1h, target: 25 %, rampIn: 10m, rampOut: 3 %/min }
  - heatWave: { hall: hall0, at: 5h, for: 1h, cooling: 1.45 }
  - feederLost: { feeder: rack0, at: 1h, for: 10m }
  - nodeLost: { node: rack1/10, at: 70m, for: 10m }
  - meterSilent: { feeder: site0, at: 3h, for: 5m }
  - supplyLost: { site: site0, supply: gas1, watts: 1 kW, at: 4h, for: 30m }
  - controller: { at: 2h, for: 10m }
`)
    const minute = 60_000
    assert.deepEqual(scenario.happenings.map((each) => `${each.atMs / minute} ${each.type}`),
      ['60 feeder.lost', '70 node.lost', '180 meter.silent', '300 ratio', '360 ratio'])
    assert.deepEqual(scenario.happenings[1], { type: 'node.lost', atMs: 70 * minute, node: 19,
      forMs: 10 * minute })
    assert.deepEqual(scenario.downtimes, [{ startAtMs: 120 * minute, endAtMs: 130 * minute }])
    assert.deepEqual(scenario.prices, [{ site: -1, atMs: [0, 60 * minute], perMWh: [40, 90.5] }])
    assert.deepEqual(scenario.asked.map((each) => each.atMs / minute), [90, 130, 240, 300, 360])
    assert.deepEqual(scenario.asked[0], { atMs: 90 * minute, intent: { type: 'limit', course: {
      feeder: 4, kind: 'limit', watts: 600, fromW: 600, startAtMs: 120 * minute,
      holdAtMs: 120 * minute, holdEndAtMs: 180 * minute, endAtMs: 180 * minute,
      cause: 'limit' } } })
    assert.deepEqual(scenario.asked[1], { atMs: 130 * minute, curtailment: {
      feeder: 0, noticeAtMs: 130 * minute, startAtMs: 140 * minute, holdAtMs: 150 * minute,
      holdEndAtMs: 210 * minute, targetW: -1, cutRatio: 0.25, rampOutMs: 0,
      rampOutRatioPerMs: 0.03 / minute, baselineW: -1, cause: 'curtailment' } })
    const lost = scenario.asked[2]!
    assert.ok('intent' in lost && lost.intent.type === 'limit')
    assert.equal(lost.intent.course.watts, 2000)
    assert.deepEqual(scenario.named, [4, 0])
  })

  test('prices come from a CSV beside it', () => {
    writeFileSync(join(folder, 'prices.csv'),
      'utc,price\n2026-01-01T00:00:00Z,30\n2026-01-01T00:30:00Z,-5.5\n')
    assert.deepEqual(read('prices: [{ file: prices.csv, site: site0 }]').prices,
      [{ site: 0, atMs: [0, 1_800_000], perMWh: [30, -5.5] }])
    writeFileSync(join(folder, 'prices.csv'), 'at_s,price\n0,30\n0,31\n')
    assert.match(problemsOf('prices: [{ file: prices.csv }]').join(),
      /csv:3: this time is not later/)
  })

  test('that cannot be says where and what would do', () => {
    assert.deepEqual(problemsOf(`events:
  - curtail: { feeder: rakc0, at: 1h, for: 1h, target: 25 % }
  - curtail: { at: 1h, notice: 5m, for: 0s, target: 25 % }
  - nodeLost: { node: rack0/11, at: 1h, for: 1h }
  - supplyLost: { site: site0, watts: 4 kW, at: 1h, for: 1h }
  - limit: { feeder: rack0, at: 1h, to: 50 W }
  - { meterSilent: { feeder: rack0, at: 1h, for: 1h }, controller: { at: 1h, for: 1h } }`), [
      '2:24: there is no feeder "rakc0"; site0, hall0, row0, rack0, rack1 would do; did you mean '
        + '"rack0"?',
      '3:41: it ends when it begins; more than 0s would do',
      '4:23: there is no node "rack0/11"; a rack and a number would do, such as rack0/1 to '
        + 'rack0/10',
      '5:39: 4 kW is more than the limit of site0, 3 kW; up to that would do',
      '6:41: 50 W is below what rack0 carries besides what it feeds, 100 W; from that up would do',
      '7:5: this event has 2 kinds (meterSilent, controller); one, such as curtail, would do',
    ])
  })

  test('with times or targets that contradict one another is refused', () => {
    assert.deepEqual(problemsOf(`events:
  - curtail: { at: 1h, for: 1h, target: 25 %, rampOut: 30m }
  - curtail: { at: 2h15m, for: 1h, target: 1 kW }`), [
      '3:20: event 1 is still on for site0 then, until 2 h 30 min; a time from its end would do'])
    assert.deepEqual(problemsOf(`events:
  - curtail: { at: 1h, notice: 5m, rampIn: 10m, for: 1h, target: 2 kW, baseline: 1 kW }
  - curtail: { at: 1h, notice: 2h, for: 1h, target: 1 kW, feeder: hall0 }`), [
      '2:44: the ramp of 10 min begins before the notice of 5 min; up to that would do',
      '2:66: a target of 2 kW is above the baseline of 1 kW; up to that would do',
      '3:32: the notice of 2 h would be before the run begins; up to 1 h would do',
    ])
  })

  test('with a word that is none of its own is told what would do', () => {
    assert.match(problemsOf('events: [{ curtial: { at: 1h } }]')[0]!, /did you mean "curtail"/)
    assert.match(problemsOf('events: [{ controller: { at: noon, for: 1h } }]')[0]!, /"noon"/)
    assert.match(problemsOf('events: [{ curtail: { at: 1h, for: 1h, target: 120 % } }]')[0]!,
      /"120 %" is out of range/)
    assert.match(problemsOf('prices: [{ list: [["0s", "40 EUR"]] }]')[0]!, /"40 EUR" is no price/)
  })
})

/** Two jobs fill the plant for ten hours. */
function run(power: string, scenario: Scenario): Summary {
  const jobs = [0, 1].map((at) => plainJob(`job${at}`, 0, 10, 36_000_000, 40_000_000))
  let next = 0
  const { summary, problems } = runTwin({
    plant, document: {}, scenario, traces: [], seed: 1, untilMs: 8 * 3_600_000, checkEvery: 1,
    source: {
      peekAtMs: () => jobs[next]?.submitAtMs ?? Infinity,
      next: () => ({ job: jobs[next]!, name: jobs[next++]!.id }),
    },
    policies: { order: 'fifo', backfill: 'none', place: 'pack', power },
  })
  assert.deepEqual(problems, [])
  return summary
}

const EVENT = `
prices: [{ list: [["0s", "100 $/MWh"], ["4h", "1000 $/MWh"]] }]
events:
  - curtail: { at: 2h, notice: 30m, for: 2h, target: 25 %, rampIn: 10m, rampOut: 20m }`

describe('a run with a scenario', () => {
  test('without control draws as before, and the summary says by how much it failed', () => {
    const summary = run('none', read(EVENT))
    // 20 GPUs of 100 W at 1.2, all the time: 2,400 W of which a quarter was asked.
    const [event] = summary.events
    assert.deepEqual({ ...event, noticeAtMs: 0 }, {
      cause: 'curtailment', feeder: 'site0', noticeAtMs: 0, holdAtMs: 7_200_000,
      holdEndAtMs: 14_400_000, baselineW: 2400, asked: { watts: 1800, ratio: 0.25 },
      held: { watts: 2400, ratio: 0 }, errorRatio: -0.25, overshootW: 600, dipW: 0,
      rampWorstWPerMin: { in: 0, out: 0 }, settledMs: 7_200_000, gpuHoursLost: 0,
    })
    // 2.4 kW: 4 hours at $ 0.10 and 4 at $ 1.00 for a kWh.
    assert.ok(Math.abs(summary.cost!.dollars - (2.4 * 4 * 0.1 + 2.4 * 4)) < 1e-6)
    assert.deepEqual(summary.price, [])
  })

  test('under control holds what is asked, and loses work for it', () => {
    const summary = run('price', read(EVENT))
    const event = summary.events[0]!
    assert.ok(event.held!.ratio >= 0.249 && event.held!.ratio < 0.3, `${event.held!.ratio}`)
    assert.ok(event.gpuHoursLost > 0)
    const { allocated, useful, lostCapped, lostPaused } = summary.gpuHours
    assert.ok(Math.abs(allocated - useful - lostCapped - lostPaused) < 1e-6)
    // The last steps of the return come after its end: a margin is kept below the course.
    const afterEnd = lostCapped + lostPaused - event.gpuHoursLost
    assert.ok(afterEnd >= 0 && afterEnd < 0.1 * event.gpuHoursLost, `${afterEnd}`)
    assert.deepEqual(summary.price.map((each) => each.feeder), ['site0'])
    assert.ok(summary.price[0]!.bindingHours > 1.9)
  })

  test('that asks for more than can be shed says how far it could be', () => {
    const summary = run('price', read(EVENT.replace('25 %', '95 %')))
    const event = summary.events[0]!
    // Idle nodes draw 10 W each at 1.2, and paused devices are as idle ones.
    assert.equal(event.floorW, 240)
    assert.ok(event.held!.watts >= 240)
    assert.match(summary.warnings[0]!, /asks for 120 W, and the least .* is 240 W/)
  })

  test('that loses its controller keeps its caps for the lease, then the safe ones', () => {
    const away = `${EVENT}\n  - controller: { at: 2h30m, for: 30m }`
    const event = run('price', read(away)).events[0]!
    assert.ok(event.held!.ratio >= 0.249, `${event.held!.ratio}`)
    const late = `${EVENT}\n  - controller: { at: 1h, for: 2h }`
    // Nobody heard the notice: the target is missed for the first hour.
    assert.deepEqual(run('price', read(late)).events.map((each) => each.noticeAtMs),
      [10_800_000])
  })

  test('twice gives the same journal', () => {
    const scenario = read(`curveError: 0.05${EVENT}`)
    assert.equal(run('price', scenario).journalHash, run('price', scenario).journalHash)
  })
})
