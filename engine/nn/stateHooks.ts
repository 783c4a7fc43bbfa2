import type { Module } from "./module.ts";
import { own } from "./own.ts";
import type { IncompatibleKeys, StateDict } from "./stateDict.ts";

/** What is known of a module's part of a state dict: nothing when it is saved, whether tensors are taken over when it is loaded. */
export interface LocalMetadata {
  /** `loadStateDict` was told to take the tensors over instead of copying their values. */
  readonly assignToParamsBuffers?: boolean | undefined;
}

/** Runs before a module, at `prefix`, writes what it holds into a state dict. */
export type StateDictPreHook = (module: Module, prefix: string, keepVars: boolean) => void;

/** Runs when a module and those below it are in the state dict, which it may change in place. */
export type StateDictPostHook = (
  module: Module,
  stateDict: StateDict,
  prefix: string,
  localMetadata: LocalMetadata,
) => void;

/** Runs before a module reads its part of a state dict; it may change the dict, a copy, and add to the lists. */
export type LoadStateDictPreHook = (
  module: Module,
  stateDict: StateDict,
  prefix: string,
  localMetadata: LocalMetadata,
  strict: boolean,
  missingKeys: string[],
  unexpectedKeys: string[],
  errorMessages: string[],
) => void;

/** Runs when a module and those below it are loaded; it may change the lists of keys in place, before they are held against it. */
export type LoadStateDictPostHook = (module: Module, incompatibleKeys: IncompatibleKeys) => void;

/** The hooks around a module's state dict. */
export interface StateHooks {
  readonly beforeSave: StateDictPreHook[];
  readonly afterSave: StateDictPostHook[];
  readonly beforeLoad: LoadStateDictPreHook[];
  readonly afterLoad: LoadStateDictPostHook[];
}

/** The hooks around a module's state dict, to add to. */
export function stateHooksOf(module: Module): StateHooks {
  const owned = module[own];
  owned.stateHooks ??= { beforeSave: [], afterSave: [], beforeLoad: [], afterLoad: [] };
  return owned.stateHooks;
}

/** The same hooks in lists of their own, for a copy of the module. */
export function copyStateHooks(hooks: StateHooks | null): StateHooks | null {
  if (hooks === null) return null;
  return {
    beforeSave: [...hooks.beforeSave],
    afterSave: [...hooks.afterSave],
    beforeLoad: [...hooks.beforeLoad],
    afterLoad: [...hooks.afterLoad],
  };
}
