/** Domain events: what is told of a ledger, and how it is described. */
import { expect, test } from 'vitest'
import { eventSchema } from '../../../src/core/events.ts'
import { asyncApi } from '../../../sync/relay/events/asyncapi.ts'
import { domainEvent, domainEvents, domainTypes, toldOf } from '../../../sync/relay/events/domain.ts'

test('[RL50] every event that is told is described, with its schema and the key that it travels under', () => {
  const { channels, components } = asyncApi() as {
    channels: Record<string, { address: string }>
    components: { messages: Record<string, { payload: { allOf: unknown[] } }> }
  }
  expect(Object.keys(channels)).toEqual(domainTypes)
  expect(channels['receipt.issued']?.address).toBe('v1.{fridge}.receipt.issued')
  expect(components.messages['receipt.issued']?.payload.allOf[1]).toMatchObject({
    properties: {
      type: { const: 'visionvend.receipt.issued.v1' },
      data: { required: ['visit', 'number', 'lines', 'totalMinor', 'chargedMinor', 'currency'] },
    },
  })
})

test('[RL50] each event of the ledger is told as one at most, and what a description names exists', () => {
  const ledger = eventSchema.options.map((one) => one.shape.type.value)
  const told = Object.values(domainEvents).flatMap(({ of }) => (of === null ? [] : [of]))
  expect(new Set(told).size).toBe(told.length)
  expect(told.filter((type) => !ledger.includes(type))).toEqual([])
  expect(toldOf({ type: 'CardsDenied', fingerprints: ['secret'] }, null)).toBe(null)
})

test('[RL50] no clock of a fridge stops its event', () => {
  for (const atMs of [-1, 0, 8.64e15, 1e300])
    expect(domainEvent('f', 'id', 'door.forced', atMs, {}).time).toMatch(/^(1970|9999)-/)
})
