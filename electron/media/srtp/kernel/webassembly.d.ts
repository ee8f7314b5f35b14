/**
 * The part of the WebAssembly API that the kernel's loader uses. TypeScript declares it in its DOM library only, which
 * code for Node does not have.
 */
declare global {
  namespace WebAssembly {
    interface Module {
      readonly [Symbol.toStringTag]?: string
    }
    interface Memory {
      readonly buffer: ArrayBuffer
    }
    interface Instance {
      readonly exports: Exports
    }
    type Exports = Record<string, unknown>
    const Module: { new (bytes: Uint8Array<ArrayBuffer>): Module }
    const Memory: { new (descriptor: { initial: number }): Memory }
    const Instance: { new (module: Module): Instance }
    function validate(bytes: Uint8Array<ArrayBuffer>): boolean
    function compile(bytes: Uint8Array<ArrayBuffer>): Promise<Module>
  }
}

export {}
