// Shows that the page loads nothing, runs only its own scripts, and survives hostile names and
// degenerate runs. A small stand-in for a browser runs the script of the page.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { runInNewContext } from 'node:vm'
import type { RunSeries } from '../summary.ts'
import { colossus, colossusSeries, idle } from './fixture.ts'
import { renderReport } from './page.ts'

const OUTLINE = 'colossus\n  memphis  397 MW\n'

test('the page answers how it went and what limited it before anything else', () => {
  const page = renderReport(colossus(), colossusSeries(), OUTLINE)
  const text = page.slice(page.indexOf('<body>')).replace(/<[^>]+>/g, ' ').replace(/\s+/g, ' ')
  assert.match(text, /^ colossus, 30 days on the twin 83 % of 230,000 GPUs were busy over 30/)
  assert.match(text, /What limited it .* power A feeder has too little headroom\. Most often: feed/)
  assert.match(text, /A small trace, copied 14 times and laid over itself with up to 1 h of jitter/)
  assert.match(text, /pretraining 76,970,880 96\.0 % 0 110 GWh 800,687 21 min 80\.0 % 75\.0 %/)
  assert.match(text, /Idle because apart 3,312,000 \(2\.0 %\)/)
  assert.match(text, /unassigned 20\.2 GWh in all 216 GWh/)
  assert.match(text, /Draw averaged \d+ MW and peaked at \d+ MW; grants peaked at 397 MW\./)
})

test('nothing is loaded, and the policy names exactly the scripts and the style inside', () => {
  const page = renderReport(colossus(), colossusSeries(10), OUTLINE)
  const policy = /Content-Security-Policy" content="([^"]*)"/.exec(page)![1]!
  assert.match(policy, /^default-src 'none'; /)
  assert.doesNotMatch(policy, /unsafe|https?:/)
  const inner = (tag: string) => [...page.matchAll(new RegExp(`<${tag}>(.*?)</${tag}>`, 'gs'))]
  const hashes = [...inner('script'), ...inner('style')].map(([, text]) =>
    createHash('sha256').update(text!).digest('base64'))
  assert.equal(hashes.length, 3)
  for (const hash of hashes) assert.ok(policy.includes(`'sha256-${hash}'`))
  assert.doesNotMatch(page, /<(?:img|iframe|object|embed)\b|\ssrc=|\sstyle=|\son[a-z]+=/)
  assert.deepEqual(page.match(/<link [^>]*>/g), ['<link rel="icon" href="data:,">'])
})

test('text from outside cannot become markup, script or a turned line', () => {
  const evil = '</script><script>alert(1)</script><b title="x\'">&\u202e\u0000'
  const summary = colossus({
    factory: evil, stateHash: evil, policies: { order: evil, backfill: evil, place: evil },
    limitedBy: [{ reason: evil, at: evil, ratio: 1 }], failuresByClass: { [evil]: 4 },
    waitsBySize: [{ ...colossus().waitsBySize[0]!, gpus: evil }],
    usage: [{ ...colossus().usage[0]!, queue: evil }],
    traces: [{ format: evil, file: evil, jobs: 1, copies: 1, jitterMs: 0, skipAheadMs: 0,
      skipped: [{ cause: evil, count: 1 }] }],
  })
  const page = renderReport(summary, colossusSeries(10), evil)
  assert.equal(page.match(/<script/g)!.length, 3)
  assert.doesNotMatch(page, /<b |alert\(1\)<\/|\u202e/)
  assert.ok(!page.includes('\u0000'))
  assert.match(page, /&lt;\/script&gt;&lt;script&gt;alert\(1\)/)
})

test('degenerate runs still make a page, with words in place of empty pictures', () => {
  const gpuHours = { ...idle().gpuHours, capacity: 0 }
  const none = renderReport(idle({ limitW: Infinity, gpuHours }), colossusSeries(0), '')
  for (const words of ['No job came in 30', 'nothing limited the factory', 'Nothing failed',
    'No job came, so none waited', 'The run had no interval to draw', 'no limit']) {
    assert.ok(none.includes(words), words)
  }
  assert.ok(!none.includes('Idle because apart'))
  const year = colossus({ horizonMs: 31_536_000_000, limitedBy: [] })
  const minute = colossus({ gpus: 1, nodes: 1, horizonMs: 60_000, failures: 1 })
  for (const [summary, hours] of [[year, 8760], [minute, 1 / 60]] as const) {
    assertPlain(renderReport(summary, colossusSeries(1, hours), OUTLINE))
  }
  assertPlain(none)
  assertPlain(renderReport(idle({ horizonMs: 0 }), unlimited(), OUTLINE))
  assert.match(renderReport(colossus({ invariantsBroken: 1 }), colossusSeries(2), ''),
    /role="alert">Invariants broke 1 time:/)
})

test('a limit far above the draw does not flatten the picture, and is told', () => {
  const high = { ...colossusSeries(), limitW: colossusSeries().limitW.map(() => 9e12) }
  const page = renderReport(colossus({ limitW: 9e12 }), high, OUTLINE)
  assert.match(page, /The limit was 9000\sGW, above the top of this picture\./)
  const power = chartData(page).charts[2]!
  assert.ok(power.top < 450, `the axis ends at ${power.top} MW`)
  assert.deepEqual(power.lines.map((line) => line.label), ['draw', 'peak draw', 'granted'])
})

test('the script of the page draws every chart, zooms them and moves the readout', () => {
  const page = renderReport(colossus(), colossusSeries(2000), OUTLINE)
  assert.ok(page.length < 400_000, `${page.length} characters`)
  const browser = standIn(page)
  assert.deepEqual(browser.plots.map((plot) => plot.columns.length), [3, 3, 5])
  const [first] = browser.plots
  browser.click('in')
  assert.deepEqual(first!.scales.x, { min: 648_000, max: 1_944_000 })
  browser.click('later')
  assert.deepEqual(first!.scales.x, { min: 1_296_000, max: 2_592_000 })
  browser.click('all')
  assert.deepEqual(first!.scales.x, { min: 0, max: 2_592_000 })
  browser.press('chart-power', 'ArrowRight')
  assert.deepEqual(browser.plots[2]!.cursorAt, [0])
  browser.press('chart-power', '+')
  assert.deepEqual(first!.scales.x, { min: 648_000, max: 1_944_000 })
})

function assertPlain(page: string): void {
  const text = page.replace(/<(script|style)[^>]*>.*?<\/\1>/gs, '')
  assert.doesNotMatch(text, /NaN|Infinity|undefined|null/)
}

function unlimited(): RunSeries {
  const series = colossusSeries(3)
  return { ...series, limitW: series.limitW.map(() => Infinity), drawW: [0, 0, 0],
    grantW: [0, 0, 0], peakDrawW: [0, 0, 0] }
}

type Chart = { readonly id: string; readonly top: number;
  readonly lines: readonly { readonly label: string }[] }

function chartData(page: string): { readonly seconds: number[]; readonly charts: Chart[] } {
  const text = /id="chart-data">(.*?)<\/script>/s.exec(page)![1]!
  return JSON.parse(text) as { seconds: number[]; charts: Chart[] }
}

type Plot = { columns: number[][]; scales: { x: { min: number; max: number } }; cursorAt: number[] }

/** As much of a browser and of uPlot as the page's own script needs. */
function standIn(page: string) {
  const plots: Plot[] = []
  const listeners = new Map<string, (event: object) => void>()
  const element = (id: string, textContent = '') => ({
    id, textContent, clientWidth: 800, dataset: { zoom: id }, hidden: true, tabIndex: -1,
    replaceChildren() {}, setAttribute() {},
    addEventListener: (name: string, listener: (event: object) => void) =>
      listeners.set(`${id} ${name}`, listener),
  })
  const data = chartData(page)
  const elements = [element('chart-data', JSON.stringify(data)),
    ...data.charts.map((chart) => element(chart.id))]
  class FakePlot implements Plot {
    static paths = { stepped: () => null }
    columns: number[][]
    scales: Plot['scales']
    cursor = { idx: null }
    cursorAt: number[] = []
    constructor(_options: object, columns: number[][]) {
      this.columns = columns
      this.scales = { x: { min: columns[0]![0]!, max: columns[0]!.at(-1)! } }
      plots.push(this)
    }
    setScale(_name: string, { min, max }: { min: number; max: number }) {
      this.scales.x = { min, max }
    }
    setCursor({ left }: { left: number }) {
      this.cursorAt.push(left)
    }
    valToPos(value: number) {
      return value
    }
  }
  const window = {
    uPlot: FakePlot,
    matchMedia: () => ({ matches: false, addEventListener() {} }),
    addEventListener() {},
    document: {
      getElementById: (id: string) => elements.find((each) => each.id === id) ?? null,
      querySelectorAll: (selector: string) => (selector === '[data-zoom]'
        ? ['in', 'out', 'earlier', 'later', 'all'].map((how) => element(how)) : []),
    },
  }
  const scripts = [...page.matchAll(/<script>(.*?)<\/script>/gs)]
  runInNewContext(scripts[1]![1]!, { window })
  return {
    plots,
    click: (how: string) => listeners.get(`${how} click`)!({}),
    press: (id: string, key: string) => listeners.get(`${id} keydown`)!({ key,
      preventDefault() {} }),
  }
}
