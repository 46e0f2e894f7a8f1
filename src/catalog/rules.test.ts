// Shows that every rule of the catalogue has a source for each part, that its numbers are those of
// the published table, that a name and a rule written out resolve alike, and what is refused.
import { deepEqual, equal, match, ok, throws } from 'node:assert/strict'
import { test } from 'node:test'
import { ruleSchema } from '../model/rule.ts'
import { loadCatalogue } from './catalogue.ts'
import { ruleProblems } from './rule-problems.ts'
import { resolveRule, ruleNamed, ruleNumbers } from './rules.ts'

const { rules } = loadCatalogue()

test('every number of every rule has a source, and every rule a status', () => {
  equal(rules.length, 12)
  for (const one of rules) {
    ok(one.rule.status !== '', one.rule.name)
    const numbers = Object.entries(ruleNumbers(one))
    ok(numbers.length > 0, one.rule.name)
    for (const [key, { source }] of numbers) ok(source.includes(' '), `${one.rule.name}.${key}`)
  }
})

test('the limits are those of the table', () => {
  const of = (name: string) => ruleNamed(name, rules).rule
  deepEqual(of('ercot').steps,
    [{ changeW: 10e6, peakRatio: Infinity, windowMs: 5000, fromHz: 0.1, toHz: 55 }])
  deepEqual(of('ercot').voltage.map(({ from, forMs }) => [from, forMs]),
    [[0.9, Infinity], [1.1, 2000], [0.8, 2000], [0.5, 500], [0.2, 250], [0, 150]])
  deepEqual(of('caiso').ramps.map(({ rampWPerMin, windowMs }) => [rampWPerMin, windowMs]),
    [[20e6, 600_000], [20e6, 600_000]])
  deepEqual(of('ieso').bands, [{ fromHz: 0.1, toHz: 60, swingW: 5e6, peakRatio: 0.005 }])
  deepEqual(of('ercot-nprr1191').ramps.map(({ rampWPerMin, peakRatioPerMin }) =>
    [rampWPerMin, peakRatioPerMin]), [[8e6, 0.02], [20e6, 0.05]])
  deepEqual(of('southern').ramps.map(({ keptRatio }) => keptRatio), [1, 1, 0.75])
  deepEqual(of('aemc-automatic').recover, { leastRatio: 0.9, mostRatio: 1.1, withinMs: 500 })
})

test('a rule written out is read like one of the catalogue', () => {
  const { rule, document } = ruleNamed('IESO', rules)
  deepEqual(resolveRule(document, 'ieso', rules), rule)
  deepEqual(resolveRule('ieso', 'site', rules), rule)
  const own = resolveRule({ rampUp: '0.5 MW/s' }, 'own', rules)
  deepEqual([own.name, own.ramps],
    ['own', [{ direction: 'up', rampWPerMin: 30e6, peakRatioPerMin: Infinity, windowMs: 60_000,
      keptRatio: 1 }]])
})

test('what makes no sense is told with what would do', () => {
  throws(() => ruleNamed('ercott', rules), /there is no rule ercott; did you mean "ercot"\?/)
  const problemsOf = (text: object) =>
    ruleProblems(ruleSchema.parse(text)).map(({ path, message }) => `${path.join('.')}: ${message}`)
  match(problemsOf({ title: 'x' })[0]!, /limits nothing; rampUp, steps, bands or recover would do/)
  deepEqual(problemsOf({
    steps: [{ window: '5s' }], bands: [{ from: '5 Hz', to: '1 Hz', swing: '1 MW' }],
    rampQuantile: { share: '175 %', limit: '1 MW/min' },
  }), [
    'steps.0: the step has no limit; change or changeOfPeak would do',
    'bands.0.to: to is 1 Hz, from 5 Hz; the higher of the two would do',
    'rampQuantile.share: share is 175 %; up to 100 % would do',
  ])
  throws(() => ruleSchema.parse({ rampUp: '20 MW' }), /a ramp takes W\/min, W\/s/)
})
