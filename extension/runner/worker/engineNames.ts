/** What the engine exports, for suggestions. */
export interface EngineNames {
  readonly exports: readonly string[];
  /** The members of each namespace by its path: `nn`, `nn.init`. */
  readonly namespaces: ReadonlyMap<string, readonly string[]>;
}

/** Reads the names off the engine itself. */
export function namesOf(engine: object): EngineNames {
  const namespaces = new Map<string, readonly string[]>();
  const visit = (namespace: object, path: string): void => {
    for (const [name, value] of Object.entries(namespace)) {
      if (!isNamespace(value)) continue;
      const inside = `${path}${name}`;
      namespaces.set(inside, Object.keys(value));
      visit(value, `${inside}.`);
    }
  };
  visit(engine, "");
  return { exports: Object.keys(engine), namespaces };
}

/** A module's namespace has no prototype; a bundler makes plain objects of them. */
function isNamespace(value: unknown): value is object {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}
