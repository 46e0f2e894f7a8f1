// Caps are set by nvidia-smi and amd-smi where the operator allows it, and believed only when read
// back; everywhere else pausing is the knob, and it says why. The tools are scripts that print what
// the real ones were seen to print.
import { deepEqual, equal, match } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { printing, recorded, withTools } from '../../../test/fake-tool.ts'
import { amdMeter } from './amd.ts'
import { capKnob, type PowerKnob } from './knob.ts'
import { nvidiaMeter } from './nvidia.ts'
import { raplMeter } from './rapl.ts'

const GPU = 'GPU-00000000-0000-0000-0000-000000000000'
const AMD = '7eff74a0-0000-1000-808f-7e20764e2714'

/** nvidia-smi whose GPUs keep the cap that one is given; `pl` is what happens at -pl. */
function nvidiaSmi(pl: string): string {
  const rows = printing(recorded('nvidia-h100.csv'))
  return `[ -f $DIR/cap ] || echo 700.00 > $DIR/cap
if [ "$3" = -pl ]; then ${pl}
else CAP=$(cat $DIR/cap)
${piped(rows, 's/, 700.00,/, $CAP,/')}
fi`
}

/** What is printed goes through sed first. */
function piped(printed: string, change: string): string {
  return printed.replace("'RECORDED'", `'RECORDED' | sed "${change}"`)
}

/** As https://github.com/stackhpc/ansible-slurm-appliance/pull/975 has it. */
const SETS = 'echo "$4.00" > $DIR/cap\n'
  + 'echo "Power limit for GPU 00000000:06:00.0 was set to $4.00 W from 700.00 W."\n'
  + 'echo "All done."'

function withNvidia<Value>(
  pl: string, isAllowed: boolean, inside: (knob: PowerKnob) => Promise<Value>): Promise<Value> {
  return withTools({ 'nvidia-smi': nvidiaSmi(pl) }, async () =>
    inside(await capKnob(await nvidiaMeter(), isAllowed)))
}

describe('nvidia-smi', () => {
  test('sets a cap that is then read back', async () => {
    await withNvidia(SETS, true, async (knob) => {
      equal(knob.says, 'nvidia-smi sets caps on 2 of 2 devices, from 200 W to 700 W.')
      deepEqual([knob.leastW, knob.ids[0]], [200, GPU])
      deepEqual(await knob.set(GPU, 450), { isSet: true, capW: 450 })
    })
  })

  test('never runs where the operator did not say so', async () => {
    await withNvidia('touch $DIR/was-set; exit 1', false, async (knob) => {
      equal(knob.canSet, false)
      match(knob.says, /Caps are off, so pausing jobs is the knob; --caps on/)
      equal((await knob.set(GPU, 450)).isSet, false)
    })
  })

  test('a cap outside of the range is refused with the range, and not tried', async () => {
    await withNvidia('exit 1', true, async (knob) => {
      const problem = `A cap of 50 W is outside of what device ${GPU} takes, 200 W to 700 W.`
      deepEqual(await knob.set(GPU, 50), { isSet: false, problem })
      match(JSON.stringify(await knob.set('GPU-2', 300)), /can set no cap on a device GPU-2/)
    })
  })

  test('without the right to, it says so', async () => {
    // https://github.com/NVIDIA/nvidia-docker/issues/495
    await withNvidia('echo "Failed to set power management limit for GPU 00000000:01:00.0: '
      + 'Insufficient Permissions"; exit 4', true, async (knob) => {
      const set = await knob.set(GPU, 450)
      match(JSON.stringify(set), /has a cap of 700 W after 450 W were asked .*setting caps takes/)
    })
  })

  test('that warns, does nothing and leaves with 0 is not believed', async () => {
    // https://github.com/Dreaming-Codes/nvidia_oc/pull/22
    await withNvidia('echo "Changing power management limit is not supported for GPU: '
      + '00000000:01:00.0."; echo "Treating as warning and moving on."; echo "All done."', true,
    async (knob) => {
      match(JSON.stringify(await knob.set(GPU, 450)), /cap of 700 W .*not supported.*All done/)
    })
  })

  test('a GPU without a range of caps can only be paused', async () => {
    await withTools({ 'nvidia-smi': printing(recorded('nvidia-unsupported.csv')) }, async () => {
      const knob = await capKnob(await nvidiaMeter(), true)
      equal(knob.canSet, false)
      match(knob.says, /names no range of caps for any device, so pausing jobs is the knob/)
    })
  })
})

describe('amd-smi', () => {
  const smi = (set: string) => `[ -f $DIR/cap ] || echo 100 > $DIR/cap\ncase "$1" in
static) CAP=$(cat $DIR/cap)
${piped(printing(recorded('amd-static-ppt.json')), 's/: 100,/: $CAP,/')}
;;
metric) ${printing(recorded('amd-metric.json'))}
;;
list) ${printing(recorded('amd-list.json'))}
;;
set) ${set}
;;
esac`
  const knobOf = async () => capKnob(await amdMeter(), true)

  test('before ROCm 7.2 takes watts', async () => {
    // https://github.com/ROCm/legacy-rocm-build/issues/5231
    const set = 'echo "$5" > $DIR/cap; echo "GPU: 0"; '
      + 'echo "  POWERCAP: Successfully set power cap to $5W"'
    await withTools({ 'amd-smi': smi(set) }, async () => {
      deepEqual(await (await knobOf()).set(AMD, 150), { isSet: true, capW: 150 })
    })
  })

  test('since takes the kind of limit and watts', async () => {
    const set = 'if [ $# = 5 ]; then echo "amd-smi set: error: argument -o/--power-cap: expected 2 '
      + 'arguments" >&2; exit 2; fi\necho "$6" > $DIR/cap'
    await withTools({ 'amd-smi': smi(set) }, async () => {
      deepEqual(await (await knobOf()).set(AMD, 150), { isSet: true, capW: 150 })
    })
  })
})

test('processors take no cap from us', async () => {
  equal((await capKnob(raplMeter('/nowhere'), true)).says,
    'No device here takes a cap, so pausing jobs is the knob.')
})
