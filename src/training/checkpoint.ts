import { exp } from '../base/math.ts'

/**
 * The interval between checkpoints that finishes work soonest, exactly. With stall C, failures
 * that come at random with mean M, and restart R, a segment of work w takes
 * (M + R)(e^((w + C) / M) - 1); w over that is largest where (1 - w/M) e^(w/M) = e^(-C/M),
 * whatever R is (renewal argument; Daly, FGCS 2006, gives its series). First-order rules fail
 * once a third of the time is lost. Times in ms; Infinity where nothing fails.
 */
export function bestCheckpointInterval(stallMs: number, meanFailureMs: number): number {
  if (meanFailureMs === Infinity) return Infinity
  if (stallMs <= 0) return 0
  const target = exp(-stallMs / meanFailureMs)
  // f(x) = (1 - x) e^x falls from 1 to 0 on [0, 1]: bisect, then polish by Newton's rule.
  let low = 0
  let high = 1
  for (let step = 0; step < 40; step++) {
    const x = (low + high) / 2
    if ((1 - x) * exp(x) > target) low = x
    else high = x
  }
  let x = (low + high) / 2
  for (let step = 0; step < 3 && x > 1e-12; step++) {
    x += ((1 - x) * exp(x) - target) / (x * exp(x))
  }
  return x * meanFailureMs
}

/** Useful share of the time at an interval: w / T. The restart counts once a failure. */
export function goodputRatio(
  workMs: number, stallMs: number, restartMs: number, meanFailureMs: number): number {
  if (meanFailureMs === Infinity) return workMs / (workMs + stallMs)
  const growth = exp((workMs + stallMs) / meanFailureMs) - 1
  return workMs / ((meanFailureMs + restartMs) * growth)
}
