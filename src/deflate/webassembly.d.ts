/**
 * The little of the WebAssembly API that the engine uses. TypeScript has it in the library of browsers only, and Node's
 * types leave it out.
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
