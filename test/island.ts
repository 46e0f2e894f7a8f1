// An island for tests of supplies: 512 H100 behind five engines of 200 kW, of which one is kept
// back, and a battery.
import { parseFactory } from '../src/run/factory-file.ts'

export const ISLAND = parseFactory(`name: island
sites:
  - name: here
    supplies:
      - { type: recip, unit: 200 kW, count: 5 }
      - { type: megapack-2xl, charge: 0.6 }
    racks: [{ system: dgx-h100, nodes: 64 }]
failures: none
`, 'island.yaml')
