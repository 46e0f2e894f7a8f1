import { Command } from 'commander'
import { capKnob } from '../engines/power/knob.ts'
import { findMeters } from '../engines/power/meters.ts'
import { InputError } from '../model/index.ts'
import { readWhole } from './options.ts'
import { print } from './print.ts'

/** More than any device is rated at. */
const CAP_W_MOST = 100_000

/**
 * Sets one cap and reads it back: for the supervisors of jobs, which call it as a program. Ends
 * with 0 only once the cap is in force.
 */
export function setCapCommand(done: (exitCode: number) => void): Command {
  return new Command('set-cap')
    .description('Sets the cap of one device of this machine and reads it back. What "up --caps '
      + 'on" lets jobs\' supervisors call; nothing sets the old cap again afterwards.')
    .argument('<tool>', 'nvidia-smi or amd-smi')
    .argument('<device>', 'name of the device, as the tool has it')
    .argument('<watts>', 'whole watts')
    .addHelpText('after', '\nExample:\n  millrace set-cap nvidia-smi GPU-67a571b1 450')
    .action(async (tool: string, device: string, watts: string) => {
      const capW = readWhole('watts', watts, 1, CAP_W_MOST)
      const meter = (await findMeters()).find((each) => each.tool === tool)
      if (meter === undefined) throw new InputError(`There is no ${tool} on this machine.`, 4)
      const set = await (await capKnob(meter, true)).set(device, capW)
      if (!set.isSet) throw new InputError(set.problem, 4)
      print(`Device ${device} has a cap of ${set.capW} W.\n`)
      done(0)
    })
}
