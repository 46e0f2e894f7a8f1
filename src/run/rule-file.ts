import { ruleProblems } from '../catalog/rule-problems.ts'
import { ruleSchema, type RuleDocument } from '../model/rule.ts'
import { readDocument } from './document.ts'

/** Reads a rule that is written out, YAML or JSON, or says all that is wrong with it. */
export function readRuleFile(path: string): RuleDocument {
  return readDocument(path, {
    schema: ruleSchema,
    needed: 'rampUp and rampDown',
    called: 'a rule file',
    problems: ruleProblems,
  })
}
