import { EventKind, Health } from "../../../schema.ts";
import { PART, type Parts } from "../../parts.ts";
import type { Place } from "../../rows.ts";
import type { Backward, History } from "../history.ts";

/** One bad number and everything that came of it. */
export interface Fault {
  /** From 1, in order of birth. */
  readonly number: number;
  /** The op, node or hook that it was born in; of faulty data the first event that read it. */
  event: number;
  /** The tensor of faulty data; 0 for what an op made. */
  readonly data: number;
  phase: "forward" | "backward";
  cause: string;
  /** Row in `births`; -1 when the recorder kept none. */
  birth: number;
  /** Infinite on purpose: a constant of the program's. */
  readonly given: boolean;
  /** It turned out to come of another fault. */
  merged: boolean;
  /** The event that it became NaN in; 0 when it is infinite throughout. */
  nan: number;
  /** Where it came to light. `value` is a result that nothing else was made of. */
  surface: "none" | "loss" | "gradient" | "value";
  /** The event that shows it, and the tensor: a loss, a leaf, a result. */
  symptom: number;
  shown: number;
  /** The last event on the way there. */
  last: number;
  /** The backward whose root it is, and whether the gradients of that are bad too. */
  loss: Backward | null;
  spreads: boolean;
  /** Whether an optimizer stepped with it. */
  used: boolean;
  /** Where the user's own code made it, when that is not the line of the op. */
  inner: Place | null;
  /** Results that hold it. */
  readonly results: number[];
  /** How many events it passed through. */
  size: number;
}

/** Finds where bad numbers are born and follows each to where it comes to light. */
export function* faultsInParts(history: History): Parts<FaultTracker> {
  const tracker = new FaultTracker(history);
  yield* tracker.run();
  return tracker;
}

/** Remembered of one fault at most: enough to tell whether it came to light. */
const MAX_RESULTS = 4096;

export class FaultTracker {
  readonly faults: Fault[] = [];
  private readonly history: History;
  /** Per tensor: 1 + its fault while it is bad, else 0; its Health bits; the event that made it so. */
  private readonly faultOf: Int32Array;
  private readonly bitsOf: Uint8Array;
  private readonly madeBy: Uint32Array;
  /** Per bad event: the bad event before it on the way from its birth. */
  private readonly before = new Map<number, number>();
  private readonly faultOfEvent = new Map<number, Fault>();
  private readonly births = new Map<number, number>();
  private readonly dataBirths = new Map<number, number>();
  /** The last bad event of the backward that is running. */
  private lastInBackward = 0;

  constructor(history: History) {
    this.history = history;
    const { tensors, births } = history.recording.tables;
    this.faultOf = new Int32Array(tensors.rows);
    this.bitsOf = new Uint8Array(tensors.rows);
    this.madeBy = new Uint32Array(tensors.rows);
    for (let i = 0; i < births.rows; i++) {
      const event = births.column.event[i];
      if (event === 0) this.dataBirths.set(births.column.tensor[i], i);
      else if (!this.births.has(event)) this.births.set(event, i);
    }
  }

  *run(): Parts<void> {
    const { events } = this.history.recording.tables;
    const { kind } = events.column;
    for (let event = 1; event < events.rows; event++) {
      if (event % PART === 0) yield;
      switch (kind[event]) {
        case EventKind.op:
          this.op(event);
          break;
        case EventKind.node:
          this.node(event);
          break;
        case EventKind.hook:
          this.hook(event);
          break;
        case EventKind.accumulate:
          this.accumulate(event);
          break;
        case EventKind.backwardStart:
          this.backwardStart(event);
          break;
        case EventKind.backwardEnd:
          this.backwardEnd(event);
          break;
        case EventKind.optimizerStart:
          this.step(event);
          break;
        default:
      }
    }
    const lastRoots = this.lastRoots();
    for (const fault of this.faults) {
      if (fault.surface !== "none") continue;
      this.findLooseEnd(fault, lastRoots);
      yield;
    }
  }

  /** The bad events from a fault's birth to where it came to light, in order. */
  path(fault: Fault): number[] {
    const path: number[] = [];
    for (let event = fault.last; event !== 0 && path.length < 10_000; event = this.before.get(event) ?? 0) {
      path.push(event);
      if (event === fault.event) break;
    }
    return path.reverse();
  }

  private op(event: number): void {
    const { rows } = this.history;
    const bits = this.history.recording.tables.events.column.health[event];
    if (bits === 0) {
      if (this.faults.length > 0) for (const out of rows.outputs(event)) this.faultOf[out] = 0;
      return;
    }
    const source = this.sourceOf(event, bits);
    if (source === null) this.born(event, bits);
    else this.passOn(event, bits, source.fault, source.event);
  }

  /** The fault that an op's inputs bring in, or null when the bad numbers are new. */
  private sourceOf(event: number, bits: number): { fault: Fault; event: number } | null {
    const { rows } = this.history;
    let infinite: { fault: Fault; event: number } | null = null;
    const inputs = rows.inputs(event);
    // An in-place op's result was an input; what a custom Function returns, an op inside it has made.
    for (const list of [inputs, rows.outputs(event)]) {
      for (const tensor of list) {
        const found = this.sourceIn(tensor);
        if (found === null) continue;
        if ((this.bitsOf[found.tensor] & Health.nan) !== 0) return found;
        infinite ??= found;
      }
    }
    const birth = this.births.get(event);
    if (infinite === null && this.comesFromUnknown(birth)) {
      const last = this.faults.findLast(({ given }) => !given);
      if (last !== undefined) return { fault: last, event: last.last };
    }
    if (infinite !== null) {
      // NaN made of an infinity that was meant is a fault of its own.
      const isNew = (bits & Health.nan) !== 0 && infinite.fault.given && birth !== undefined;
      return isNew || this.isMaskedRow(birth) ? null : infinite;
    }
    return birth === undefined ? this.unknownSource(inputs) : null;
  }

  /** NaN of an infinity that nobody saw come: a step has made a parameter infinite. */
  private comesFromUnknown(birth: number | undefined): boolean {
    if (birth === undefined) return false;
    const { recording } = this.history;
    const cause = recording.strings[recording.tables.births.column.cause[birth]];
    return cause === "zero-times-inf" || cause === "inf-minus-inf" || cause === "inf-over-inf";
  }

  private isMaskedRow(birth: number | undefined): boolean {
    if (birth === undefined) return false;
    const { recording } = this.history;
    return recording.strings[recording.tables.births.column.cause[birth]] === "masked-softmax-row";
  }

  private sourceIn(tensor: number): { fault: Fault; event: number; tensor: number } | null {
    if (tensor === 0) return null;
    const { storageOf } = this.history;
    for (const one of [tensor, storageOf[tensor]]) {
      const number = this.faultOf[one];
      if (number !== 0) return { fault: this.faults[number - 1], event: this.madeBy[one], tensor: one };
    }
    return this.dataBirths.has(tensor) ? this.faultyData(tensor) : null;
  }

  private faultyData(tensor: number): { fault: Fault; event: number; tensor: number } {
    const birth = this.dataBirths.get(tensor) as number;
    const { recording } = this.history;
    const cause = recording.strings[recording.tables.births.column.cause[birth]];
    const fault = this.add({ event: 0, data: tensor, phase: "forward", cause, birth, given: cause === "given" });
    this.mark(tensor, recording.tables.tensors.column.health[tensor], fault, 0);
    return { fault, event: 0, tensor };
  }

  /** Bad numbers that came in by a way nobody watched: a step, or a write through another window on the buffer. */
  private unknownSource(inputs: Uint32Array): { fault: Fault; event: number } | null {
    const { history } = this;
    const last = this.faults.findLast(({ given }) => !given);
    if (last !== undefined) return { fault: last, event: last.last };
    const step = history.steps.findLast((one) => inputs.some((input) => one.parameters.includes(input)));
    if (step === undefined) return null;
    const fault = this.add({
      event: step.start,
      data: 0,
      phase: "forward",
      cause: "overflow",
      birth: -1,
      given: false,
    });
    return { fault, event: step.start };
  }

  private born(event: number, bits: number): void {
    const { recording } = this.history;
    const birth = this.births.get(event) ?? -1;
    const cause = birth === -1 ? "" : recording.strings[recording.tables.births.column.cause[birth]];
    const fault = this.add({ event, data: 0, phase: "forward", cause, birth, given: cause === "given" });
    this.passOn(event, bits, fault, 0);
  }

  private add(born: Pick<Fault, "event" | "data" | "phase" | "cause" | "birth" | "given">): Fault {
    const fault: Fault = {
      ...born,
      number: this.faults.length + 1,
      merged: false,
      nan: 0,
      surface: "none",
      symptom: 0,
      shown: 0,
      last: born.event,
      loss: null,
      spreads: false,
      used: false,
      inner: null,
      results: [],
      size: 0,
    };
    this.faults.push(fault);
    return fault;
  }

  private passOn(event: number, bits: number, fault: Fault, from: number): void {
    const { rows, recording, backwardOf } = this.history;
    const { health, event: madeBy } = recording.tables.tensors.column;
    if (fault.event === 0) fault.event = event;
    if (from !== 0 && from !== event) this.before.set(event, from);
    this.faultOfEvent.set(event, fault);
    if ((bits & Health.nan) !== 0 && fault.nan === 0) fault.nan = event;
    fault.size++;
    if (fault.surface === "none") fault.last = event;
    if (backwardOf[event] !== 0) this.lastInBackward = event;
    for (const out of rows.outputs(event)) {
      if (out === 0) continue;
      // Of several results some may be fine.
      const own = madeBy[out] === event ? health[out] : bits;
      if (own !== 0) this.mark(out, own, fault, event);
    }
  }

  private mark(tensor: number, bits: number, fault: Fault, event: number): void {
    this.faultOf[tensor] = fault.number;
    this.bitsOf[tensor] = bits;
    this.madeBy[tensor] = event;
    if (fault.surface === "none" && (bits & Health.nan) !== 0 && fault.results.length < MAX_RESULTS)
      fault.results.push(tensor);
  }

  private node(event: number): void {
    const { rows, recording, backwardOf } = this.history;
    const bits = recording.tables.events.column.health[event];
    if (bits === 0) return;
    const inside = this.bornInside(event);
    const cause = inside === null ? null : this.causeInForward(event, inside);
    if (inside !== null && cause !== null) {
      inside.merged = true;
      this.passOn(event, bits, cause, cause.last);
      return;
    }
    if (inside !== null) {
      this.attribute(inside, event);
      this.passOn(event, bits, inside, 0);
      return;
    }
    for (const gradient of rows.inputs(event)) {
      const source = gradient === 0 ? null : this.sourceIn(gradient);
      if (source === null) continue;
      this.passOn(event, bits, source.fault, source.event);
      return;
    }
    const birth = this.births.get(event);
    if (birth === undefined) {
      const from = backwardOf[this.lastInBackward] === backwardOf[event] ? this.lastInBackward : 0;
      const fault = this.faultOfEvent.get(from);
      if (fault !== undefined) {
        this.passOn(event, bits, fault, from);
        return;
      }
    }
    this.bornInNode(event, bits, birth ?? -1);
  }

  /** The fault that forward passed through already, and that the loss has shown: what backward adds is no other. */
  private causeInForward(event: number, inside: Fault): Fault | null {
    const forward = this.history.rows.forwardEvent(this.history.recording.tables.events.column.node[event]);
    const earlier = forward === 0 ? undefined : (this.faultOfEvent.get(forward) ?? this.faultOfInputs(forward));
    if (earlier === undefined || earlier === inside || earlier.given) return null;
    return earlier.surface === "loss" ? earlier : null;
  }

  /** A gradient whose makings are fine: born here, unless a value of forward was bad already. */
  private bornInNode(event: number, bits: number, birth: number): void {
    const { rows, recording } = this.history;
    const forward = rows.forwardEvent(recording.tables.events.column.node[event]);
    const cause = birth === -1 ? "" : recording.strings[recording.tables.births.column.cause[birth]];
    const earlier = forward === 0 ? undefined : (this.faultOfEvent.get(forward) ?? this.faultOfInputs(forward));
    // The gradient by a constant that is infinite on purpose is infinite, too.
    if (earlier?.given === true && (bits & Health.nan) === 0) {
      this.passOn(event, bits, earlier, 0);
      return;
    }
    if (earlier !== undefined && !earlier.given) {
      const from = earlier.event;
      const isHidden = hides(this.history, forward);
      if (earlier.surface === "none" && !isHidden && earlier.data === 0 && earlier.event !== forward) {
        this.passOn(event, bits, earlier, earlier.last);
        return;
      }
      // The loss was fine, so something hid the bad value, and its gradient comes back all the same.
      if (earlier.surface === "none") {
        earlier.event = event;
        earlier.phase = "backward";
        if (birth !== -1) earlier.birth = birth;
        if (isHidden) earlier.cause = "masked-where";
        else if (earlier.cause === "" || earlier.data !== 0) earlier.cause = earlier.cause || cause;
        this.passOn(event, bits, earlier, 0);
      } else this.passOn(event, bits, earlier, from);
      return;
    }
    const isMasked = cause !== "custom-backward" && this.isMasked(forward, birth);
    const fault = this.add({
      event,
      data: 0,
      phase: "backward",
      cause: isMasked ? "masked-where" : cause,
      birth,
      given: false,
    });
    this.passOn(event, bits, fault, 0);
  }

  private faultOfInputs(forward: number): Fault | undefined {
    for (const input of this.history.rows.inputs(forward)) {
      const number = input === 0 ? 0 : this.faultOf[input];
      if (number !== 0) return this.faults[number - 1];
    }
    return undefined;
  }

  /** 0 · ∞ in the branch that a `where` did not take: the gradient that came in is 0, so the product is NaN. */
  private isMasked(forward: number, birth: number): boolean {
    if (forward === 0 || birth === -1) return false;
    const value = this.history.recording.tables.births.column.value[birth];
    return Number.isNaN(value) && hides(this.history, forward);
  }

  /** A fault whose birth lies inside the run of a node: in its formula, or in the code of a custom backward. */
  private bornInside(event: number): Fault | null {
    const { rows, recording, backwardOf } = this.history;
    const { start } = recording.tables.events.column;
    for (const gradient of rows.outputs(event)) {
      const number = gradient === 0 ? 0 : this.faultOf[gradient];
      if (number === 0) continue;
      const fault = this.faults[number - 1];
      const isInside =
        fault.event !== 0 && backwardOf[fault.event] === backwardOf[event] && start[fault.event] >= start[event];
      if (isInside && fault.event < event) return fault;
    }
    return null;
  }

  /** Says of a fault born inside a node's run that it is the node's. */
  private attribute(fault: Fault, event: number): void {
    const { history } = this;
    const isCustom = history.rows.forwardEvent(history.recording.tables.events.column.node[event]) !== 0;
    const birth = this.births.get(event);
    const name = history.name(event);
    if (isCustom && name.endsWith("Backward")) {
      fault.inner = history.place(fault.event);
      fault.cause = "custom-backward";
    } else if (birth !== undefined) {
      const cause = history.recording.strings[history.recording.tables.births.column.cause[birth]];
      fault.birth = birth;
      if (cause !== "") fault.cause = cause;
    }
    fault.event = event;
    fault.phase = "backward";
    if (fault.nan !== 0) fault.nan = event;
  }

  private hook(event: number): void {
    const { rows, recording } = this.history;
    const before = rows.inputs(event)[0] ?? 0;
    const after = rows.outputs(event)[0] ?? 0;
    const changed = after === 0 ? before : after;
    const bits = recording.tables.events.column.health[event];
    const number = this.faultOf[changed];
    if (after === 0 ? number === 0 : bits === 0) return;
    const fault = number === 0 ? null : this.faults[number - 1];
    const isOld = before !== 0 && before !== changed && this.faultOf[before] !== 0;
    if (isOld) return;
    if (fault === null) {
      const born = this.add({ event, data: 0, phase: "backward", cause: "hook", birth: -1, given: false });
      this.passOn(event, bits, born, 0);
      return;
    }
    const { backwardOf } = this.history;
    if (backwardOf[fault.event] !== backwardOf[event] && fault.data === 0) return;
    if (recording.tables.events.column.kind[fault.event] === EventKind.node) return;
    fault.inner ??= fault.data === 0 ? this.history.place(fault.event) : null;
    fault.cause = "hook";
    fault.phase = "backward";
  }

  private accumulate(event: number): void {
    const { rows, recording } = this.history;
    const bits = recording.tables.events.column.health[event];
    const leaf = rows.inputs(event)[0];
    const [incoming, own] = rows.outputs(event);
    if (bits === 0) {
      this.faultOf[own ?? incoming] = 0;
      return;
    }
    const number = this.faultOf[incoming] || this.faultOf[own ?? 0];
    const fault = number === 0 ? this.faultOfEvent.get(this.lastInBackward) : this.faults[number - 1];
    if (fault === undefined) return;
    if (own !== undefined && own !== 0) this.mark(own, bits, fault, this.madeBy[incoming] || fault.last);
    fault.spreads = true;
    this.surfaces(fault, "gradient", event, leaf, this.madeBy[incoming] || this.lastInBackward);
  }

  private surfaces(fault: Fault, surface: Fault["surface"], symptom: number, shown: number, last: number): void {
    if (fault.surface !== "none") return;
    fault.surface = surface;
    fault.symptom = symptom;
    fault.shown = shown;
    if (last !== 0) fault.last = last;
  }

  private backwardStart(event: number): void {
    const backward = this.history.backwards[this.history.backwardOf[event] - 1];
    this.lastInBackward = 0;
    for (const root of this.history.rows.inputs(event)) {
      const source = root === 0 ? null : this.sourceIn(root);
      if (source === null) continue;
      source.fault.loss ??= backward;
      this.surfaces(source.fault, "loss", event, root, source.event);
    }
  }

  /** Gradients that were asked for count as come to light. */
  private backwardEnd(event: number): void {
    for (const gradient of this.history.rows.outputs(event)) {
      const number = gradient === 0 ? 0 : this.faultOf[gradient];
      if (number === 0) continue;
      const fault = this.faults[number - 1];
      fault.spreads = true;
      fault.used = true;
      this.surfaces(fault, "gradient", event, gradient, this.madeBy[gradient]);
    }
  }

  /** A step with a bad gradient makes the parameter bad. */
  private step(event: number): void {
    const { rows } = this.history;
    const parameters = rows.inputs(event);
    rows.outputs(event).forEach((gradient, i) => {
      const number = gradient === 0 ? 0 : this.faultOf[gradient];
      if (number === 0) return;
      const fault = this.faults[number - 1];
      fault.used = true;
      this.mark(parameters[i], this.bitsOf[gradient] | Health.nan, fault, this.madeBy[gradient]);
    });
  }

  /** By the call: the last op that made something to be differentiated. */
  private lastRoots(): ReadonlyMap<number, number> {
    const { rows, recording, backwards } = this.history;
    const { site } = recording.tables.events.column;
    const made = recording.tables.tensors.column.event;
    const last = new Map<number, number>();
    for (const { start } of backwards)
      for (const root of rows.inputs(start)) {
        const event = made[root];
        if (event > (last.get(site[event]) ?? 0)) last.set(site[event], event);
      }
    return last;
  }

  /** NaN in a result that nothing was made of has come to light, too: somebody will read it. */
  private findLooseEnd(fault: Fault, lastRoots: ReadonlyMap<number, number>): void {
    const { history } = this;
    const { site } = history.recording.tables.events.column;
    const made = history.recording.tables.tensors.column.event;
    for (const tensor of fault.results) {
      if (made[tensor] === 0 || history.consumers(tensor).length > 0 || this.faultOf[tensor] === 0) continue;
      if (history.recording.tables.events.column.kind[made[tensor]] !== EventKind.op) continue;
      // A loss that is differentiated again later: the program looked at this one and left it out.
      const isLeftOut = (lastRoots.get(site[made[tensor]]) ?? 0) > made[tensor];
      if (history.backwardOf[made[tensor]] !== 0 || isLeftOut) continue;
      this.surfaces(fault, "value", made[tensor], tensor, this.madeBy[tensor]);
      return;
    }
  }
}

/** Ops that choose elements: what they leave out does not show, but its gradient does. */
const choosing = new Set(["where", "maskedFill", "maskedFill_", "maskedScatter", "nanToNum", "maskedSelect"]);

/** Whether a choosing op comes soon after this one. */
function hides(history: History, forward: number): boolean {
  const queue = [...history.rows.outputs(forward)];
  const seen = new Set(queue);
  for (let i = 0; i < queue.length && i < 64; i++) {
    for (const event of history.consumers(queue[i])) {
      if (choosing.has(history.name(event))) return true;
      for (const out of history.rows.outputs(event)) {
        if (seen.has(out)) continue;
        seen.add(out);
        queue.push(out);
      }
    }
  }
  return false;
}
