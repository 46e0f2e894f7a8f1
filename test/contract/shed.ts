/**
 * What a cut costs in work: devices are capped down to 400 W first, then paused whole. Points of
 * one H100 in training: throughput of LLaMA-3-8B (arXiv 2603.16164), draw (arXiv 2604.11391).
 */
const CAPS = [
  { drawW: 647, speed: 1 }, { drawW: 591, speed: 0.966 }, { drawW: 493, speed: 0.915 },
  { drawW: 395, speed: 0.821 },
]

/** Facility watts of one H100 (Epoch AI, H100 site), and for each watt that its GPU saves. */
export const FACILITY_W = 1810
const FACILITY_PER_GPU_W = 1.3

/** A paused node goes on drawing 25 to 40 % of its watts: the middle, a guess between the two. */
const PAUSED_RATIO = 0.325

/** Share of the watts that capping alone saves: 18 %. */
const CAPPED_RATIO = savedRatio(CAPS.length - 1)

/** Most that can be cut while nodes stay on. */
export const MOST_CUT_RATIO = 1 - PAUSED_RATIO

/**
 * Share of the work that is lost while a share of the watts is cut. Beyond `MOST_CUT_RATIO` racks
 * are switched off, and all work is lost already.
 */
export function lostRatio(cutRatio: number): number {
  for (let at = 1; at < CAPS.length; at++) {
    const [low, high] = [savedRatio(at - 1), savedRatio(at)]
    if (cutRatio > high) continue
    const share = (cutRatio - low) / (high - low)
    return 1 - CAPS[at - 1]!.speed + share * (CAPS[at - 1]!.speed - CAPS[at]!.speed)
  }
  if (cutRatio >= MOST_CUT_RATIO) return 1
  // The rest are paused, so many of those that are capped.
  const paused = (cutRatio - CAPPED_RATIO) / (MOST_CUT_RATIO - CAPPED_RATIO)
  const cappedSpeed = CAPS.at(-1)!.speed
  return 1 - (1 - paused) * cappedSpeed
}

/** The same where nothing is capped: so many are paused. */
export function lostByPauseRatio(cutRatio: number): number {
  return Math.min(1, cutRatio / MOST_CUT_RATIO)
}

function savedRatio(at: number): number {
  return (CAPS[0]!.drawW - CAPS[at]!.drawW) * FACILITY_PER_GPU_W / FACILITY_W
}
