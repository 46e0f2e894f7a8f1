import { Command } from 'commander'
import { relative, resolve } from 'node:path'
import { ROOT } from '../run/root.ts'
import { twin } from './twin.ts'


/** The main job: the Colossus example on real traces, with its report. */
export function demoCommand(done: (exitCode: number) => void): Command {
  return new Command('demo')
    .summary('run the Colossus example and write its report')
    .description('Runs 30 days of examples/colossus (Memphis as of July 2025: 230,000 GPUs) on the '
      + 'Philly and Kalos traces, copied to fill it, and writes a report.')
    .option('--out <folder>', 'folder for the report, replaced each time', 'out/colossus')
    .option('--seed <number>', 'seed of everything random', '1')
    .addHelpText('after', '\nExample:\n  millrace demo --seed 2')
    .action(async (flags: { out: string, seed: string }) => {
      const place = (path: string) => relative(process.cwd(), resolve(ROOT, path))
      done(await twin(place('examples/colossus/factory.yaml'), {
        trace: [
          `philly:${place('examples/traces/philly.csv.gz')}`,
          `kalos:${place('examples/traces/kalos.csv.gz')}`,
        ],
        // The steady parts of both. Kalos brings the large gangs, Philly the many small jobs;
        // together they ask for most of what the site's power can feed.
        scale: ['philly:copies=8,jitter=6h,skip=20d', 'kalos:copies=760,jitter=4d,skip=11d'],
        until: '30d',
        seed: flags.seed,
        order: 'fifo',
        backfill: 'easy',
        place: 'pack',
        preempt: 'reclaim',
        consolidate: 'none', power: 'none',
        out: flags.out,
        force: true,
      }))
    })
}
