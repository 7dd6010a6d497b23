/** An element that the caller's loop bounds prove to be there. */
export const at = (list: { readonly [index: number]: number }, index: number): number => list[index] as number
