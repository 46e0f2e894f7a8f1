import type { RuleDocument } from '../model/rule.ts'
import { problem, quantityOf, type Path, type Problem } from './problem.ts'

/** What a rule says that makes no sense: nothing limited, or a band or step without a limit. */
export function ruleProblems(rule: RuleDocument): Problem[] {
  const found: Problem[] = []
  const limits = Object.keys(rule).filter((key) => !/^(title|status|rampWindow)$/.test(key))
  if (limits.length === 0) {
    found.push(problem([], 'the rule limits nothing; rampUp, steps, bands or recover would do'))
  }
  rule.steps?.forEach((step, at) => {
    const path = ['steps', at]
    if (step.change === undefined && step.changeOfPeak === undefined) {
      found.push(problem(path, 'the step has no limit; change or changeOfPeak would do'))
    }
    checkBand(step, path, found)
  })
  rule.bands?.forEach((band, at) => {
    const path = ['bands', at]
    if (band.swing === undefined && band.swingOfPeak === undefined) {
      found.push(problem(path, 'the band has no limit; swing or swingOfPeak would do'))
    }
    if (quantityOf(band.from, 'frequency') <= 0) {
      found.push(problem([...path, 'from'], 'a band begins above 0 Hz; 0.1 Hz would do'))
    }
    checkBand(band, path, found)
  })
  const quantile = rule.rampQuantile?.share
  if (quantile !== undefined && quantityOf(quantile, 'ratio') > 1) {
    found.push(problem(['rampQuantile', 'share'], `share is ${quantile}; up to 100 % would do`))
  }
  return found
}

type Band = { readonly from?: string | undefined, readonly to?: string | undefined }

function checkBand({ from, to }: Band, path: Path, found: Problem[]): void {
  if (from === undefined || to === undefined) return
  if (quantityOf(to, 'frequency') > quantityOf(from, 'frequency')) return
  found.push(problem([...path, 'to'], `to is ${to}, from ${from}; the higher of the two would do`))
}
