import { loadCatalogue } from '../src/catalog/catalogue.ts'
import { ruleNamed } from '../src/catalog/rules.ts'
import { randomStream } from '../src/base/random.ts'
import { fromHours, fromSeconds } from '../src/base/units.ts'
import { scoreRule } from '../src/grid/rules.ts'
import { cpuMs, type Figure } from './figure.ts'

const STEP_MS = 10

export const rules: Figure = {
  name: 'rules-day',
  summary: 'score a day of readings each 10 ms against the rule with the most parts',
  run: () => {
    const count = fromHours(24) / STEP_MS
    const random = randomStream(1, 'bench')
    const atMs = Float64Array.from({ length: count }, (_, at) => at * STEP_MS)
    const powerW = atMs.map((time) =>
      180e6 + (time % fromSeconds(2) < fromSeconds(1.4) ? 20e6 : 0) + random.uniform() * 1e6)
    const { rule } = ruleNamed('ieso', loadCatalogue().rules)
    const beforeMs = cpuMs()
    const score = scoreRule(rule, { atMs, powerW })
    return [{
      name: 'rules-day', value: (cpuMs() - beforeMs) / 1e3, unit: 'CPU s', goal: { most: 4 },
      isCpu: true,
      detail: { readings: count, verdict: score.verdict },
    }]
  },
}
