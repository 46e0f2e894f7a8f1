// Loaded with --import: the wall clock jumps an hour forth and back, again and again.
const HOUR_MS = 3_600_000
const now = Date.now
let calls = 0
Date.now = () => now() + (++calls % 3 - 1) * HOUR_MS
