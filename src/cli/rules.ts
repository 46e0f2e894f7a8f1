import { basename } from 'node:path'
import { Command } from 'commander'
import { stringify } from 'yaml'
import { parseQuantity } from '../base/units.ts'
import { loadCatalogue } from '../catalog/catalogue.ts'
import { resolveRule, ruleNamed } from '../catalog/rules.ts'
import { remedyOf } from '../grid/remedy.ts'
import { scoreRule } from '../grid/rules.ts'
import { InputError } from '../model/index.ts'
import type { PowerTrace } from '../model/power-trace.ts'
import type { UtilityRule } from '../model/rule.ts'
import { renderScore } from '../run/report/rules.ts'
import { readRuleFile } from '../run/rule-file.ts'
import { readPower } from '../traces/power.ts'
import { print } from './print.ts'

type CheckFlags = {
  readonly rule?: string
  readonly ruleFile?: string
  readonly column?: string
  readonly run?: string
  readonly scale?: string
  readonly toPeak?: string
  readonly peak?: string
  readonly strict?: true
  readonly json?: true
}

export function rulesCommand(done: (exitCode: number) => void): Command {
  return new Command('rules')
    .summary('score a power trace against a utility rule')
    .description('Utility rules for large loads: ramps, steps, bands and ride-through. '
      + 'docs/rules.md explains them.')
    .addHelpText('after', '\nExample:\n  millrace rules check power.csv --rule ercot')
    .addCommand(checkCommand(done))
    .addCommand(listCommand(done))
    .addCommand(showCommand(done))
}

function checkCommand(done: (exitCode: number) => void): Command {
  return new Command('check')
    .description('Scores a power trace, measured or simulated, against a rule: what fails, by how '
      + 'much, when and how often, what cannot be judged, and what would mend it.')
    .argument('<file>', 'CSV, plain or gzip: a column of times and one of power')
    .option('--rule <name>', 'a rule of "millrace rules list"')
    .option('--rule-file <file>', 'a rule that is written out (YAML or JSON)')
    .option('--column <name>', 'the power column, where the file has several')
    .option('--run <name>', 'the run, where the file has several')
    .option('--scale <factor>', 'multiply the power, to judge a node as if it were a site')
    .option('--to-peak <power>', 'multiply the power so that its peak is this')
    .option('--peak <power>', 'what shares of the peak are of; without it, the trace\'s own')
    .option('--strict', 'end with 3 unless all that limits the power passes')
    .option('--json', 'print the score as one JSON object')
    .addHelpText('after', '\nExample:\n'
      + '  millrace rules check power.csv --rule ercot --to-peak 200MW')
    .action(async (file: string, flags: CheckFlags) => {
      done(await check(file, flags))
    })
}

async function check(path: string, flags: CheckFlags): Promise<number> {
  const rule = ruleOf(flags)
  const peakW = flags.peak === undefined ? undefined : readPowerFlag('--peak', flags.peak)
  const { trace: read, ...file } = await readPower(path, flags)
  const { trace, factor } = scaled(read, flags)
  const score = scoreRule(rule, trace, peakW)
  const remedy = remedyOf(rule, trace, score)
  if (flags.json === true) {
    const from = { file: path, ...file, factor }
    print(`${JSON.stringify({ ...from, ...score, remedy })}\n`)
  } else {
    print(renderScore(basename(path), rule, score, remedy))
  }
  return flags.strict === true && score.verdict !== 'passed' ? EXIT_BROKEN : 0
}

/** As for a broken invariant: what was checked does not hold. */
const EXIT_BROKEN = 3

function ruleOf({ rule, ruleFile }: CheckFlags): UtilityRule {
  if ((rule === undefined) === (ruleFile === undefined)) {
    throw new InputError('--rule: give a rule by name, such as --rule ercot, or one that is '
      + 'written out with --rule-file, not both; millrace rules list names those that are known.')
  }
  const written = ruleFile === undefined ? rule! : readRuleFile(ruleFile)
  const name = basename(ruleFile ?? '').replace(/\.(ya?ml|json)$/, '')
  return resolveRule(written, name, loadCatalogue().rules)
}

function scaled(
  trace: PowerTrace, { scale, toPeak }: CheckFlags): { trace: PowerTrace, factor: number } {
  if (scale !== undefined && toPeak !== undefined) {
    throw new InputError('--scale and --to-peak say the same; give one.')
  }
  const factor = scale !== undefined ? readFactor(scale)
    : toPeak !== undefined ? factorTo(readPowerFlag('--to-peak', toPeak), trace) : 1
  if (factor === 1) return { trace, factor }
  return { trace: { ...trace, powerW: trace.powerW.map((watts) => watts * factor) }, factor }
}

function factorTo(peakW: number, { powerW }: PowerTrace): number {
  const mostW = powerW.reduce((most, watts) => Math.max(most, watts), 0)
  if (mostW > 0) return peakW / mostW
  throw new InputError('--to-peak: the trace never rises above 0 W; use --scale.')
}

function readFactor(text: string): number {
  const factor = /^[0-9.]+$/.test(text) ? Number(text) : NaN
  if (factor > 0 && factor <= 1e9) return factor
  throw new InputError(`--scale ${text}: use a number above 0, such as 100.`)
}

function readPowerFlag(flag: string, text: string): number {
  const parsed = parseQuantity(text, 'power')
  if ('problem' in parsed) throw new InputError(`${flag}: ${parsed.problem}.`)
  if (parsed.value > 0) return parsed.value
  throw new InputError(`${flag} ${text}: the power must be above 0.`)
}

function listCommand(done: (exitCode: number) => void): Command {
  return new Command('list')
    .description('Lists the rules of the catalogue with their status.')
    .addHelpText('after', '\nExample:\n  millrace rules list')
    .action(() => {
      const all = loadCatalogue().rules.map(({ rule }) => rule)
      const width = Math.max(...all.map(({ name }) => name.length))
      for (const { name, title, status } of all) {
        print(`${name.padEnd(width)}  ${title}\n${' '.repeat(width)}  ${status}\n`)
      }
      done(0)
    })
}

function showCommand(done: (exitCode: number) => void): Command {
  return new Command('show')
    .description('Shows a rule as it would be written in a file, with the source of each part.')
    .argument('<name>', 'a rule of "millrace rules list"')
    .option('--json', 'print the rule and its sources as one JSON object')
    .addHelpText('after', '\nExample:\n  millrace rules show ieso')
    .action((name: string, { json }: { json?: true }) => {
      const { document, from } = ruleNamed(name, loadCatalogue().rules)
      if (json === true) {
        print(`${JSON.stringify({ rule: document, from })}\n`)
      } else {
        print(stringify(document, { collectionStyle: 'any', lineWidth: 100 }))
        for (const [key, { evidence, source }] of Object.entries(from)) {
          print(`# ${key}: ${evidence}; ${source}\n`)
        }
      }
      done(0)
    })
}
