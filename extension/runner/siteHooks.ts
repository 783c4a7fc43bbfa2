import { types } from "node:util";
import type { SiteCell } from "./recorderContract.ts";

/**
 * The globals that compiled user code calls, and nothing else may. They cannot be written, deleted or listed, so a
 * program that clears its globals still runs.
 *
 * - `__gl_s(id, value)` the call numbered `id` runs next; gives `value` back: `f(a, __gl_s(17, b))`
 * - `__gl_e(id)` the same, for `f(...__gl_e(17))`; gives an empty list
 * - `__gl_l()` a loop without calls turns once more
 * - `__gl_n(id, value)` a value got the name of row `id`; gives `value` back
 */
export const hookNames = { site: "__gl_s", empty: "__gl_e", loop: "__gl_l", name: "__gl_n" } as const;

/** Numbers in compiled code are padded to this width, so that giving a file other numbers moves no column. */
export const idWidth = 7;

/** The text of a number in compiled code. */
export function idText(id: number): string {
  return String(id).padStart(idWidth);
}

const numberedHook = new RegExp(`(${hookNames.site}|${hookNames.empty}|${hookNames.name})\\(( *\\d+)`, "g");

/** Adds a file's first numbers to the file-local numbers in its compiled code. */
export function numberHooks(code: string, firstSite: number, firstName: number): string {
  return code.replace(numberedHook, (_, hook: string, id: string) => {
    const first = hook === hookNames.name ? firstName : firstSite;
    return `${hook}(${idText(Number(id) + first)}`;
  });
}

/** Where the hooks report to. */
export interface HookTarget {
  readonly site: SiteCell;
  nameValue(nameId: number, value: object): void;
  /** Called from inside the user's code when the broker wants something. */
  onAttention(): void;
}

/** Defines the hooks in a global scope. `flags[attentionWord]` other than 0 makes the next one call `onAttention`. */
export function installSiteHooks(target: HookTarget, flags: Int32Array, attentionWord: number, scope: object): void {
  const { site } = target;
  const empty: readonly never[] = Object.freeze([]);

  const beforeCall = (id: number, value: unknown): unknown => {
    site.current = id;
    if (flags[attentionWord] !== 0) target.onAttention();
    return value;
  };
  const beforeEmptyCall = (id: number): readonly never[] => {
    beforeCall(id, undefined);
    return empty;
  };
  const onLoop = (): void => {
    if (flags[attentionWord] !== 0) target.onAttention();
  };
  const onName = (id: number, value: unknown): unknown => {
    // A proxy is no tensor and no module, and looking at it would run the user's traps.
    if (typeof value === "object" && value !== null && !types.isProxy(value)) target.nameValue(id, value);
    return value;
  };

  const hooks = { site: beforeCall, empty: beforeEmptyCall, loop: onLoop, name: onName };
  for (const [key, hook] of Object.entries(hooks)) {
    Object.defineProperty(scope, hookNames[key as keyof typeof hookNames], { value: hook });
  }
}
