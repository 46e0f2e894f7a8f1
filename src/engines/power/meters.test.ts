// What nvidia-smi, amd-smi and RAPL say, read from recorded outputs: with numbers, without, broken,
// and from tools that hang or are not there.
import { deepEqual, equal, match } from 'node:assert/strict'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { printing, recorded, withTools } from '../../../test/fake-tool.ts'
import { amdMeter } from './amd.ts'
import { findMeters } from './meters.ts'
import { nvidiaMeter } from './nvidia.ts'
import { raplMeter } from './rapl.ts'
import { numberOf, type MeterReading } from './reading.ts'

const SHORT_MS = 300

function nvidia(script: string): Promise<MeterReading> {
  return withTools({ 'nvidia-smi': script }, async () => (await nvidiaMeter(SHORT_MS))!.read())
}

function amd(fixed: string, metric: string): Promise<MeterReading> {
  const script = `case "$1" in\nstatic) ${printing(fixed)}\n;;\nmetric) ${printing(metric)}\n;;\n`
    + `list) ${printing(recorded('amd-list.json'))}\n;;\nesac`
  return withTools({ 'amd-smi': script }, async () => (await amdMeter())!.read())
}

describe('nvidia-smi', () => {
  test('with numbers: the cap that is set and the lower one that is in force', async () => {
    const { devices, problems } = await nvidia(printing(recorded('nvidia-h100.csv')))
    deepEqual(problems, [])
    equal(devices.length, 2)
    deepEqual(devices[0], {
      id: 'GPU-00000000-0000-0000-0000-000000000000', index: 0, name: 'NVIDIA H100 80GB HBM3',
      drawW: 78.83, capW: 700, enforcedCapW: 500, defaultCapW: 700, leastCapW: 200,
      mostCapW: 700, clockMHz: 345,
    })
  })

  test('without numbers: nothing is made up', async () => {
    const { devices } = await nvidia(printing(recorded('nvidia-unsupported.csv')))
    deepEqual(devices.map(({ name, drawW, capW }) => [name, drawW, capW]), [
      ['NVIDIA GB10', 5.04, NaN], ['GeForce GTX 770', NaN, NaN],
    ])
  })

  test('with a lost GPU: the others are read, and it is said', async () => {
    const { devices, problems } = await nvidia(
      `${printing(recorded('nvidia-lost.csv'))}\nexit 15`)
    equal(devices.length, 1)
    deepEqual(problems, [
      'nvidia-smi: Unable to determine the device handle for GPU 0000:0B:00.0: Unknown Error',
    ])
  })

  test('without a driver, it says what the tool said', async () => {
    const { devices, problems } = await nvidia('echo "NVIDIA-SMI has failed because it couldn\'t '
      + 'communicate with the NVIDIA driver."; exit 9')
    deepEqual(devices, [])
    match(problems.join(' '), /^nvidia-smi: NVIDIA-SMI has failed because/)
  })

  test('that hangs is given up', async () => {
    const { devices, problems } = await nvidia('exec sleep 30')
    deepEqual(devices, [])
    deepEqual(problems, ['nvidia-smi did not answer within 300 ms; its driver may be stuck.'])
  })
})

describe('amd-smi', () => {
  test('before ROCm 7.2', async () => {
    const { devices, problems } = await amd(
      recorded('amd-static-mi210.json'), recorded('amd-metric.json'))
    deepEqual(problems, [])
    deepEqual(devices, [{
      id: '7eff74a0-0000-1000-808f-7e20764e2714', index: 0, name: 'AMD Instinct MI210', drawW: 9,
      capW: 300, enforcedCapW: 300, defaultCapW: NaN, leastCapW: 0, mostCapW: 300, clockMHz: 49,
    }])
  })

  test('since, by kinds of limits, and with no metric to read', async () => {
    const { devices } = await amd(
      recorded('amd-static-ppt.json'), recorded('amd-metric-none.json'))
    deepEqual(devices.map(({ drawW, capW, mostCapW, clockMHz }) =>
      [drawW, capW, mostCapW, clockMHz]), [[NaN, 100, 203, NaN]])
  })

  test('that prints no JSON', async () => {
    const { devices, problems } = await amd('[ not', '{}')
    deepEqual(devices, [])
    match(problems[0]!, /amd-smi printed something that is not its JSON/)
  })
})

test('a machine without tools has no meters, and that is no problem', async () => {
  const tools = await withTools({}, () => findMeters())
  deepEqual(tools.filter(({ tool }) => tool !== 'RAPL'), [])
})

/** Zones as the kernel shows them; the range is of https://github.com/intel/thermal_daemon/issues/45 */
function zones(inside: (root: string, set: (zone: string, uj: number) => void) => void): void {
  const root = mkdtempSync(join(tmpdir(), 'millrace-rapl-'))
  const zone = (name: string, files: Record<string, string>) => {
    mkdirSync(join(root, name))
    for (const [file, text] of Object.entries(files)) writeFileSync(join(root, name, file), text)
  }
  zone('intel-rapl', { enabled: '1' })
  zone('intel-rapl:0', {
    name: 'package-0\n', max_energy_range_uj: '262143999938\n', energy_uj: '262143000000\n',
    constraint_0_power_limit_uw: '65000000\n', constraint_0_max_power_uw: '65000000\n',
  })
  zone('intel-rapl:0:0', { name: 'core\n', max_energy_range_uj: '262143999938\n' })
  zone('intel-rapl:0:2', {
    name: 'dram\n', max_energy_range_uj: '262143999938\n', energy_uj: '2469474853\n',
  })
  try {
    inside(root, (name, uj) => writeFileSync(join(root, name, 'energy_uj'), `${uj}\n`))
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
}

describe('RAPL', () => {
  test('the first reading has no draw; then it is the mean, over a new beginning too', async () => {
    const found: (MeterReading | Promise<MeterReading>)[] = []
    zones((root, set) => {
      let ms = 0
      const meter = raplMeter(root, () => ms)!
      found.push(meter.read())
      ms = 1000
      set('intel-rapl:0', 49_000_062)
      set('intel-rapl:0:2', 2_472_474_853)
      found.push(meter.read())
    })
    const [first, second] = await Promise.all(found)
    deepEqual(first!.devices.map(({ id, drawW, capW }) => [id, drawW, capW]), [
      ['package-0', NaN, 65], ['dram', NaN, NaN]])
    // 999,938 µJ up to the range, and 49,000,062 from 0 on: 50 J in a second.
    deepEqual(second!.devices.map(({ drawW }) => drawW), [50, 3])
  })

  test('after so long that it may have begun again twice, the draw is not known', async () => {
    const found: Promise<MeterReading>[] = []
    zones((root, set) => {
      let ms = 0
      const meter = raplMeter(root, () => ms)!
      found.push(meter.read())
      ms = 7_200_000
      set('intel-rapl:0', 5)
      found.push(meter.read())
    })
    const last = (await Promise.all(found))[1]!
    equal(last.devices[0]!.drawW, NaN)
    match(last.problems[0]!, /not read for 2 h, in which they may have begun again/)
  })

  test('counters for root only are said so', async (run) => {
    if (process.getuid?.() === 0) {
      run.diagnostic('root may read anything, so a folder stands in for a file that none may read')
    }
    const found: Promise<MeterReading>[] = []
    zones((root) => {
      const file = join(root, 'intel-rapl:0', 'energy_uj')
      if (process.getuid?.() === 0) {
        rmSync(file)
        mkdirSync(file)
      } else chmodSync(file, 0)
      found.push(raplMeter(root)!.read())
    })
    match((await found[0]!).problems[0]!, /for root only|cannot be read \(EISDIR\)/)
  })

  test('a system without counters has no meter', () => {
    equal(raplMeter('/nowhere'), undefined)
  })
})

test('numbers as tools print them', () => {
  deepEqual(['68.21 W', '700', ' [N/A] ', '[Not Supported]', '', '1980 MHz'].map(numberOf),
    [68.21, 700, NaN, NaN, NaN, 1980])
})
