import { Command } from 'commander'
import { formatCount } from '../base/units.ts'
import { describePlant, readFactory } from '../run/factory-file.ts'
import { print } from './print.ts'

export function factoryCommand(done: (exitCode: number) => void): Command {
  const check = new Command('check')
    .description('Checks a factory file; every problem is named with its line and column.')
    .argument('<file>', 'factory file (YAML)')
    .addHelpText('after', '\nExample:\n  millrace factory check examples/two-sites/factory.yaml')
    .action((file: string) => {
      const { plant } = readFactory(file)
      print(`${file}: sound. ${formatCount(plant.gpus)} GPUs in `
        + `${formatCount(plant.nodes)} nodes, ${formatCount(plant.racks.length)} racks and `
        + `${plant.sites.length} site${plant.sites.length === 1 ? '' : 's'}.\n`)
      done(0)
    })
  const show = new Command('show')
    .description('Shows a factory as a tree, with GPUs and megawatts at each level.')
    .argument('<file>', 'factory file (YAML)')
    .addHelpText('after', '\nExample:\n  millrace factory show examples/colossus/factory.yaml')
    .action((file: string) => {
      print(`${describePlant(readFactory(file).plant)}\n`)
      done(0)
    })
  return new Command('factory')
    .summary('check a factory file, or show it as a tree')
    .description('Reads factory files, which docs/factory-file.md describes.')
    .addHelpText('after',
      '\nExample:\n  millrace factory check examples/two-sites/factory.yaml')
    .addCommand(check)
    .addCommand(show)
}
