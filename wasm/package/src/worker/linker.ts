// Brings WASM modules together: core, and plugins as side modules that share its memory and table. What Emscripten's JavaScript would do, for modules
// that need nothing else of it: no eval, the same code in a worker and in node, and a plugin never binds to another plugin's symbols.
// The modules' shape: https://github.com/WebAssembly/tool-conventions/blob/main/DynamicLinking.md

import { FairError } from '../errors.js';

const PAGE = 65536;
const STACK = 1 << 20;
/** What core's module asks for at least (Emscripten's INITIAL_MEMORY). */
const LEAST_MEMORY = 16 << 20;
/** Core's data begin here; smaller addresses stay unused, so that null is none of them. */
const GLOBAL_BASE = 1024;

/** Functions that every module gets from here and not from core; they are of the published set. Later Emscriptens call abort _abort_js. */
const GIVEN = new Set(['abort', '_abort_js', 'emscripten_resize_heap']);

/** A trap, (module (func (export "trap") unreachable)): C++ catches what JavaScript throws, and would go on after it. */
const { trap } = new WebAssembly.Instance(
  new WebAssembly.Module(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 3, 2, 1, 0, 7, 8, 1, 4, 116, 114, 97, 112, 0, 0, 10, 5, 1, 3, 0, 0, 11)),
).exports;

/** What a side module asks for in its "dylink.0" section. */
interface Needs {
  memorySize: number;
  memoryAlign: number;
  tableSize: number;
  tableAlign: number;
  libraries: string[];
}

type Exports = Record<string, unknown>;

/** A module that is linked in. */
export interface Linked {
  exports: Exports;
}

function needsOf(module: WebAssembly.Module, thing: string): Needs {
  const [section] = WebAssembly.Module.customSections(module, 'dylink.0');
  if (!section) {
    throw new FairError('invalid', thing, 'a side module (a "dylink.0" section)', 'a WASM module of another kind', 'link it with -sSIDE_MODULE=2');
  }
  const bytes = new Uint8Array(section);
  let at = 0;
  const number = (): number => {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = bytes[at++] ?? 0;
      value += (byte & 127) * factor;
      if (byte < 128) return value;
    }
  };
  const text = (): string => {
    const size = number();
    at += size;
    return new TextDecoder().decode(bytes.subarray(at - size, at));
  };
  const needs: Needs = { memorySize: 0, memoryAlign: 0, tableSize: 0, tableAlign: 0, libraries: [] };
  while (at < bytes.length) {
    const kind = bytes[at++];
    const size = number();
    const end = at + size;
    if (kind === 1) {
      needs.memorySize = number();
      needs.memoryAlign = number();
      needs.tableSize = number();
      needs.tableAlign = number();
    } else if (kind === 2) {
      for (let left = number(); left > 0; --left) needs.libraries.push(text());
    }
    at = end;
  }
  return needs;
}

const aligned = (value: number, power: number): number => Math.ceil(value / 2 ** power) * 2 ** power;

/** Core and whatever was linked to it. One for a worker. */
export class Linker {
  readonly memory: WebAssembly.Memory;
  private readonly table: WebAssembly.Table;
  private readonly stackPointer: WebAssembly.Global;
  // One tag for all, so that an exception of a plugin is one for core.
  private readonly exceptions = new (WebAssembly as unknown as { Tag: new (type: { parameters: string[] }) => object }).Tag({ parameters: ['i32'] });
  private readonly addresses = new Map<string, number>();
  private readonly functions = new Map<string, Function>();
  private readonly slots = new Map<Function, number>();
  private constructor(needs: Needs, private readonly most: number) {
    const data = aligned(GLOBAL_BASE + needs.memorySize, 4);
    const heap = data + STACK;
    this.memory = new WebAssembly.Memory({ initial: Math.max(LEAST_MEMORY, aligned(heap, 16)) / PAGE, maximum: Math.ceil(most / PAGE) });
    this.table = new WebAssembly.Table({ initial: needs.tableSize + 1, element: 'anyfunc' });
    this.stackPointer = new WebAssembly.Global({ value: 'i32', mutable: true }, heap);
    this.addresses.set('__heap_base', heap);
  }

  /** Core's module. `most`: bytes its memory may grow to. */
  static core(module: WebAssembly.Module, most = 2 ** 32): { linker: Linker; core: Linked } {
    const needs = needsOf(module, 'core.wasm');
    const linker = new Linker(needs, most);
    const core = linker.instantiate(module, 'core.wasm', GLOBAL_BASE, 1, () => undefined);
    // What plugins may use: the functions by name, the data by address.
    for (const [name, value] of Object.entries(core.exports)) {
      if (name.startsWith('fair_')) continue;
      if (typeof value === 'function') linker.functions.set(name, value);
      else if (value instanceof WebAssembly.Global) linker.addresses.set(name, (value.value as number) + GLOBAL_BASE);
    }
    linker.allocate = core.exports['fair_alloc'] as (bytes: number) => number;
    return { linker, core };
  }

  /** Names that a side module imports and nobody defines; empty when it can be linked. */
  undefinedImports(module: WebAssembly.Module): string[] {
    const own = new Set(WebAssembly.Module.exports(module).map((e) => e.name));
    return WebAssembly.Module.imports(module)
      .filter((i) => (i.module === 'env' && i.kind === 'function') || i.module === 'GOT.mem' || i.module === 'GOT.func' || (i.module !== 'env' && !i.module.startsWith('GOT.')))
      .filter((i) => !(i.module === 'env' || i.module.startsWith('GOT.')) || !(own.has(i.name) || GIVEN.has(i.name) || this.functions.has(i.name) || this.addresses.has(i.name)))
      .map((i) => (i.module === 'env' || i.module.startsWith('GOT.') ? i.name : `${i.module}.${i.name}`));
  }

  /** A plugin's module; its imports are looked at before anything runs, then its constructors do. `thing` names it in errors. */
  side(module: WebAssembly.Module, thing: string): Linked {
    const needs = needsOf(module, thing);
    if (needs.libraries.length > 0) {
      throw new FairError('unsupported', thing, 'a side module that stands alone', `one that wants ${needs.libraries.join(', ')}`, 'link those libraries into it');
    }
    const lacking = this.undefinedImports(module);
    if (lacking.length > 0) {
      const shown = lacking.slice(0, 5).join(', ') + (lacking.length > 5 ? ` and ${lacking.length - 5} more` : '');
      throw new FairError('unsupported', thing, 'imports of the published runtime symbol set only', shown, 'bring the code that defines them into the plugin');
    }
    const room = needs.memorySize + 2 ** needs.memoryAlign;
    const at = this.allocate(room);
    if (at === 0) throw new FairError('io', thing, `${room} bytes of memory`, 'none left');
    new Uint8Array(this.memory.buffer, at, room).fill(0);
    const tableBase = aligned(this.table.length, needs.tableAlign);
    this.table.grow(tableBase + needs.tableSize - this.table.length);
    return this.instantiate(module, thing, aligned(at, needs.memoryAlign), tableBase, (name) => this.functions.get(name));
  }

  /** The table's index of an exported function. */
  indexOf(f: Function): number {
    let slot = this.slots.get(f);
    if (slot === undefined) {
      slot = this.table.grow(1);
      this.table.set(slot, f);
      this.slots.set(f, slot);
    }
    return slot;
  }

  private allocate: (bytes: number) => number = () => 0;

  private instantiate(
    module: WebAssembly.Module,
    thing: string,
    memoryBase: number,
    tableBase: number,
    outside: (name: string) => Function | undefined,
  ): Linked {
    let exports: Exports = {};
    const got = new Map<string, { name: string; kind: 'mem' | 'func'; global: WebAssembly.Global }>();
    const env: Record<string, unknown> = {
      memory: this.memory,
      __indirect_function_table: this.table,
      __stack_pointer: this.stackPointer,
      __memory_base: new WebAssembly.Global({ value: 'i32', mutable: false }, memoryBase),
      __table_base: new WebAssembly.Global({ value: 'i32', mutable: false }, tableBase),
      __cpp_exception: this.exceptions,
      abort: trap,
      _abort_js: trap,
      emscripten_resize_heap: (wanted: number) => this.grow(wanted >>> 0),
    };
    const imports: WebAssembly.Imports = { env: env as WebAssembly.ModuleImports, 'GOT.mem': {}, 'GOT.func': {} };
    for (const { module: from, name, kind } of WebAssembly.Module.imports(module)) {
      if (from === 'GOT.mem' || from === 'GOT.func') {
        const known = got.get(`${from}.${name}`);
        const global = known?.global ?? new WebAssembly.Global({ value: 'i32', mutable: true }, 0);
        got.set(`${from}.${name}`, { name, kind: from === 'GOT.mem' ? 'mem' : 'func', global });
        imports[from]![name] = global;
      } else if (from === 'env' && kind === 'function' && !(name in env)) {
        // A symbol the module defines itself and lets others replace: nobody does.
        env[name] = outside(name) ?? ((...values: unknown[]) => (exports[name] as (...v: unknown[]) => unknown)(...values));
      }
    }
    exports = new WebAssembly.Instance(module, imports).exports as Exports;
    for (const { name, kind, global } of got.values()) {
      const own = exports[name];
      if (kind === 'mem') {
        global.value = own instanceof WebAssembly.Global ? (own.value as number) + memoryBase : (this.addresses.get(name) ?? 0);
      } else {
        const f = (typeof own === 'function' ? own : this.functions.get(name)) as Function | undefined;
        global.value = f ? this.indexOf(f) : 0;
      }
    }
    for (const start of ['__wasm_apply_data_relocs', '__wasm_call_ctors', '_initialize']) {
      const f = exports[start];
      if (typeof f === 'function') (f as () => void)();
    }
    return { exports };
  }

  /** More memory for malloc: at least what is wanted, by a fifth more than there is where that is allowed. 1 when it was given. */
  private grow(wanted: number): number {
    const now = this.memory.buffer.byteLength;
    for (const size of [Math.max(wanted, now + Math.min(now / 5, 96 << 20)), wanted]) {
      const pages = Math.ceil((Math.min(size, this.most) - now) / PAGE);
      if (pages <= 0 || now + pages * PAGE < wanted) continue;
      try {
        this.memory.grow(pages);
        return 1;
      } catch {
        // The browser has less to give; ask for less.
      }
    }
    return 0;
  }
}
