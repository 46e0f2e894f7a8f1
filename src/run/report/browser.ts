/**
 * What runs in the reader's browser. The page carries the text of these functions, so they use
 * only one another, the global uPlot and what their arguments hold.
 */

/** A colour of the page by its meaning; style.ts has one for light and one for dark. */
export type Ink = 'busy' | 'up' | 'waiting' | 'draw' | 'grant' | 'limit' | 'text' | 'grid'

export type ChartLine = {
  readonly label: string
  readonly ink: Ink
  readonly dash: readonly number[]
  readonly isFilled: boolean
  /** Not drawn: only read in the legend, because its unit is another one. */
  readonly isReadout: boolean
  readonly mean: number
  readonly values: readonly (number | null)[]
}

export type ChartSpec = {
  readonly id: string
  readonly heightPx: number
  readonly unit: string
  readonly digits: number
  /** Top of the axis, which begins at 0. */
  readonly top: number
  readonly lines: readonly ChartLine[]
}

export type PageData = {
  readonly seconds: readonly number[]
  readonly charts: readonly ChartSpec[]
  readonly inks: { readonly light: Record<Ink, string>; readonly dark: Record<Ink, string> }
}

/** The parts of a browser and of uPlot that are used here; the project has no DOM types. */
type Listen = (name: string, listener: (event: KeyEvent) => void) => void
type KeyEvent = { readonly key: string; preventDefault(): void }
type Element = {
  readonly clientWidth: number
  readonly dataset: Record<string, string | undefined>
  readonly textContent: string
  tabIndex: number
  hidden: boolean
  addEventListener: Listen
  replaceChildren(): void
  setAttribute(name: string, value: string): void
}
type Media = { readonly matches: boolean; addEventListener: Listen }
export type Page = {
  readonly document: {
    getElementById(id: string): Element | null
    querySelectorAll(selector: string): Iterable<Element>
  }
  readonly uPlot: PlotMaker
  matchMedia(query: string): Media
  addEventListener: Listen
}
type PlotMaker = {
  new (options: object, columns: readonly unknown[], parent: Element): Plot
  readonly paths: { stepped(options: { align: number }): unknown }
}
type Plot = {
  readonly scales: { readonly x: { readonly min: number; readonly max: number } }
  readonly cursor: { readonly idx: number | null | undefined }
  setScale(name: string, range: { min: number; max: number }): void
  setSize(size: { width: number; height: number }): void
  setCursor(place: { left: number; top: number }, fire: boolean, publish: boolean): void
  valToPos(value: number, scale: string): number
  destroy(): void
}

/** The script of the page, after uPlot's own. */
export function browserScript(): string {
  const parts = [startCharts, watchPage, watchKeys, stepCursor, zoomPlots, makePlot,
    plotSeries, plotAxes, formatElapsed, formatNumber]
  return `'use strict';\n${parts.map(String).join('\n')}\nstartCharts(window);`
}

function startCharts(page: Page): void {
  const source = page.document.getElementById('chart-data')
  if (source === null) return
  const data = JSON.parse(source.textContent) as PageData
  const dark = page.matchMedia('(prefers-color-scheme: dark)')
  let plots: Plot[] = []
  const draw = (isDark: boolean, widthPx: number) => {
    for (const plot of plots) plot.destroy()
    plots = []
    for (const spec of data.charts) {
      const parent = page.document.getElementById(spec.id)
      if (parent === null) continue
      parent.replaceChildren()
      const inks = isDark ? data.inks.dark : data.inks.light
      plots.push(makePlot(page, spec, data.seconds, inks, parent, widthPx || parent.clientWidth))
    }
  }
  draw(dark.matches, 0)
  watchPage(page, data, dark, draw, () => plots)
  watchKeys(page, data, () => plots)
}

/** Redraws in the colours and at the width of screen or paper. */
function watchPage(page: Page, data: PageData, dark: Media,
  draw: (isDark: boolean, widthPx: number) => void, plots: () => readonly Plot[]): void {
  dark.addEventListener('change', () => draw(dark.matches, 0))
  page.addEventListener('beforeprint', () => draw(false, 680))
  page.addEventListener('afterprint', () => draw(dark.matches, 0))
  page.addEventListener('resize', () => {
    for (const [at, plot] of plots().entries()) {
      const spec = data.charts[at]
      const parent = spec === undefined ? null : page.document.getElementById(spec.id)
      if (spec === undefined || parent === null) continue
      plot.setSize({ width: parent.clientWidth, height: spec.heightPx })
    }
  })
}

/** Buttons zoom all charts; on a chart, arrows move the readout and +, - and 0 zoom. */
function watchKeys(page: Page, data: PageData, plots: () => readonly Plot[]): void {
  for (const bar of page.document.querySelectorAll('[data-zoom-bar]')) bar.hidden = false
  for (const button of page.document.querySelectorAll('[data-zoom]')) {
    button.addEventListener('click', () =>
      zoomPlots(plots(), data.seconds, button.dataset['zoom'] ?? ''))
  }
  const zooms: Record<string, string> = { '+': 'in', '=': 'in', '-': 'out', '0': 'all' }
  for (const [at, spec] of data.charts.entries()) {
    const parent = page.document.getElementById(spec.id)
    if (parent === null) continue
    parent.tabIndex = 0
    parent.setAttribute('role', 'group')
    parent.setAttribute('aria-labelledby', `${spec.id}-title`)
    parent.addEventListener('keydown', (event) => {
      const plot = plots()[at]
      const sign = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0
      const zoom = zooms[event.key]
      if (plot === undefined || (sign === 0 && zoom === undefined)) return
      event.preventDefault()
      if (zoom !== undefined) zoomPlots(plots(), data.seconds, zoom)
      else stepCursor(plot, data.seconds, sign)
    })
  }
}

/** Moves the readout by a hundredth of what is shown, and at least to the next interval. */
function stepCursor(plot: Plot, seconds: readonly number[], sign: number): void {
  const { min, max } = plot.scales.x
  const first = Math.max(0, seconds.findIndex((second) => second >= min))
  const last = Math.max(first, seconds.findLastIndex((second) => second <= max))
  const step = Math.max(1, Math.round((last - first) / 100))
  const index = (plot.cursor.idx ?? (sign > 0 ? first - step : last + step)) + sign * step
  const shown = seconds[Math.min(last, Math.max(first, index))] ?? 0
  plot.setCursor({ left: plot.valToPos(shown, 'x'), top: 20 }, true, true)
}

/** Shows a part of the time, never past the ends of the run nor less than three steps. */
function zoomPlots(plots: readonly Plot[], seconds: readonly number[], how: string): void {
  const first = seconds[0] ?? 0
  const last = seconds[seconds.length - 1] ?? 0
  const shown = plots[0]?.scales.x
  if (shown === undefined) return
  const step = (seconds[1] ?? last) - first
  const width = shown.max - shown.min
  const factor = how === 'in' ? 0.5 : how === 'out' ? 2 : 1
  const shift = how === 'later' ? width / 2 : how === 'earlier' ? -width / 2 : 0
  const wanted = Math.max(width * factor, step * 3)
  const next = how === 'all' ? last - first : Math.min(last - first, wanted)
  const middle = (shown.min + shown.max) / 2 + shift
  const min = how === 'all' ? first : Math.min(last - next, Math.max(first, middle - next / 2))
  for (const plot of plots) plot.setScale('x', { min, max: min + next })
}

function makePlot(page: Page, spec: ChartSpec, seconds: readonly number[],
  inks: Record<Ink, string>, parent: Element, width: number): Plot {
  const options = {
    width,
    height: spec.heightPx,
    scales: { x: { time: false }, y: { range: () => [0, spec.top] } },
    series: plotSeries(spec, inks, page.uPlot.paths.stepped({ align: 1 })),
    axes: plotAxes(spec, inks),
    cursor: { y: false, drag: { x: true, y: false }, sync: { key: 'run', scales: ['x', null] } },
    legend: {
      markers: {
        width: (_plot: unknown, at: number) => (spec.lines[at - 1]?.isReadout ? 0 : 3),
        dash: (_plot: unknown, at: number) =>
          ((spec.lines[at - 1]?.dash.length ?? 0) > 0 ? 'dashed' : 'solid'),
      },
    },
  }
  return new page.uPlot(options, [seconds, ...spec.lines.map((line) => line.values)], parent)
}

/** At rest the legend shows means over the run, under the pointer the values of that moment. */
function plotSeries(spec: ChartSpec, inks: Record<Ink, string>, stepped: unknown): object[] {
  const time = {
    label: 'time',
    value: (_plot: unknown, value: number | null) =>
      (value === null ? 'whole run' : formatElapsed(value)),
  }
  return [time, ...spec.lines.map((line) => ({
    label: line.label,
    stroke: inks[line.ink],
    fill: line.isFilled ? `${inks[line.ink]}38` : undefined,
    width: line.isReadout ? 0 : line.isFilled ? 1.5 : 2,
    dash: line.dash,
    paths: line.isReadout ? () => null : stepped,
    points: { show: false },
    value: (_plot: unknown, value: number | null, _series: number, index: number | null) => {
      if (index !== null && value === null) return 'none'
      const text = formatNumber(value ?? line.mean, spec.digits)
      const unit = spec.unit === '' ? '' : ` ${spec.unit}`
      return value === null ? `mean ${text}${unit}` : `${text}${unit}`
    },
  }))]
}

function plotAxes(spec: ChartSpec, inks: Record<Ink, string>): object[] {
  const minute = 60
  const hour = 60 * minute
  const day = 24 * hour
  const look = {
    stroke: inks.text,
    font: '12px system-ui, sans-serif',
    grid: { stroke: inks.grid, width: 1 },
    ticks: { stroke: inks.grid, width: 1, size: 5 },
  }
  return [{
    ...look,
    space: 76,
    size: 32,
    incrs: [1, 2, 5, 10, 15, 30, minute, 2 * minute, 5 * minute, 10 * minute, 15 * minute,
      30 * minute, hour, 2 * hour, 3 * hour, 6 * hour, 12 * hour, day, 2 * day, 5 * day,
      10 * day, 30 * day, 60 * day, 100 * day, 365 * day, 730 * day, 3650 * day],
    values: (_plot: unknown, splits: readonly number[]) => splits.map(formatElapsed),
  }, {
    ...look,
    size: 62,
    space: 36,
    values: (_plot: unknown, splits: readonly number[]) => splits.map((value) =>
      `${formatNumber(value, spec.top < 10 ? 2 : 0)}${spec.unit === '' ? '' : ` ${spec.unit}`}`),
  }]
}

/** "3 d 6 h": time since the start of the run, without parts that are zero. */
function formatElapsed(seconds: number): string {
  const whole = Math.round(seconds)
  const parts: (readonly [number, string])[] = [
    [Math.floor(whole / 86400), 'd'], [Math.floor(whole / 3600) % 24, 'h'],
    [Math.floor(whole / 60) % 60, 'min'], [whole % 60, 's'],
  ]
  const shown = parts.filter(([count]) => count > 0).map(([count, unit]) => `${count} ${unit}`)
  return shown.length === 0 ? '0' : shown.slice(0, 3).join(' ')
}

function formatNumber(value: number, digits: number): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: digits })
}
