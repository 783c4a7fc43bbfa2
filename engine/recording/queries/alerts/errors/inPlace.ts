import type { Finding, Related } from "../alert.ts";
import type { History, Step } from "../history.ts";
import { nameOf, plainName } from "../words.ts";
import { errorWith, placeOf, plainly } from "./error.ts";
import { type Failure, failureBehind } from "./failure.ts";

/** What wrote to a tensor: an in-place op or an optimizer's step. */
export interface Write {
  readonly event: number;
  readonly step: Step | null;
}

const REFUSED = [
  "leaf Variable that requires grad",
  "is a view and is being modified inplace",
  "created in no_grad mode",
];

/** A saved value that was overwritten before backward needed it, and in-place ops that were refused. */
export function inPlace(history: History): Finding[] {
  const changed = errorWith(history, ["modified by an inplace operation"]);
  if (changed === null) {
    const refused = errorWith(history, [...REFUSED, "has been used in an in-place operation"]);
    return refused === null
      ? []
      : [{ ...plainly(refused), fix: "write inside noGrad(() => …), or use the out-of-place op" }];
  }
  const failure = failureBehind(history, changed);
  const write = failure === null ? null : overwriting(history, failure);
  if (failure === null || write === null) return [plainly(changed)];
  const { expected = 0, version = expected } = failure.detail;
  const what = nameOf(history, failure.culprit, "the value");
  return [
    {
      place: history.place(write.event) ?? placeOf(changed),
      message: `One of the values needed by backward was modified by an inplace operation: ${savedWords(history, failure)} ${what} (version ${expected}), and ${writeWords(history, write)} overwrote it (version ${version}).`,
      fix: fixFor(history, write),
      evidence: [
        { label: "version saved", value: expected },
        { label: "version found", value: version },
      ],
      related: relatedTo(history, failure, write),
      tensors: failure.culprit === 0 ? [] : [failure.culprit],
      event: write.event,
    },
  ];
}

/** The first write to the saved tensor after it was saved. */
export function overwriting(history: History, { forward, culprit, event }: Failure): Write | null {
  const storage = history.storageOf[culprit];
  const op = (history.writes.get(storage) ?? []).find((write) => write > forward && write < event);
  const step = history.steps.find(
    ({ start, parameters }) =>
      start > forward && start < event && parameters.some((p) => history.storageOf[p] === storage),
  );
  if (op === undefined && step === undefined) return null;
  if (op === undefined || (step !== undefined && step.start < op))
    return { event: step?.start ?? 0, step: step ?? null };
  return { event: op, step: null };
}

function savedWords(history: History, { forward, detail }: Failure): string {
  if (forward === 0) return "an op saved";
  const line = history.place(forward)?.line;
  const name = detail.saved === "out" ? "its result" : "its input";
  return `${plainName(history.name(forward))}()${line === undefined ? "" : ` at line ${line}`} saved ${name}`;
}

function writeWords(history: History, { event, step }: Write): string {
  const line = history.place(event)?.line;
  const at = line === undefined ? "" : ` at line ${line}`;
  return step === null ? `${history.name(event)}()${at}` : `the step of ${history.name(event)}${at}`;
}

function fixFor(history: History, { event, step }: Write): string {
  if (step !== null) return "call backward before the optimizer's step, or run the forward pass again after it";
  const name = history.name(event);
  if (ONLY_IN_PLACE.has(name)) return "clone() the tensor before writing to it, or build it with where() or cat()";
  return `use ${plainName(name)}() instead of ${name}(), or clone() before writing`;
}

/** In-place ops that have no other form. */
const ONLY_IN_PLACE = new Set([
  "zero_",
  "copy_",
  "set_",
  "uniform_",
  "normal_",
  "random_",
  "bernoulli_",
  "fillDiagonal_",
]);

function relatedTo(history: History, { forward, event }: Failure, write: Write): Related[] {
  const backward = history.backwards[history.backwardOf[event] - 1]?.start ?? 0;
  const places = [
    { place: history.place(forward), message: "saved here" },
    { place: history.place(write.event), message: "overwritten here" },
    { place: history.place(backward), message: "needed by this backward" },
  ];
  return places.flatMap(({ place, message }) => (place === null ? [] : [{ place, message }]));
}
