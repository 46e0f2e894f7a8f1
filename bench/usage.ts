/** Loaded ahead of a command (`node --import`): when it ends, writes what it used to a file. */
import { writeFileSync } from 'node:fs'

process.on('exit', () => {
  const path = process.env['MILLRACE_BENCH_USAGE']
  if (path === undefined) return
  const { user, system } = process.cpuUsage()
  const rssBytes = process.resourceUsage().maxRSS * 1024
  writeFileSync(path, JSON.stringify({ cpuMs: (user + system) / 1e3, rssBytes }))
})
