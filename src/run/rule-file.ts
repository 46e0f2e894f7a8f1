import { basename } from 'node:path'
import { problem, type Problem } from '../catalog/problem.ts'
import { compileRule } from '../catalog/rules.ts'
import { ruleSchema, type RuleDocument, type UtilityRule } from '../model/rule.ts'
import { readDocument } from './document.ts'

/** Reads a rule that is written out, YAML or JSON; it is called as its file. */
export function readRuleFile(path: string): UtilityRule {
  const document = readDocument(path, {
    schema: ruleSchema,
    needed: 'rampUp and rampDown',
    called: 'a rule file',
    problems: ruleProblems,
  })
  return compileRule(basename(path).replace(/\.(ya?ml|json)$/, ''), document)
}

/** What a rule says that makes no sense: nothing limited, or a band or step without a limit. */
export function ruleProblems(rule: RuleDocument): Problem[] {
  const found: Problem[] = []
  const limits = Object.keys(rule).filter((key) => !/^(title|status|rampWindow)$/.test(key))
  if (limits.length === 0) {
    found.push(problem([], 'the rule limits nothing; rampUp, steps, bands or recover would do'))
  }
  rule.steps?.forEach((step, at) => {
    if (step.change === undefined && step.changeOfPeak === undefined) {
      found.push(problem(['steps', at], 'the step has no limit; change or changeOfPeak would do'))
    }
    checkBand(rule, ['steps', at], found)
  })
  rule.bands?.forEach((band, at) => {
    if (band.swing === undefined && band.swingOfPeak === undefined) {
      found.push(problem(['bands', at], 'the band has no limit; swing or swingOfPeak would do'))
    }
    checkBand(rule, ['bands', at], found)
  })
  return found
}

function checkBand(rule: RuleDocument, path: ['steps' | 'bands', number], found: Problem[]): void {
  const compiled = compileRule('', rule)[path[0]][path[1]]!
  const isBand = path[0] === 'bands'
  if (isBand && compiled.fromHz <= 0) {
    found.push(problem([...path, 'from'], 'a band begins above 0 Hz; 0.1 Hz would do'))
  }
  if (compiled.toHz > compiled.fromHz) return
  found.push(problem([...path, 'to'],
    `to is ${compiled.toHz} Hz, from ${compiled.fromHz} Hz; the higher of the two would do`))
}
