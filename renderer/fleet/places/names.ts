/** Names: what owners call their fridges, where they have said it; else a fridge's own id. */
import { useAsked } from '../asked.ts'
import type { Relay } from '../relay.ts'

export function useNames(relay: Relay): (fridge: string) => string {
  const places = useAsked('places', relay.places, 60_000)
  const labels = new Map(places.answer?.map(({ fridge, label }) => [fridge, label]))
  return (fridge) => labels.get(fridge) || fridge
}
