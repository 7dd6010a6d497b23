/** The part of `qrcode` that we use; the package brings no types. */
declare module 'qrcode' {
  interface Code {
    readonly modules: { readonly size: number; get(row: number, column: number): number }
  }
  export function create(text: string, options: { errorCorrectionLevel: 'L' | 'M' | 'Q' | 'H' }): Code
}

/** A file of a package, as the address under which the build serves it. */
declare module '*.json?url' {
  const address: string
  export default address
}
