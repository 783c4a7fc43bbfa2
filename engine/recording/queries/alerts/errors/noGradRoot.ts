import { EventKind, TensorFlag } from "../../../schema.ts";
import type { GradCause } from "../../gradReason.ts";
import type { Parts } from "../../parts.ts";
import type { Place } from "../../rows.ts";
import type { Finding } from "../alert.ts";
import { type Cut, cutAt, cutOrigin, switchedOff, WAYS } from "../gradients/cuts.ts";
import { Intakes, readsBefore } from "../gradients/reappearance.ts";
import type { History } from "../history.ts";
import { listed, nameOf } from "../words.ts";
import { errorWith, placeOf, plainly } from "./error.ts";

/** Why a root has no graph. */
interface Reason {
  readonly why: string;
  readonly fix: string;
  readonly place: Place | null;
  readonly tensors?: readonly number[];
  /** The op or read that ended the graph, and a word of the report for how; null when there was none. */
  readonly cut?: { readonly event: number; readonly cause: GradCause };
}

/** A backward from something that no recorded op leads to: six causes with one error text. */
export function* noGradRoot(history: History): Parts<Finding[]> {
  const error = errorWith(history, ["does not require grad and does not have a grad_fn"]);
  if (error === null) return [];
  const event = history.refusals.at(-1);
  if (event === undefined) return [plainly(error)];
  const root = rootWithoutGraph(history, event, error.message);
  const reason = yield* reasonOf(history, event, root);
  return [
    {
      place: reason.place ?? placeOf(error),
      message: `${nameOf(history, root, "The root of backward")} does not require grad and does not have a grad_fn: ${reason.why}.`,
      fix: reason.fix,
      tensors: [root, ...(reason.tensors ?? [])],
      origin: reason.cut === undefined ? null : cutOrigin(history, reason.cut),
      related: relatedTo(history, event),
      event,
    },
  ];
}

function relatedTo(history: History, event: number): { place: Place; message: string }[] {
  const place = history.place(event);
  return place === null ? [] : [{ place, message: "backward was called here" }];
}

function rootWithoutGraph(history: History, event: number, message: string): number {
  const roots = history.rows.inputs(event);
  const index = Number(/^element (\d+)/.exec(message)?.[1] ?? 0);
  return roots[index] ?? roots[0] ?? 0;
}

function* reasonOf(history: History, event: number, root: number): Parts<Reason> {
  const ancestors = ancestorsOf(history, root);
  return (
    cutOff(history, ancestors) ??
    derived(history, root, ancestors) ??
    frozen(history, ancestors) ??
    (yield* takenOut(history, event, ancestors)) ??
    plainValues(history, ancestors)
  );
}

/** The tensors that one was computed from, itself included, the latest first. */
function ancestorsOf(history: History, root: number): number[] {
  const { event: made } = history.recording.tables.tensors.column;
  const { kind } = history.recording.tables.events.column;
  const queue = [root];
  const seen = new Set(queue);
  for (let i = 0; i < queue.length && i < 20_000; i++) {
    const event = made[queue[i]];
    if (event === 0 || kind[event] !== EventKind.op) continue;
    for (const input of history.rows.inputs(event)) {
      if (input === 0 || seen.has(input)) continue;
      seen.add(input);
      queue.push(input);
    }
  }
  return queue;
}

/** The root is a gradient, or was made of one, and that gradient has no graph. */
function derived(history: History, root: number, ancestors: readonly number[]): Reason | null {
  const { event: made } = history.recording.tables.tensors.column;
  for (const tensor of ancestors) {
    const from = made[tensor] === 0 ? undefined : history.backwards[history.backwardOf[made[tensor]] - 1];
    if (from === undefined) continue;
    if (!from.createGraph) {
      return {
        why: `it is a gradient${tensor === root ? "" : " or was computed from one"}, and that backward recorded no graph of it`,
        fix: "pass { createGraph: true } to the first autograd.grad (or backward)",
        place: history.place(from.start),
      };
    }
    return {
      why: "it is the gradient of a linear function: a constant, whose derivative is zero",
      fix: "leave this derivative out, or pass { allowUnused: true } and take null as zero",
      place: null,
    };
  }
  return null;
}

function cutOff(history: History, ancestors: readonly number[]): Reason | null {
  const { event: made } = history.recording.tables.tensors.column;
  const cuts = ancestors.flatMap((tensor) => {
    const copied = copyInto(history, tensor);
    if (copied !== null) return [copied];
    const cut = made[tensor] === 0 ? null : cutAt(history, made[tensor], tensor);
    const cutsGraph = cut !== null && [...history.rows.inputs(cut.event)].some((input) => requiresGrad(history, input));
    return cut !== null && cutsGraph ? [cut] : [];
  });
  // The first one on the way from the parameters is what ended the graph.
  const [first] = cuts.sort((a, b) => a.event - b.event);
  return first === undefined ? null : { ...wordsFor(history, first), place: first.place, cut: first };
}

/** Whether a tensor was copied out of one with a graph. */
function copyInto(history: History, tensor: number): Cut | null {
  const event = history.copiedBy.get(tensor);
  if (event === undefined) return null;
  const cause = history.name(event) === "data" ? "detached" : "copy";
  return { cause, text: "", place: history.place(event), event, out: tensor };
}

const requiresGrad = (history: History, tensor: number): boolean =>
  tensor !== 0 && (history.recording.tables.tensors.column.flags[tensor] & TensorFlag.requiresGrad) !== 0;

function wordsFor(history: History, cut: Cut): { why: string; fix: string } {
  const op = history.name(cut.event);
  switch (cut.cause) {
    case "detached": {
      const how = op === "data" ? ".data" : `${op}()`;
      return { why: `${how} cut it off from its graph`, fix: `leave ${how} out on the way to the loss` };
    }
    case "no-grad-mode":
      if (switchedOff(history, cut.event) !== 0) {
        return {
          why: cut.text,
          fix: "switch recording on again with setGradEnabled(true), or use noGrad(() => …), which ends by itself",
        };
      }
      return {
        why: `${op}() ran where gradients are not recorded`,
        fix: "compute the loss outside noGrad and inferenceMode",
      };
    case "copy":
      return {
        why: "tensor() copied values out of the graph",
        fix: "use the tensors themselves: stack() or cat() instead of tensor([…])",
      };
    case "integer-cast":
      return {
        why: `it was converted to ${history.rows.dtype(cut.out)}, which has no gradient`,
        fix: "leave the conversion out on the way to the loss",
      };
    default:
      return {
        why: `${op}() gives ${history.rows.dtype(cut.out)}, which has no gradient`,
        fix: `use something smooth instead of ${op}(): sigmoid() for a comparison, softmax() for argmax()`,
      };
  }
}

/** Parameters take part, and none of them asks for gradients. */
function frozen(history: History, ancestors: readonly number[]): Reason | null {
  const parameters = ancestors.filter((tensor) => {
    const isParameter = (history.rows.flags(tensor) & TensorFlag.parameter) !== 0 || history.optimized.has(tensor);
    return isParameter && history.recording.tables.tensors.column.event[tensor] === 0;
  });
  if (parameters.length === 0) return null;
  const names = listed(parameters.map((tensor) => nameOf(history, tensor, "a parameter")).sort());
  return {
    why: `every parameter in it is frozen (${names})`,
    fix: "switch gradients on again with requiresGrad_(true) for the parameters to train",
    place: parameters.length === 1 ? history.rows.place(parameters[0]) : null,
    tensors: parameters,
  };
}

function plainValues(history: History, ancestors: readonly number[]): Reason {
  const { event: made } = history.recording.tables.tensors.column;
  const leaves = ancestors.filter((tensor) => made[tensor] === 0 && history.rows.dtype(tensor).startsWith("float"));
  const named = leaves.filter((tensor) => history.rows.label(tensor) !== null);
  const only = named.length === 1 ? named[0] : null;
  return {
    why:
      named.length === 0
        ? "it is a plain value that no tensor with requiresGrad takes part in"
        : named.length === 1
          ? `${nameOf(history, named[0])} does not require grad`
          : `none of ${listed(named.map((tensor) => nameOf(history, tensor)))} requires grad`,
    fix: "create what is to be differentiated with { requiresGrad: true }",
    place: only === null ? null : history.rows.place(only),
    tensors: named,
  };
}

/** Numbers that were read out of a graph and came back as constants: surely, or most likely. */
function* takenOut(history: History, event: number, ancestors: readonly number[]): Parts<Reason | null> {
  const wanted = new Set(ancestors);
  const candidates = readsBefore(history.reads, event).filter((read) => history.name(read) in WAYS);
  if (candidates.length === 0) return null;
  const intakes = yield* Intakes.inParts(history, (tensor) => wanted.has(tensor));
  const judged = candidates.map((read) => ({ read, certainty: intakes.comesBack(read) }));
  const found =
    judged.findLast(({ certainty }) => certainty === "surely") ??
    judged.findLast(({ certainty }) => certainty === "maybe");
  if (found === undefined) return null;
  const { read } = found;
  const how = history.name(read);
  return {
    why: `it was made of ${how === "item" ? "a plain number" : "plain numbers"} that ${how}() took out of the graph`,
    fix: `use the tensor itself instead of ${how}()`,
    place: history.place(read),
    cut: { event: read, cause: how === "item" ? "item" : "copy" },
    tensors: [...history.rows.inputs(read)],
  };
}
