/** Fridge-hours that the simulation lives through in a second, and what a seed of it costs. */
import { campaign } from '../../test/sim/campaign.ts'
import { rounded, type Figure } from './figures.ts'

const seeds = 20

export async function benchSimulation(): Promise<Figure[]> {
  const { simulatedHours, wallMs, cpuMs } = await campaign({ firstSeed: 1, seeds, workers: 2, events: 300 })
  return [
    { name: 'simulated fridge-hours in a second', value: rounded(simulatedHours / (wallMs / 1_000)), unit: 'h/s' },
    { name: 'processor time of a simulated seed', value: rounded(cpuMs / seeds, 0), unit: 'ms', aim: '480 ms' },
  ]
}
