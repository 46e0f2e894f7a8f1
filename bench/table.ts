import { verdictOf, type Goal, type Row } from './figure.ts'

const MARKS = { met: 'met', near: 'near, within a quarter', missed: 'MISSED', '': '' }

export function head(): string {
  return lineOfTexts(['figure', 'value', 'unit', 'goal', 'per calibration', 'verdict'])
}

export function lineOf(row: Row): string {
  const { perCalibration } = row.detail
  return lineOfTexts([
    row.name, numberOf(row.value), row.unit, goalOf(row.goal),
    typeof perCalibration === 'number' ? numberOf(perCalibration) : '',
    MARKS[verdictOf(row)],
  ])
}

function lineOfTexts([name, value, unit, goal, calibrated, verdict]: readonly string[]): string {
  return [
    name!.padEnd(22), value!.padStart(11), ` ${unit!.padEnd(14)}`, goal!.padStart(11),
    calibrated!.padStart(16), `  ${verdict}`,
  ].join(' ').trimEnd()
}

function goalOf(goal: Goal): string {
  if ('most' in goal) return `≤ ${numberOf(goal.most)}`
  return 'least' in goal ? `≥ ${numberOf(goal.least)}` : ''
}

/** Three figures that count, or all of a whole number. */
function numberOf(value: number): string {
  if (Number.isInteger(value) || Math.abs(value) >= 1000) {
    return Math.round(value).toString().replace(/\B(?=(\d{3})+$)/g, ',')
  }
  return String(Number(value.toPrecision(3)))
}
