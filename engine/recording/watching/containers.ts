/** Something in a list, a map or a plain object, with the way there: `[0]`, `.encoder[1]`. */
export type Member = readonly [path: string, value: object];

/** Containers in containers are looked into so deep. */
const DEEPEST = 4;
/** Of one container, so many objects are looked at. */
const MOST = 1024;

/** Whether a value is only there to hold others: a list, a map, a plain object. */
export function isContainer(value: object): boolean {
  if (Array.isArray(value) || value instanceof Map) return true;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** The objects that `isWanted` asks for in a container and in the containers in it. Runs no getter of the user's. */
export function membersOf(
  container: object,
  isWanted: (value: object) => boolean,
  isProxy: (value: object) => boolean,
): Member[] {
  const found: Member[] = [];
  const seen = new Set<object>();
  let left = MOST;
  const look = (holder: object, path: string, depth: number): void => {
    seen.add(holder);
    for (const [key, value] of entriesOf(holder)) {
      if (left-- <= 0) return;
      if (typeof value !== "object" || value === null || seen.has(value) || isProxy(value)) continue;
      if (isWanted(value)) found.push([path + key, value]);
      else if (depth < DEEPEST && isContainer(value)) look(value, path + key, depth + 1);
    }
  };
  look(container, "", 1);
  return found;
}

function* entriesOf(holder: object): Iterable<readonly [string, unknown]> {
  if (Array.isArray(holder)) for (let i = 0; i < holder.length; i++) yield [`[${i}]`, holder[i]];
  else if (holder instanceof Map) for (const [key, value] of holder) yield [keyText(key), value];
  else
    for (const [key, { value }] of Object.entries(Object.getOwnPropertyDescriptors(holder)))
      yield [keyText(key), value];
}

/** As one would write it behind the container: `.w1`, `["a b"]`, `[3]`. */
function keyText(key: unknown): string {
  if (typeof key === "string" && /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(key)) return `.${key}`;
  return typeof key === "string" ? `[${JSON.stringify(key)}]` : `[${String(typeof key === "object" ? "…" : key)}]`;
}
