/**
 * The part of WebAssembly's own interface that controller.ts uses. Node has it; its types come only with the browser's
 * library, whose thousand other names would hide mistakes here.
 */
declare namespace WebAssembly {
  // eslint-disable-next-line typescript/no-empty-object-type -- opaque: only an Instance looks inside
  interface Module {}
  const Module: new (bytes: Uint8Array) => Module
  interface Instance {
    readonly exports: Readonly<Record<string, unknown>>
  }
  const Instance: new (module: Module, imports: Readonly<Record<string, Readonly<Record<string, unknown>>>>) => Instance
  interface Memory {
    readonly buffer: ArrayBuffer
  }
}
