import type { PowerHistory } from '../../../src/api/client.ts'
import { ageText, countText, powerText } from '../format.ts'
import { t } from '../texts.svelte.ts'

/** Where less is granted a limit no longer binds: its price is of when it was looked at last. */
const FULL_RATIO = 0.99

/** What binds at a feeder, what a megawatt is worth there now, and what comes next, in words. */
export function sentencesOf(history: PowerHistory): string[] {
  const last = (values: readonly (number | null)[]) => values.at(-1) ?? null
  const { samples, feeder, binding, isPowered } = history
  const limitW = last(samples.limitW)
  const grantW = last(samples.grantW) ?? 0
  const values = {
    feeder, limit: limitW === null ? '∞' : powerText(limitW),
    grant: powerText(grantW),
    spare: limitW === null ? '∞' : powerText(Math.max(0, limitW - grantW)),
  }
  return [first(), next()].filter((text) => text !== '')

  function first(): string {
    if (!isPowered) return t('power.say.unpowered', values)
    const here = binding.find(({ where }) => where === 'here')
    const above = binding.find(({ where }) => where === 'above')
    const below = binding.find(({ where }) => where === 'below')
    const worth = (gpusPerMW: number) => countText(Math.round(gpusPerMW))
    const targetW = last(samples.targetW)
    if (here?.isDraw === true && targetW !== null) {
      return t('power.say.target', { ...values, target: powerText(targetW),
        cause: causeAt(history, feeder, true), worth: worth(here.gpusPerMW) })
    }
    if (here !== undefined && limitW !== null && grantW < limitW * FULL_RATIO) {
      return t('power.say.was', { ...values, worth: worth(here.gpusPerMW) })
    }
    if (here !== undefined) {
      const cause = causeAt(history, feeder, false)
      const isOver = limitW !== null && grantW > limitW
      return t(isOver ? 'power.say.over' : 'power.say.here', {
        ...values, worth: worth(here.gpusPerMW), cause: cause === '' ? '' : ` (${cause})`,
      })
    }
    if (above !== undefined) {
      return t('power.say.above',
        { ...values, above: above.feeder, worth: worth(above.gpusPerMW) })
    }
    if (below !== undefined) {
      return t('power.say.below',
        { ...values, below: below.feeder, worth: worth(below.gpusPerMW) })
    }
    return t('power.say.nothing', values)
  }

  function next(): string {
    const nowMs = Date.parse(history.stateAt)
    const coming = history.limits.filter(({ startAt, clearedAt }) =>
      startAt !== null && clearedAt === null && Date.parse(startAt) > nowMs)
      .sort((a, b) => Date.parse(a.startAt!) - Date.parse(b.startAt!))[0]
    if (coming === undefined) return ''
    return t('power.say.next', { in: ageText(Date.parse(coming.startAt!) - nowMs),
      cause: coming.cause === '' ? t(`limit.${coming.kind}`) : coming.cause,
      watts: powerText(coming.watts), feeder: coming.feeder })
  }
}

/** Why a limit or target that holds now was set; '' where nobody said. */
function causeAt(
  { limits, stateAt }: PowerHistory, feeder: string, isTarget: boolean): string {
  const nowMs = Date.parse(stateAt)
  return limits.find((each) => each.feeder === feeder && each.clearedAt === null
    && (each.kind === 'target') === isTarget
    && Date.parse(each.startAt ?? '') <= nowMs
    && (each.endAt === null || Date.parse(each.endAt) > nowMs))?.cause ?? ''
}
