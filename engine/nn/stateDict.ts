import { noGrad } from "../autograd/modes.ts";
import { Tensor } from "../autograd/tensor.ts";
import { AutogradError, checkOptions, GradlensError } from "../base/errors.ts";
import { sameShape, showShape } from "../base/shape.ts";
import type { Module } from "./module.ts";
import { own, ownModules, ownState } from "./own.ts";
import { setData } from "./setData.ts";
import type { LocalMetadata } from "./stateHooks.ts";
import { isUninitialized, materialize } from "./uninitialized.ts";

/** Tensors by path. What a `getExtraState` gave stands among them as it is, as `_extraState` below the path of its module. */
export type StateDict = { [path: string]: Tensor };

/** Options of `stateDict`. */
export interface StateDictOptions {
  /** What paths begin with. */
  readonly prefix?: string | undefined;
  /** Give the tensors themselves, with their graph. */
  readonly keepVars?: boolean | undefined;
}

/** Options of `loadStateDict`. */
export interface LoadOptions {
  /** Throw when keys are missing or unexpected. Default true. */
  readonly strict?: boolean | undefined;
  /** Take the tensors over instead of copying their values: dtype included. */
  readonly assign?: boolean | undefined;
}

/** Keys on one side only. */
export interface IncompatibleKeys {
  /** Those that the module has and the state dict has not. */
  readonly missingKeys: string[];
  /** Those that the state dict has and the module has not. */
  readonly unexpectedKeys: string[];
}

/** What modules without extra state have in place of theirs. */
type Base = Pick<Module, "getExtraState" | "setExtraState">;

/** The name of what `getExtraState` gives. */
const EXTRA = "_extraState";

export function saveState(root: Module, options: StateDictOptions, base: Base): StateDict {
  checkOptions("stateDict", options, ["prefix", "keepVars"]);
  const { prefix = "", keepVars = false } = options;
  const dict: StateDict = {};
  saveModule(root, prefix, keepVars, dict, base);
  return dict;
}

function saveModule(module: Module, prefix: string, keepVars: boolean, dict: StateDict, base: Base): void {
  const { stateHooks } = module[own];
  for (const hook of stateHooks?.beforeSave ?? []) hook(module, prefix, keepVars);
  for (const [name, tensor] of ownState(module)) dict[prefix + name] = keepVars ? tensor : tensor.detach();
  if (module.getExtraState !== base.getExtraState) dict[prefix + EXTRA] = module.getExtraState() as Tensor;
  for (const [name, child] of ownModules(module)) saveModule(child, `${prefix}${name}.`, keepVars, dict, base);
  for (const hook of stateHooks?.afterSave ?? []) {
    if (isValue(hook(module, dict, prefix, {})))
      throw new AutogradError(
        "state_dict post-hook must return None: it changes the dict in place and gives nothing back.",
      );
  }
}

/** Checks everything first, so that a refused dict has changed nothing. */
export function loadState(root: Module, dict: StateDict, options: LoadOptions, base: Base): IncompatibleKeys {
  checkOptions("loadStateDict", options, ["strict", "assign"]);
  const { strict = true, assign = false } = options;
  const loading = new Loading(base, assign);
  loading.plan(root, { ...dict }, "");
  const refuse = (): void => refuseMisfits(root, loading, strict);
  // A hook that runs after loading may forgive missing and unexpected keys, but no misfit.
  if (loading.problems.length > 0 || !loading.hooksFollow) refuse();
  for (const step of loading.steps) step();
  refuse();
  return { missingKeys: loading.missingKeys, unexpectedKeys: loading.unexpectedKeys };
}

function refuseMisfits(root: Module, { problems, missingKeys, unexpectedKeys }: Loading, strict: boolean): void {
  const all = [...problems];
  if (strict && unexpectedKeys.length > 0) all.unshift(`Unexpected key(s) in state_dict: ${quoted(unexpectedKeys)}.`);
  if (strict && missingKeys.length > 0) all.unshift(`Missing key(s) in state_dict: ${quoted(missingKeys)}.`);
  if (all.length === 0) return;
  throw new GradlensError(
    `Error(s) in loading state_dict for ${root.constructor.name}:\n\t${all.join("\n\t")}`,
    "loadStateDict",
  );
}

/** What is to be done to load a state dict, and what does not fit. */
class Loading {
  readonly missingKeys: string[] = [];
  readonly unexpectedKeys: string[] = [];
  readonly problems: string[] = [];
  readonly steps: (() => void)[] = [];
  /** Whether hooks are among the steps. */
  hooksFollow = false;
  private readonly base: Base;
  private readonly metadata: LocalMetadata;

  constructor(base: Base, assign: boolean) {
    this.base = base;
    this.metadata = assign ? { assignToParamsBuffers: true } : {};
  }

  /** Plans a module and those below it. `dict` holds their part alone, a copy that hooks may change. */
  plan(module: Module, dict: StateDict, prefix: string): void {
    const { missingKeys, unexpectedKeys, problems } = this;
    for (const hook of module[own].stateHooks?.beforeLoad ?? [])
      hook(module, dict, prefix, this.metadata, true, missingKeys, unexpectedKeys, problems);
    const known = new Set(ownState(module).map(([name, tensor]) => this.planTensor(tensor, dict, prefix + name)));
    this.planExtraState(module, dict, prefix + EXTRA);
    const children = ownModules(module);
    const below = new Set(children.map(([name]) => name));
    for (const path of Object.keys(dict)) {
      if (!known.has(path) && path !== prefix + EXTRA && path.startsWith(prefix) && !below.has(childIn(path, prefix)))
        unexpectedKeys.push(path);
    }
    for (const [name, child] of children) this.plan(child, partOf(dict, `${prefix}${name}.`), `${prefix}${name}.`);
    this.planHooks(module);
  }

  private planTensor(tensor: Tensor, dict: StateDict, path: string): string {
    const { [path]: value } = dict;
    if (!Object.hasOwn(dict, path)) this.missingKeys.push(path);
    else {
      const problem = misfit(path, tensor, value);
      this.problems.push(...problem);
      if (problem.length === 0) this.steps.push(() => this.load(tensor, value));
    }
    return path;
  }

  private load(tensor: Tensor, value: Tensor): void {
    noGrad(() => load(tensor, value, this.metadata.assignToParamsBuffers ?? false));
  }

  private planExtraState(module: Module, dict: StateDict, path: string): void {
    const isThere = Object.hasOwn(dict, path);
    if (module.setExtraState === this.base.setExtraState) {
      if (isThere) this.unexpectedKeys.push(path);
    } else if (isThere) {
      const { [path]: state } = dict;
      this.steps.push(() => module.setExtraState(state));
    } else this.missingKeys.push(path);
  }

  private planHooks(module: Module): void {
    const hooks = module[own].stateHooks?.afterLoad ?? [];
    if (hooks.length === 0) return;
    this.hooksFollow = true;
    const { missingKeys, unexpectedKeys } = this;
    this.steps.push(() => {
      for (const hook of hooks) {
        if (isValue(hook(module, { missingKeys, unexpectedKeys })))
          throw new AutogradError(
            "Hooks registered with registerLoadStateDictPostHook are not expected to return new values, if incompatibleKeys need to be modified, it should be done inplace.",
          );
      }
    });
  }
}

/** Hooks that may give nothing back are typed so, but JavaScript lets them. */
const isValue = (result: unknown): boolean => result !== undefined && result !== null;

/** The name of the child that a path leads into; empty where it leads into none. */
function childIn(path: string, prefix: string): string {
  const dot = path.indexOf(".", prefix.length);
  return dot === -1 ? "" : path.slice(prefix.length, dot);
}

const partOf = (dict: StateDict, prefix: string): StateDict =>
  Object.fromEntries(Object.entries(dict).filter(([path]) => path.startsWith(prefix)));

function misfit(path: string, tensor: Tensor, value: unknown): string[] {
  if (!(value instanceof Tensor))
    return [`the value of "${path}" is not a tensor, but ${value === null ? "null" : typeof value}.`];
  if (isUninitialized(tensor) || sameShape(tensor.shape, value.shape)) return [];
  return [
    `size mismatch for ${path}: copying a param with shape ${showShape(value.shape)} from checkpoint, the shape in current model is ${showShape(tensor.shape)}.`,
  ];
}

function load(tensor: Tensor, value: Tensor, assign: boolean): void {
  if (value.elements > 0) materialize(tensor, value.shape); // of a lazy module that was not called yet
  if (assign) setData(tensor, value.detach());
  else tensor.copy_(value.detach());
}

const quoted = (keys: readonly string[]): string => keys.map((key) => `"${key}"`).join(", ");
