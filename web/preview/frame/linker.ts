import { type AppModule, MODULE_END, moduleHeader, sameTargets } from "../../src/preview/engine/protocol";
import { requirePackage } from "./packages";
import { putStyle } from "./styles";
import { tick } from "./tick";

type Exports = Record<string, unknown>;

interface Linked {
  source: AppModule;
  exports: Exports;
  state: "new" | "running" | "done" | "failed";
}

/** A declaration of a module that need not be exported. */
export type Local = [name: string, value: () => unknown];

type Factory = (...given: unknown[]) => () => void | Promise<void>;

/** Runs the app's modules: each after those that it imports, and anew when it has changed. */
export class Linker {
  readonly #modules = new Map<string, Linked>();

  /** `onRun` is told of each module that has run, with what it exports. */
  constructor(private readonly onRun: (id: string, exports: Exports, locals: Local[]) => void) {}

  exportsOf(id: string): Exports | undefined {
    return this.#modules.get(id)?.exports;
  }

  failed(): string[] {
    return [...this.#modules].filter(([, { state }]) => state === "failed").map(([id]) => id);
  }

  importersOf(id: string): string[] {
    const imports = ({ dependencies }: AppModule) =>
      dependencies.some(({ target }) => target.kind === "module" && target.id === id);
    return [...this.#modules].filter(([, linked]) => imports(linked.source)).map(([importer]) => importer);
  }

  /** Takes a module as it is now; it runs when it is asked for. True if its code is another than before. */
  put(source: AppModule): boolean {
    const known = this.#modules.get(source.id);
    if (!known) {
      this.#modules.set(source.id, { source, exports: {}, state: "new" });
      return false;
    }
    const changed = known.source.code !== source.code || !sameTargets(known.source, source);
    known.source = source;
    if (known.state === "done") putStyle(source.id, source.css);
    return changed;
  }

  remove(id: string): void {
    this.#modules.delete(id);
    putStyle(id, null);
  }

  /** Runs these anew, each after those of them that it imports; what importers hold of them is renewed in place. */
  rerun(ids: Iterable<string>): void | Promise<void> {
    const again = [...ids].flatMap((id) => this.#modules.get(id) ?? []);
    for (const linked of again) if (linked.state !== "running") linked.state = "new";
    return inTurn(again, (linked) => this.#run(linked));
  }

  run(id: string): void | Promise<void> {
    const linked = this.#modules.get(id);
    if (!linked) throw new Error(`There is no module ${id}.`);
    return this.#run(linked);
  }

  #run(linked: Linked): void | Promise<void> {
    if (linked.state === "done" || linked.state === "running") return;
    linked.state = "running";
    const imported = linked.source.dependencies.flatMap(({ target, dynamic }) =>
      target.kind === "module" && !dynamic ? (this.#modules.get(target.id) ?? []) : [],
    );
    const fail = (error: unknown): never => {
      linked.state = "failed";
      throw error;
    };
    try {
      const pending = inTurn(imported, (other) => this.#run(other));
      const rest = pending ? pending.then(() => this.#execute(linked)) : this.#execute(linked);
      return rest?.catch(fail);
    } catch (error) {
      return fail(error);
    }
  }

  #execute(linked: Linked): void | Promise<void> {
    const { source, exports } = linked;
    const before = Object.getOwnPropertyDescriptors(exports);
    for (const name of Object.keys(exports)) delete exports[name];
    let locals: Local[] = [];
    const done = () => {
      linked.state = "done";
      putStyle(source.id, source.css);
      this.onRun(source.id, exports, locals);
    };
    const undo = (error: unknown): never => {
      Object.defineProperties(exports, before);
      throw error;
    };
    const module = { exports };
    const meta = { url: `app:///${source.id}`, env: environment() };
    try {
      const result = compile(source)(
        (specifier: string) => this.#require(source, specifier),
        module,
        exports,
        meta,
        (specifier: string) => this.#import(source, specifier),
        (declared: Local[]) => {
          locals = declared;
        },
        tick,
        previewLocation,
        previewLocation,
      )();
      if (module.exports !== exports) Object.assign(exports, module.exports, { default: module.exports });
      return result ? result.then(done, undo) : done();
    } catch (error) {
      return undo(error);
    }
  }

  #require(from: AppModule, specifier: string): unknown {
    const target = from.dependencies.find((dependency) => dependency.specifier === specifier)?.target;
    if (!target) throw new Error(`${from.id} imports "${specifier}", which is not there.`);
    if (target.kind === "missing") throw new Error(target.message);
    if (target.kind === "package") return requirePackage(target);
    const linked = this.#modules.get(target.id);
    if (!linked) throw new Error(`${from.id} imports "${specifier}", which is not there.`);
    if (linked.state === "failed") throw new Error(`${target.id} could not be loaded.`);
    void this.#run(linked);
    return linked.exports;
  }

  async #import(from: AppModule, specifier: string): Promise<unknown> {
    const target = from.dependencies.find((dependency) => dependency.specifier === specifier)?.target;
    const linked = target?.kind === "module" ? this.#modules.get(target.id) : undefined;
    if (linked) await this.#run(linked);
    return this.#require(from, specifier);
  }
}

function environment(): Record<string, unknown> {
  return { DEV: true, PROD: false, SSR: false, MODE: "development", BASE_URL: "/" };
}

/** One after the other; at once where none of them waits. */
function inTurn<T>(items: readonly T[], run: (item: T) => void | Promise<void>): void | Promise<void> {
  for (const [at, item] of items.entries()) {
    const pending = run(item);
    if (pending) return pending.then(() => inTurn(items.slice(at + 1), run));
  }
}

function compile({ id, code }: AppModule): Factory {
  // biome-ignore lint/security/noGlobalEval: running the app's code is what this document is for; it has no origin.
  return window.eval(`${moduleHeader(code)}${code}${MODULE_END}\n//# sourceURL=app:///${address(id)}`) as Factory;
}

/** A path as it stands in stacks: without what ends an address there. */
function address(id: string): string {
  return encodeURI(id).replaceAll("(", "%28").replaceAll(")", "%29").replaceAll("?", "%3F");
}
