/**
 * Given: what the relay wrote into the page itself, of the fridge whose code led here, so that the first screen asks for nothing.
 * Holds always: it is checked like any other answer, and believed for as long as an answer would be; after that it is asked for.
 */
import * as z from 'zod/mini'
import { phoneFridgeSchema, phoneSetupSchema, type PhoneFridge, type PhoneSetup } from '../../src/contract/phone.ts'

const schema = z.object({ setup: phoneSetupSchema, fridge: phoneFridgeSchema })
const freshMs = 5_000

function read(): { readonly setup: PhoneSetup; readonly fridge: PhoneFridge } | null {
  const text = document.querySelector('#given')?.textContent ?? ''
  if (text === '') return null
  try {
    const parsed = schema.safeParse(JSON.parse(text))
    return parsed.success ? parsed.data : null
  } catch {
    return null
  }
}
const given = read()

export const givenSetup = (): PhoneSetup | null => given?.setup ?? null

/** Null: nothing was given of this fridge, or it is too old. */
export const givenFridge = (fridge: string): PhoneFridge | null =>
  performance.now() < freshMs && given?.fridge.fridge === fridge ? given.fridge : null
