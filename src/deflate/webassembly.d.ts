/**
 * The part of the WebAssembly API that the engine uses. TypeScript declares it for browsers only, and @types/node leaves
 * it out.
 */
declare namespace WebAssembly {
  class Module {
    constructor(bytes: Uint8Array);
  }

  class Memory {
    constructor(descriptor: { initial: number; maximum: number });
    readonly buffer: ArrayBuffer;
  }

  class Global {
    readonly value: unknown;
  }

  class RuntimeError extends Error {}

  class Instance {
    constructor(module: Module, imports: { env: { memory: Memory } });
    readonly exports: Record<string, unknown>;
  }
}
