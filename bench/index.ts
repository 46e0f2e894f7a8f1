import { allocateAll, allocateOne } from './allocate.ts'
import { apiReads } from './api.ts'
import { cycle, cycleConservative } from './cycle.ts'
import type { Figure } from './figure.ts'
import { fork } from './fork.ts'
import { journal } from './journal.ts'
import { kueueBaseline, kueueTas } from './kueue.ts'
import { localStart } from './local-start.ts'
import { queue } from './queue.ts'
import { restart } from './restart.ts'
import { rules } from './rules.ts'
import { jobsTwice, nodesTwice } from './scaling.ts'
import { storeAppend } from './store.ts'
import { idle, restart as serviceRestart, submissions } from './service.ts'
import { w1 } from './w1.ts'
import { year, yearEasy, yearPower } from './year.ts'

/** Every figure, in the order in which it is run. A new one is its file and a line here. */
export const FIGURES: readonly Figure[] = [
  year, yearEasy, yearPower, w1, fork, cycle, cycleConservative, nodesTwice, jobsTwice, queue,
  journal, kueueBaseline, kueueTas, rules, allocateAll, allocateOne,
  storeAppend, restart, localStart, submissions, serviceRestart, idle, apiReads,
]
