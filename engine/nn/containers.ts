import type { Tensor } from "../autograd/tensor.ts";
import { ArgumentError, IndexError } from "../base/errors.ts";
import { Module } from "./module.ts";
import { ownModules } from "./own.ts";
import { isParameter, Parameter } from "./parameter.ts";

/** A module that makes a tensor of a tensor. */
export interface TensorModule extends Module {
  forward(input: Tensor): Tensor;
}

/** Modules one after the other: each gets what the one before it gave. */
export class Sequential extends Module {
  /** The modules by position. */
  readonly [position: number]: TensorModule;

  constructor(...modules: readonly TensorModule[] | readonly [{ readonly [name: string]: TensorModule }]) {
    super();
    const [first] = modules;
    const named = modules.length === 1 && !(first instanceof Module) ? Object.entries(first) : Object.entries(modules);
    for (const [name, module] of named) this.registerModule(name, checkedModule("Sequential", module));
  }

  override forward(input: Tensor): Tensor {
    let x = input;
    for (const module of this) x = module.forward(x);
    return x;
  }

  /** How many it holds. */
  get length(): number {
    return ownModules(this).length;
  }

  /** The module at a position, which may count from the end. */
  at(position: number): TensorModule {
    return itemAt("Sequential", [...this], position);
  }

  /** Adds a module at the end. */
  append(module: TensorModule): this {
    this.registerModule(String(this.length), checkedModule("Sequential", module));
    return this;
  }

  /** Adds several at the end. */
  extend(modules: Iterable<TensorModule>): this {
    for (const module of modules) this.append(module);
    return this;
  }

  /** In order of insertion. */
  *[Symbol.iterator](): IterableIterator<TensorModule> {
    for (const [, module] of ownModules(this)) yield module as TensorModule;
  }
}

/** A list of modules whose parameters count as the model's; what to do with them is up to the model. */
export class ModuleList<M extends Module = TensorModule> extends Module {
  /** The modules by position. */
  readonly [position: number]: M;

  constructor(modules: Iterable<M> = []) {
    super();
    this.extend(modules);
  }

  /** How many it holds. */
  get length(): number {
    return ownModules(this).length;
  }

  /** The module at a position, which may count from the end. */
  at(position: number): M {
    return itemAt("ModuleList", [...this], position);
  }

  /** Adds a module at the end. */
  append(module: M): this {
    this.registerModule(String(this.length), checkedModule("ModuleList", module));
    return this;
  }

  /** Adds several at the end. */
  extend(modules: Iterable<M>): this {
    for (const module of modules) this.append(module);
    return this;
  }

  /** Puts a module before the one at `position`. */
  insert(position: number, module: M): void {
    const all = [...this];
    all.splice(position, 0, checkedModule("ModuleList", module));
    this.replaceAll(all);
  }

  /** Takes a module out (the last one by default) and gives it. */
  pop(position = -1): M {
    const all = [...this];
    const taken = itemAt("ModuleList", all, position);
    all.splice(position < 0 ? position + all.length : position, 1);
    this.replaceAll(all);
    return taken;
  }

  /** What `fn` gives for each module and its number. */
  map<R>(fn: (module: M, position: number) => R): R[] {
    return [...this].map(fn);
  }

  /** Calls `fn` with each module and its number. */
  forEach(fn: (module: M, position: number) => void): void {
    [...this].forEach(fn);
  }

  /** In order of insertion. */
  *[Symbol.iterator](): IterableIterator<M> {
    for (const [, module] of ownModules(this)) yield module as M;
  }

  private replaceAll(modules: readonly M[]): void {
    for (const [name] of ownModules(this)) Reflect.deleteProperty(this, name);
    modules.forEach((module) => {
      this.append(module);
    });
  }
}

/** Modules by name. */
export class ModuleDict<M extends Module = TensorModule> extends Module {
  constructor(modules: { readonly [name: string]: M } | Iterable<readonly [string, M]> = {}) {
    super();
    this.update(modules);
  }

  /** The module under a name. Throws ArgumentError when there is none. */
  get(name: string): M {
    const found = new Map(ownModules(this)).get(name);
    if (found === undefined)
      throw new ArgumentError("ModuleDict", `there is no module '${name}' (there are ${this.keys().join(", ")})`);
    return found as M;
  }

  /** Puts a module under a name. */
  set(name: string, module: M): this {
    Reflect.deleteProperty(this, this.has(name) ? name : "");
    this.registerModule(name, checkedModule("ModuleDict", module));
    return this;
  }

  /** Whether there is anything under a name. */
  has(name: string): boolean {
    return this.keys().includes(name);
  }

  /** Takes a module out and gives it. */
  pop(name: string): M {
    const taken = this.get(name);
    Reflect.deleteProperty(this, name);
    return taken;
  }

  /** Puts in each pair of name and module. */
  update(modules: { readonly [name: string]: M } | Iterable<readonly [string, M]>): void {
    const entries = Symbol.iterator in modules ? (modules as Iterable<readonly [string, M]>) : Object.entries(modules);
    for (const [name, module] of entries) this.set(name, module);
  }

  /** The names, in order of insertion. */
  keys(): string[] {
    return ownModules(this).map(([name]) => name);
  }

  /** The modules, in order of insertion. */
  values(): M[] {
    return ownModules(this).map(([, module]) => module as M);
  }

  /** Pairs of name and module, in order of insertion. */
  entries(): [string, M][] {
    return ownModules(this) as [string, M][];
  }

  /** How many modules. */
  get size(): number {
    return ownModules(this).length;
  }

  /** In order of insertion. */
  [Symbol.iterator](): IterableIterator<[string, M]> {
    return this.entries()[Symbol.iterator]();
  }
}

/** A list of parameters; plain tensors become parameters. */
export class ParameterList extends Module {
  /** The parameters by position. */
  readonly [position: number]: Parameter;

  constructor(parameters: Iterable<Tensor> = []) {
    super();
    this.extend(parameters);
  }

  /** How many it holds. */
  get length(): number {
    return this.namedParameters({ removeDuplicate: false }).length;
  }

  /** The parameter at a position, which may count from the end. */
  at(position: number): Parameter {
    return itemAt("ParameterList", [...this], position);
  }

  /** Adds a parameter at the end. */
  append(parameter: Tensor): this {
    this.registerParameter(String(this.length), asParameter(parameter));
    return this;
  }

  /** Adds several at the end. */
  extend(parameters: Iterable<Tensor>): this {
    for (const parameter of parameters) this.append(parameter);
    return this;
  }

  /** In order of insertion. */
  *[Symbol.iterator](): IterableIterator<Parameter> {
    for (const [, parameter] of this.namedParameters({ removeDuplicate: false })) yield parameter;
  }

  override extraRepr(): string {
    return parameterLines(this);
  }
}

/** Parameters by name; plain tensors become parameters. */
export class ParameterDict extends Module {
  constructor(parameters: { readonly [name: string]: Tensor } = {}) {
    super();
    for (const [name, parameter] of Object.entries(parameters)) this.set(name, parameter);
  }

  /** The parameter under a name. Throws ArgumentError when there is none. */
  get(name: string): Parameter {
    return this.getParameter(name);
  }

  /** Puts a parameter under a name. */
  set(name: string, parameter: Tensor): this {
    this.registerParameter(name, asParameter(parameter));
    return this;
  }

  /** Whether there is anything under a name. */
  has(name: string): boolean {
    return this.keys().includes(name);
  }

  /** The names, in order of insertion. */
  keys(): string[] {
    return this.namedParameters({ removeDuplicate: false }).map(([name]) => name);
  }

  /** The parameters, in order of insertion. */
  values(): Parameter[] {
    return this.namedParameters({ removeDuplicate: false }).map(([, parameter]) => parameter);
  }

  /** Pairs of name and parameter, in order of insertion. */
  entries(): [string, Parameter][] {
    return this.namedParameters({ removeDuplicate: false });
  }

  /** In order of insertion. */
  [Symbol.iterator](): IterableIterator<[string, Parameter]> {
    return this.entries()[Symbol.iterator]();
  }

  override extraRepr(): string {
    return parameterLines(this);
  }
}

function checkedModule<M extends Module>(op: string, module: M): M {
  if (!(module instanceof Module)) {
    throw new ArgumentError(op, `expected modules, but got ${module === null ? "null" : typeof module}`);
  }
  return module;
}

function itemAt<T>(op: string, items: readonly T[], position: number): T {
  const at = position < 0 ? position + items.length : position;
  if (!Number.isInteger(position) || at < 0 || at >= items.length) {
    throw new IndexError(op, `index ${position} is out of range: there are ${items.length}`);
  }
  return items[at];
}

const asParameter = (x: Tensor): Parameter => (isParameter(x) ? x : new Parameter(x));

function parameterLines(module: Module): string {
  const lines = module
    .namedParameters({ removeDuplicate: false })
    .map(([name, x]) => `(${name}): Parameter containing: [${x.dtype} of size ${x.shape.join("x")}]`);
  return lines.join("\n");
}
