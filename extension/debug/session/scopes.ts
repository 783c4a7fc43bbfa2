import { EventKind } from "../../../engine/recording/schema.ts";
import { shownDerivative } from "./derivatives.ts";
import { type Children, plain, rows, type Shown } from "./shown.ts";
import { type ShownParts, shownOperand, shownTensor, tensorText } from "./shownTensor.ts";
import { type Operand, start } from "./timeline.ts";

/** A section of the Variables view. */
export interface Scope {
  readonly name: string;
  readonly children: Children;
  /** Whether unfolding it takes long enough that nobody should do it unasked. */
  readonly isExpensive: boolean;
}

/** What can be looked at where the debugger stands. `before` is the event at which it stood last. */
export function scopesAt(event: number, before: number, parts: ShownParts): Scope[] {
  const scope = (name: string, named: Children["named"], isExpensive = false): Scope => ({
    name,
    children: rows(named),
    isExpensive,
  });
  const all: Scope[] = [];
  // Clients unfold the first one: in backward that is what one came for.
  if (isGradientEvent(event, parts)) all.push(scope("Gradients", () => gradients(event, parts)));
  if (event !== start) all.push(scope("This op", () => thisOp(event, parts)));
  all.push(
    scope("Tensors", () => named(event, parts)),
    scope("Leaves", () => leaves(event, parts)),
    scope("Changed since the last stop", () => changed(event, before, parts), true),
  );
  return all;
}

function isGradientEvent(event: number, { timeline }: ShownParts): boolean {
  const kind = timeline.kind(event);
  return kind === EventKind.node || kind === EventKind.accumulate || kind === EventKind.hook;
}

/** The op at which the debugger stands; in backward the op that the node belongs to. */
function thisOp(event: number, parts: ShownParts): Shown[] {
  const { timeline } = parts;
  const kind = timeline.kind(event);
  const op = kind === EventKind.node || kind === EventKind.hook ? timeline.forwardOf(event) : event;
  const shown = [plain("event", `${timeline.name(event) || "step"} (event ${event} of ${timeline.last})`)];
  if (op === 0) return shown;
  const isOp = timeline.kind(op) === EventKind.op;
  if (op !== event) shown.push(plain("forward", `${timeline.name(op)} (event ${op})`));
  if (kind === EventKind.accumulate) return shown;
  timeline.inputs(op).forEach((operand, i) => {
    // Of an op in place the input is what was there before.
    shown.push(shownOperand(isOp ? `input ${i}` : `${i}`, operand, isOp ? before(op) : op, parts));
  });
  if (kind === EventKind.optimizerStart) return shown;
  timeline.outputs(op).forEach((operand, i) => {
    shown.push(shownOperand(i === 0 ? "output" : `output ${i}`, operand, op, parts));
  });
  if (isOp) shown.push(...attributes(op, parts), ...saved(op, event, parts));
  return shown;
}

const before = (event: number): number => event - 1;

function attributes(op: number, { timeline }: ShownParts): Shown[] {
  const detail = timeline.detail(op);
  if (!detail.startsWith("{")) return [];
  const values = Object.entries(JSON.parse(detail) as Record<string, unknown>);
  return [
    {
      name: "attributes",
      value: values.map(([key, value]) => `${key}: ${JSON.stringify(value)}`).join(", "),
      children: rows(() => values.map(([key, value]) => plain(key, JSON.stringify(value)))),
      isReadOnly: true,
    },
  ];
}

function saved(op: number, event: number, parts: ShownParts): Shown[] {
  const { column, rows: count } = parts.timeline.recording.tables.saved;
  const found: Shown[] = [];
  for (let row = firstOf(column.event, count, op); row < count && column.event[row] === op; row++) {
    const name = parts.timeline.recording.strings[column.name[row] ?? 0] ?? "";
    const tensor = column.tensor[row] ?? 0;
    const number = column.value[row] ?? Number.NaN;
    const operand: Operand =
      tensor !== 0 ? { kind: "tensor", row: tensor } : Number.isNaN(number) ? null : { kind: "number", value: number };
    const expected = column.version[row] ?? 0;
    const shown = shownOperand(name, operand, event, parts);
    const held = tensor === 0 ? null : parts.tensors.at(tensor, event);
    const isChanged = held !== null && held.version !== expected;
    found.push(isChanged ? { ...shown, value: `${shown.value}, changed since it was saved` } : shown);
  }
  if (found.length === 0) return [];
  return [{ name: "saved for backward", value: `${found.length}`, children: rows(() => found), isReadOnly: true }];
}

/** The first row of a sorted column that is not below a value. */
function firstOf(column: ArrayLike<number>, count: number, value: number): number {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((column[middle] ?? 0) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** What came, what goes, and the derivative between them. */
async function gradients(event: number, parts: ShownParts): Promise<Shown[]> {
  const kind = parts.timeline.kind(event);
  if (kind === EventKind.hook) return hooked(event, parts);
  if (kind === EventKind.accumulate) return accumulated(event, parts);
  const { timeline, tensors, names } = parts;
  const incoming = timeline.inputs(event);
  const op = timeline.forwardOf(event);
  const operands = op === 0 ? [] : timeline.inputs(op);
  const [arrived] = incoming.filter((one) => one?.kind === "tensor");
  const shown = incoming.map((one, i) =>
    past(shownOperand(incoming.length === 1 ? "incoming" : `incoming ${i}`, one, event, parts)),
  );
  const derivatives = await parts.derivatives(event);
  timeline.outputs(event).forEach((one, i) => {
    const operand = operands[i] ?? null;
    const called = operand?.kind === "tensor" ? names.nameOf(operand.row) : null;
    shown.push(shownOperand(`outgoing ${i}${called === null ? "" : ` to ${called}`}`, one, event, parts, i));
    if (one?.kind !== "tensor") return;
    const name = `local derivative ${i}`;
    const derivative = typeof derivatives === "string" ? null : (derivatives[i] ?? null);
    if (typeof derivatives === "string") shown.push(plain(name, derivatives));
    else if (derivative !== null) {
      const result = arrived?.kind === "tensor" ? tensors.shape(arrived.row) : [];
      shown.push(shownDerivative(name, derivative, result, tensors.shape(one.row)));
    }
  });
  return shown;
}

function hooked(event: number, parts: ShownParts): Shown[] {
  const { timeline } = parts;
  const [before = null, owner = null] = timeline.inputs(event);
  const [after = null] = timeline.outputs(event);
  const changed = after === null ? plain("after", "unchanged") : shownOperand("after", after, event, parts);
  const of = owner === null ? [] : [shownOperand("of", owner, event, parts)];
  return [...of, past(shownOperand("before", before, event, parts)), changed];
}

/** What has done its work already: to change it would change nothing. */
function past({ target: _, children, ...row }: Shown): Shown {
  return children === undefined
    ? { ...row, isReadOnly: true }
    : { ...row, children: readOnly(children), isReadOnly: true };
}

function readOnly(children: Children): Children {
  return {
    ...children,
    named: async () => (await children.named()).map(past),
    indexed: (from, count) => children.indexed(from, count).map(past),
  };
}

function accumulated(event: number, parts: ShownParts): Shown[] {
  const { timeline, tensors } = parts;
  const [leaf = null] = timeline.inputs(event);
  const [arrived = null] = timeline.outputs(event);
  if (leaf?.kind !== "tensor") return [];
  return [
    shownOperand("leaf", leaf, event, parts),
    past(shownOperand("arrived", arrived, event, parts)),
    gradientRow("grad before", tensors.gradient(leaf.row, before(event)), before(event), parts),
    gradientRow("grad after", tensors.gradient(leaf.row, event), event, parts),
  ];
}

function gradientRow(name: string, gradient: number, event: number, parts: ShownParts): Shown {
  return gradient === 0 ? plain(name, "null") : shownTensor({ name, row: gradient, event }, parts);
}

function named(event: number, parts: ShownParts): Shown[] {
  return parts.names
    .at(event)
    .map(({ name, tensor }) => shownTensor({ name, row: tensor, event, evaluateName: name }, parts));
}

/** Every leaf that asks for a gradient, with what it has. */
function leaves(event: number, parts: ShownParts): Shown[] {
  const { tensors, names } = parts;
  const all = new Set(tensors.leavesUpTo(event));
  for (const { tensor } of names.at(event)) {
    if (tensors.isLeaf(tensor, event) && tensors.requiresGrad(tensor, event)) all.add(tensor);
  }
  return [...all].map((row) => {
    const gradient = tensors.gradient(row, event);
    const called = names.nameOf(row);
    const name = called ?? `tensor ${row}`;
    const text = gradient === 0 ? "grad null" : `grad ${tensorText(gradient, event, parts)}`;
    return {
      name,
      value: text,
      type: "leaf",
      tensor: { row, event },
      ...(called === null ? {} : { evaluateName: called }),
      children: rows(() => [
        shownTensor({ name: "value", row, event, evaluateName: name }, parts),
        gradientRow("grad", gradient, event, parts),
        gradientRow("grad before", tensors.gradient(row, before(event)), before(event), parts),
      ]),
    };
  });
}

/** Tensors with a name that hold something else, or have another gradient, than where the debugger stood last. */
function changed(event: number, last: number, parts: ShownParts): Shown[] {
  const { tensors, names } = parts;
  const found: Shown[] = [];
  for (const { name, tensor } of names.at(Math.max(event, last))) {
    const then = names.find(name, last);
    const now = names.find(name, event);
    if (then !== now) {
      const was = then === null ? "not there" : tensorText(then, last, parts);
      const is = now === null ? "not there" : tensorText(now, event, parts);
      found.push(plain(name, `${was} → ${is}`));
      continue;
    }
    const was = tensorText(tensor, last, parts);
    const is = tensorText(tensor, event, parts);
    if (was !== is) found.push({ ...plain(name, `${was} → ${is}`), tensor: { row: tensor, event } });
    const gradientWas = gradientText(tensors.gradient(tensor, last), last, parts);
    const gradientIs = gradientText(tensors.gradient(tensor, event), event, parts);
    if (gradientWas !== gradientIs) found.push(plain(`${name}.grad`, `${gradientWas} → ${gradientIs}`));
  }
  return found;
}

function gradientText(gradient: number, event: number, parts: ShownParts): string {
  return gradient === 0 ? "null" : tensorText(gradient, event, parts);
}
