import { formatCount, formatDuration, formatPower, formatRatio } from '../../base/units.ts'
import type { Spread, Summary, TraceSummary } from '../summary.ts'
import { escapeHtml, oneLine } from './escape.ts'
import {
  counted, energy, memory, policyFacts, powerLimit, share, traceSentence,
} from './figures.ts'
import { breachFacts, dollars } from './power-figures.ts'
import { waitText } from './waits.ts'

type FactGroup = {
  readonly title: string
  readonly facts: readonly (readonly [label: string, value: string])[]
}

/** Every number of the summary that a person reads, in groups. */
export function factTables(summary: Summary): string {
  const groups = [jobs(summary), waits(summary), gpuHours(summary), power(summary),
    faults(summary), work(summary)]
  return `<div class="facts">${groups.map(factTable).join('\n')}</div>`
}

/** Which loads were played, and plainly whether one was copied to fill the factory. */
export function traceList(traces: readonly TraceSummary[]): string {
  if (traces.length === 0) return '<p class="none">No trace was played.</p>'
  return `<ul class="traces">${traces.map(traceItem).join('\n')}</ul>`
}

export function policyTable(summary: Summary): string {
  const facts = policyFacts(summary).map(([kind, name]): [string, string] =>
    [kind[0]!.toUpperCase() + kind.slice(1), name])
  return factTable({ title: 'Policies', facts })
}

/** What must be equal when the same run is made again, by anyone. */
export function fingerprintTable(summary: Summary): string {
  return '<h3>Fingerprints</h3><p>The same factory, traces, policies and seed give the same two'
    + ' hashes on every machine.</p><table class="hashes"><tbody>'
    + [['Seed', String(summary.seed)], ['State', summary.stateHash],
      ['Journal', summary.journalHash]]
      .map(([label, value]) => `<tr><th scope="row">${label}</th>`
        + `<td><code>${escapeHtml(value!)}</code></td></tr>`).join('')
    + '</tbody></table>'
}

function factTable(group: FactGroup): string {
  const rows = group.facts.map(([label, value]) =>
    `<tr><th scope="row">${escapeHtml(label)}</th><td>${escapeHtml(value)}</td></tr>`)
  return `<div><h3>${escapeHtml(group.title)}</h3>`
    + `<table><tbody>${rows.join('')}</tbody></table></div>`
}

function traceItem(trace: TraceSummary): string {
  const skipped = trace.skipped.map(({ cause, count }) => `${formatCount(count)} ${oneLine(cause)}`)
  const left = skipped.length === 0 ? '' : ` Rows left out: ${skipped.join('; ')}.`
  return `<li><strong>${escapeHtml(oneLine(trace.file))}</strong> (${escapeHtml(trace.format)}),`
    + ` ${counted(trace.jobs, 'job')}.<br>${escapeHtml(traceSentence(trace) + left)}</li>`
}

function jobs(summary: Summary): FactGroup {
  const { jobs: counts } = summary
  return { title: 'Jobs', facts: [
    ['Submitted', formatCount(counts.submitted)],
    ['Started', formatCount(counts.started)],
    ['Completed', formatCount(counts.completed)],
    ['Failed by themselves', formatCount(counts.failed)],
    ['Cancelled', formatCount(counts.cancelled)],
    ['Refused', formatCount(counts.refused)],
    ['Running at the end', formatCount(counts.running)],
    ['Waiting at the end', formatCount(counts.waiting)],
  ] }
}

function waits(summary: Summary): FactGroup {
  const lines = (name: string, spread: Spread) => [
    [`${name}, mean`, waitText(spread.mean)],
    [`${name}, p50`, waitText(spread.p50)],
    [`${name}, p90`, waitText(spread.p90)],
    [`${name}, p99`, waitText(spread.p99)],
  ] as const
  return { title: 'Waiting and completion', facts: [
    ...lines('Wait', summary.waitMs), ...lines('Submit to end', summary.jctMs),
  ] }
}

function gpuHours(summary: Summary): FactGroup {
  const { gpuHours: hours } = summary
  const line = (label: string, value: number) => [
    label, `${formatCount(value)} (${formatRatio(share(value, hours.capacity))})`] as const
  return { title: 'GPU-hours, and share of capacity', facts: [
    line('Capacity', hours.capacity),
    line('Down', hours.down),
    line('Allocated', hours.allocated),
    ...(hours.stranded > 0 ? [line('Idle because apart', hours.stranded)] : []),
    line('Useful', hours.useful),
    line('Lost to checkpoints', hours.lostCheckpoint),
    line('Lost to rework', hours.lostRework),
    line('Lost to detection', hours.lostDetection),
    line('Lost to restarts', hours.lostRestart),
    line('Lost to slowed devices', hours.lostSlow),
    ...(hours.lostCapped > 0 ? [line('Lost to power caps', hours.lostCapped)] : []),
    ...(hours.lostPaused > 0 ? [line('Lost to pauses', hours.lostPaused)] : []),
  ] }
}

function power(summary: Summary): FactGroup {
  return { title: 'Power', facts: [
    ['Energy', energy(summary.energyMWh)],
    ['Mean draw', formatPower(summary.meanDrawW)],
    ['Peak draw', formatPower(summary.peakDrawW)],
    ['Peak grant', formatPower(summary.peakGrantW)],
    ['Limit', powerLimit(summary)],
    ...breachFacts(summary),
    ...(summary.cost === null ? [] : [['Cost', dollars(summary.cost.dollars)] as const]),
  ] }
}

function faults(summary: Summary): FactGroup {
  return { title: 'Failures and restarts', facts: [
    ['Failures', formatCount(summary.failures)],
    ['Restarts of jobs', formatCount(summary.restarts)],
    ['Preemptions', formatCount(summary.preemptions)],
    ['Invariants broken', formatCount(summary.invariantsBroken)],
  ] }
}

function work(summary: Summary): FactGroup {
  return { title: 'The run itself', facts: [
    ['Horizon', Number.isFinite(summary.horizonMs) ? formatDuration(summary.horizonMs) : 'none'],
    ['Makespan', formatDuration(summary.makespanMs)],
    ['Nodes', formatCount(summary.nodes)],
    ['Events', formatCount(summary.eventCount)],
    ['Decisions', formatCount(summary.decisions)],
    ['CPU time', formatDuration(summary.cpuMs)],
    ['Wall time', formatDuration(summary.wallMs)],
    ['Peak memory', memory(summary.peakRssBytes)],
  ] }
}
