/**
 * Kept: the little that this phone remembers: who is signed in, the language, the last fridge, and the visit that is under way.
 * Holds always: no money and no basket is kept; those are asked for. Where storage is refused (private windows), it is for
 * this page's life only.
 */
const inMemory = new Map<string, string>()

function read(name: string): string | null {
  try {
    return localStorage.getItem(`visionvend.${name}`)
  } catch {
    return inMemory.get(name) ?? null
  }
}

function write(name: string, value: string | null): void {
  try {
    if (value === null) localStorage.removeItem(`visionvend.${name}`)
    else localStorage.setItem(`visionvend.${name}`, value)
  } catch {
    if (value === null) inMemory.delete(name)
    else inMemory.set(name, value)
  }
}

const slot = (name: string) => ({
  read: () => read(name),
  keep: (value: string) => write(name, value),
  drop: () => write(name, null),
})

export const kept = {
  token: slot('token'),
  language: slot('language'),
  /** The address that a code is on its way to: a reload while one looks into the mail loses nothing. */
  email: slot('email'),
  fridge: slot('fridge'),
  /** Written before the unlock is asked for, so that a page that dies meanwhile asks for the same one again. */
  visit: slot('visit'),
}

/** After signing out, or when the relay knows this sign-in no more. */
export function forgetShopper(): void {
  kept.token.drop()
  kept.email.drop()
  kept.visit.drop()
}
