import { Tensor } from "../autograd/tensor.ts";
import { warn } from "../autograd/warnings.ts";
import { ArgumentError } from "../base/errors.ts";

/** Parameters and the options that hold for them. */
export type ParamGroup<O extends object> = O & {
  readonly params: Tensor[];
  readonly name?: string | undefined;
  /** The learning rate before schedulers changed it. */
  initialLr?: number;
};

/** A group as users write it: options left out are the optimizer's. */
export type GroupSpec<O extends object> = Partial<O> & {
  readonly params: Tensor | Iterable<Tensor>;
  readonly name?: string | undefined;
};

/** What an optimizer changes: parameters, parameters with names, or groups of them. */
export type Params<O extends object> =
  | Iterable<Tensor>
  | Iterable<readonly [name: string, parameter: Tensor]>
  | Iterable<GroupSpec<O>>;

/** Whatever users pass, as groups. */
export function readGroups<O extends object>(op: string, params: Params<O>): GroupSpec<O>[] {
  if (params instanceof Tensor || !isIterable(params)) {
    throw new ArgumentError(op, `params should be an iterable of tensors or of groups, but got ${kindOf(params)}`);
  }
  const list: readonly unknown[] = [...params];
  if (list.length === 0) return [];
  if (list.every(isGroup)) return list as GroupSpec<O>[];
  return [{ params: list.map((item) => (Array.isArray(item) ? item[1] : item)) } as unknown as GroupSpec<O>];
}

/** A group with all options, its parameters checked. */
export function readGroup<O extends object>(
  op: string,
  spec: GroupSpec<O>,
  defaults: O,
  taken: ReadonlySet<Tensor>,
): ParamGroup<O> {
  const params = spec.params instanceof Tensor ? [spec.params] : [...spec.params];
  for (const p of params) checkParameter(op, p);
  if (params.some((p) => taken.has(p)))
    throw new ArgumentError(op, "some parameters appear in more than one parameter group");
  if (new Set(params).size !== params.length)
    warn(`${op}: a parameter group has the same parameter twice, which is then updated twice per step.`);
  return { ...defaults, ...definedOnly(spec), params };
}

function checkParameter(op: string, p: unknown): void {
  if (!(p instanceof Tensor))
    throw new ArgumentError(op, `optimizer can only optimize Tensors, but one of the params is ${kindOf(p)}`);
  if (!p.isLeaf && !p.retainsGrad) {
    const name = p.name === null ? "" : ` ('${p.name}')`;
    throw new ArgumentError(
      op,
      `can't optimize a non-leaf Tensor${name}: backward fills .grad of leaves. Pass the leaf it was made from, or a copy by detach().requiresGrad_().`,
    );
  }
}

function definedOnly<T extends object>(options: T): T {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as T;
}

const isIterable = (value: unknown): value is Iterable<unknown> =>
  typeof value === "object" && value !== null && Symbol.iterator in value;

const isGroup = (value: unknown): boolean =>
  typeof value === "object" && value !== null && !(value instanceof Tensor) && "params" in value;

function kindOf(value: unknown): string {
  if (value instanceof Tensor) return "one tensor: put it into an array";
  return value === null ? "null" : Array.isArray(value) ? "an array" : typeof value;
}
