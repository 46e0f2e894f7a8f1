import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { Command } from 'commander'
import { formatCount, formatDuration, formatEnergy, formatPower } from '../base/units.ts'
import { runWaveform, type WaveformResult } from '../engines/waveform/waveform.ts'
import { InputError } from '../model/index.ts'
import type { Waveform } from '../model/waveform.ts'
import { readWaveform } from '../run/waveform-file.ts'
import { print } from './print.ts'

export function waveformCommand(done: (exitCode: number) => void): Command {
  return new Command('waveform')
    .summary('simulate the power of a site at sub-second scale')
    .description('Simulates training steps, checkpoints, starts and crashes of jobs in fixed '
      + 'steps, with smoothing by the devices and a battery. docs/rules.md has the file.')
    .argument('<file>', 'waveform file (YAML)')
    .option('--out <file>', 'write a CSV that "millrace rules check" reads')
    .option('--json', 'print the summary as one JSON object')
    .addHelpText('after', '\nExample:\n'
      + '  millrace waveform examples/waveform/raw.yaml --out raw.csv')
    .action((file: string, flags: { out?: string, json?: true }) => {
      const waveform = readWaveform(file)
      const result = runWaveform(waveform)
      if (flags.out !== undefined) write(flags.out, result)
      const summary = summaryOf(waveform, result)
      print(flags.json === true ? `${JSON.stringify(summary)}\n` : textOf(summary))
      done(0)
    })
}

function summaryOf(waveform: Waveform, { siteW, gridW, chargeRatio, ...result }: WaveformResult) {
  return {
    ...result, steps: waveform.steps, site: rangeOf(siteW), grid: rangeOf(gridW),
    charge: chargeRatio.length === 0 ? undefined : rangeOf(chargeRatio),
    capacityJ: waveform.battery?.energyJ,
  }
}

type Range = { readonly least: number, readonly most: number }

function rangeOf(values: Float64Array): Range {
  let least = Infinity
  let most = -Infinity
  for (const value of values) {
    if (value < least) least = value
    if (value > most) most = value
  }
  return { least, most }
}

function textOf(summary: ReturnType<typeof summaryOf>): string {
  const { stepMs, steps, site, grid, charge, energy, worstMissW, capacityJ } = summary
  const watts = ({ least, most }: Range) => `${formatPower(least)} to ${formatPower(most)}`
  const lines = [
    `${formatCount(steps)} steps of ${formatDuration(stepMs)}, ${formatDuration(steps * stepMs)}`,
    `site     ${watts(site)}, ${formatEnergy(energy.siteJ)}`,
    `grid     ${watts(grid)}, ${formatEnergy(energy.gridJ)}`,
  ]
  if (energy.burntJ > 0 || energy.withheldJ > 0) {
    lines.push(`devices  burn ${formatEnergy(energy.burntJ)} for smoothness and hold back `
      + `${formatEnergy(energy.withheldJ)} of work`)
  }
  if (charge !== undefined && capacityJ !== undefined) {
    lines.push(`battery  uses ${formatEnergy((charge.most - charge.least) * capacityJ)} of `
      + `${formatEnergy(capacityJ)}, loses ${formatEnergy(energy.lostJ)}, ends `
      + `${formatEnergy(Math.abs(energy.storedJ))} ${energy.storedJ < 0 ? 'below' : 'above'} its `
      + `start; at most ${formatPower(worstMissW)} off its aim`)
  }
  return `${lines.join('\n')}\n`
}

/** A row for each step, in whole watts; behind a battery the grid and the charge as well. */
function write(path: string, { stepMs, siteW, gridW, chargeRatio }: WaveformResult): void {
  const hasBattery = chargeRatio.length > 0
  try {
    mkdirSync(dirname(path), { recursive: true })
    const file = openSync(path, 'w')
    try {
      let text = hasBattery ? 'time_ms,grid_w,site_w,charge\n' : 'time_ms,power_w\n'
      for (let step = 0; step < siteW.length; step++) {
        const behind = `,${Math.round(siteW[step]!)},${chargeRatio[step]?.toFixed(6)}`
        text += `${step * stepMs},${Math.round(gridW[step]!)}${hasBattery ? behind : ''}\n`
        if (text.length < CHUNK) continue
        writeSync(file, text)
        text = ''
      }
      writeSync(file, text)
    } finally {
      closeSync(file)
    }
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error
    throw new InputError(`--out ${path}: it cannot be written (${error.message}); name a file `
      + 'where there is room', 4)
  }
}

/** Characters that are held before they are written. */
const CHUNK = 1 << 20
