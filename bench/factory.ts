import { parseFactory, type Factory } from '../src/run/factory-file.ts'

const HALLS = 10

/** Share of what everything at its rating would draw: the limit is real, and seldom binds. */
const LIMIT_RATIO = 0.99
const NODE_RATED_KW = 10.2
const COOLING = 1.3

/**
 * Nodes of eight H100s in racks, rows and ten halls, below one site whose limit could bind, so
 * that each start is checked against watts. Failures are the catalogue's, or none. `power`: lines
 * of the factory file, such as how often meters are read.
 */
export function factoryOf(
  nodes: number, isFailing: boolean, limitRatio = LIMIT_RATIO, power: readonly string[] = [],
): Factory {
  const limitKw = Math.round(nodes * NODE_RATED_KW * COOLING * limitRatio)
  const text = [
    `name: bench-${nodes}`,
    'sites:',
    '  - name: site',
    `    limit: ${limitKw} kW`,
    `    cooling: ${COOLING}`,
    '    racksPerRow: 16',
    '    halls:',
    '      - name: hall',
    `        count: ${HALLS}`,
    '        racks:',
    '          - system: dgx-h100',
    `            nodes: ${nodes / HALLS}`,
    '            nodesPerRack: 8',
    ...power,
    ...(isFailing ? [] : ['failures: none']),
  ].join('\n')
  return parseFactory(text, 'bench')
}
