import path from "node:path";
import { nearest } from "../../../engine/base/errors.ts";
import { type DataWatch, exceptionFilters, limitOf } from "../../debug/session/breakpoints.ts";
import { evaluatedText } from "../../debug/session/logText.ts";
import { into, outOf, over, toLine, toNode } from "../../debug/session/moves.ts";
import { scopesAt } from "../../debug/session/scopes.ts";
import type { EditTarget } from "../../debug/session/shown.ts";
import { tensorText } from "../../debug/session/shownTensor.ts";
import { realPath } from "../../debug/session/sources.ts";
import { onwards } from "../../debug/session/stops.ts";
import { relativePath } from "../execute.ts";
import { describePlace } from "./printAnswer.ts";
import { describeBreakpoint, type TerminalDebugger, type WantedBreakpoint } from "./terminalDebugger.ts";

/** A command was written wrongly; the message says what to do instead. */
export class CommandError extends Error {}

/** One command of the debugger. */
export interface DebuggerCommand {
  /** First the whole name, then shorter ones. */
  readonly names: readonly string[];
  readonly takes: string;
  readonly does: string;
  readonly run: (debug: TerminalDebugger, given: string) => void | Promise<void>;
}

export const commands: readonly DebuggerCommand[] = [
  {
    names: ["continue", "c", "run"],
    takes: "",
    does: "go on to the next breakpoint",
    run: (debug) => debug.move(onwards(1)),
  },
  {
    names: ["step", "s"],
    takes: "",
    does: "to the next event: into a module, into backward",
    run: (debug) => debug.move(into(debug.session, 1)),
  },
  {
    names: ["next", "n"],
    takes: "",
    does: "to the next event at this level",
    run: (debug) => debug.move(over(debug.session, 1)),
  },
  {
    names: ["out", "finish"],
    takes: "",
    does: "out of the module, or out of backward",
    run: (debug) => debug.move(outOf(debug.session, 1)),
  },
  {
    names: ["node"],
    takes: "",
    does: "to the next node of backward",
    run: (debug) => debug.move(toNode(debug.session, 1)),
  },
  {
    names: ["back", "b"],
    takes: "",
    does: "one event back",
    run: (debug) => debug.move(into(debug.session, -1)),
  },
  {
    names: ["back-over", "bn"],
    takes: "",
    does: "back to the event before at this level",
    run: (debug) => debug.move(over(debug.session, -1)),
  },
  {
    names: ["back-out", "bo"],
    takes: "",
    does: "back to where the module or backward was called",
    run: (debug) => debug.move(outOf(debug.session, -1)),
  },
  {
    names: ["back-continue", "bc"],
    takes: "",
    does: "back to the breakpoint before",
    run: (debug) => debug.move(onwards(-1)),
  },
  {
    names: ["until"],
    takes: "LINE [back]",
    does: "run to a line, or back to it",
    run: runToLine,
  },
  { names: ["goto"], takes: "EVENT", does: "to an event that was recorded", run: goToEvent },
  {
    names: ["break"],
    takes: "LINE | FILE:LINE | OP [forward|backward] [if EXPR]",
    does: "stop at a line, forward and when the gradient comes through; or at ops like MulBackward0",
    run: setBreak,
  },
  {
    names: ["watch"],
    takes: "NAME | NAME.grad [nan] [if EXPR]",
    does: "stop when a tensor or its gradient changes, or becomes NaN or Inf",
    run: setWatch,
  },
  {
    names: ["catch"],
    takes: "FAULT [LIMIT]",
    does: `stop at a fault: ${exceptionFilters.map(({ filter }) => filter).join(", ")}`,
    run: setCatch,
  },
  { names: ["breakpoints", "info"], takes: "", does: "list what stops the program", run: listBreakpoints },
  { names: ["delete", "d"], takes: "NUMBER", does: "remove one of them", run: deleteBreakpoint },
  {
    names: ["print", "p"],
    takes: "EXPR",
    does: "what an expression over the tensors gives: w1.grad.norm()",
    run: print,
  },
  { names: ["set"], takes: "NAME[INDEX] = NUMBER", does: "change a tensor of the running program", run: setValue },
  { names: ["vars", "v"], takes: "[SCOPE]", does: "the op, gradients, tensors and leaves here", run: printScopes },
  { names: ["where", "bt"], takes: "", does: "the call stack", run: where },
  { names: ["list", "l"], takes: "", does: "the lines around", run: list },
];

/** Does what a line says. Throws CommandError when it says nothing that can be done. */
export async function perform(debug: TerminalDebugger, line: string): Promise<void> {
  const [, word = "", given = ""] = /^\s*([\w-]+)\s*(.*?)\s*$/.exec(line) ?? [];
  const command = commands.find(({ names }) => names.includes(word));
  if (command !== undefined) return command.run(debug, given);
  const guess = nearest(
    word,
    commands.flatMap(({ names }) => names),
  );
  throw new CommandError(
    `There is no command '${word || line.trim()}'.${guess === null ? " Try help." : ` Did you mean ${guess}?`}`,
  );
}

async function runToLine(debug: TerminalDebugger, given: string): Promise<void> {
  const [, where = "", back] = /^(\S.*?)(\s+back)?$/.exec(given) ?? [];
  const { file, line } = placeOf(debug, where);
  const why = debug.session.sources.whyNot(file, line);
  if (why !== null) throw new CommandError(why);
  await debug.move(toLine(debug.session, file, line, back === undefined ? 1 : -1));
}

async function goToEvent(debug: TerminalDebugger, given: string): Promise<void> {
  const { last } = debug.session.timeline;
  const event = Number(given);
  if (!Number.isInteger(event) || event < 0 || event > last || given === "") {
    throw new CommandError(`goto needs a number from 0 to ${last}.`);
  }
  await debug.goTo(event);
}

/** `12`, or `model.ts:12`. */
function placeOf(debug: TerminalDebugger, text: string): { readonly file: string; readonly line: number } {
  const [, name, digits] = /^(?:(.+):)?(\d+)$/.exec(text) ?? [];
  if (digits === undefined) throw new CommandError("Name a line: 12, or model.ts:12.");
  const main = debug.session.timeline.recording.meta.file;
  return { file: name === undefined ? main : fileNamed(debug, name), line: Number(digits) };
}

/** A file of the run that is called so, or the path itself. */
function fileNamed(debug: TerminalDebugger, name: string): string {
  const ending = path.sep + path.normalize(name);
  const known = debug.session.sources.files.find((file) => file === name || file.endsWith(ending));
  return known ?? realPath(name);
}

function setBreak(debug: TerminalDebugger, given: string): void {
  const [, what = "", mode, condition] = /^(\S.*?)(?:\s+(forward|backward))?(?:\s+if\s+(.+))?$/.exec(given) ?? [];
  if (what === "") throw new CommandError("break needs a line or an op: break 12, break MulBackward0 if isNaN(grad).");
  if (!/\d+$/.test(what) || /^[A-Za-z_]\w*$/.test(what)) {
    told(debug, { kind: "function", name: what, condition: condition ?? null });
    return;
  }
  const { file, line } = placeOf(debug, what);
  told(debug, { kind: "line", file, line, mode: modeOf(mode), condition: condition ?? null });
}

function modeOf(word: string | undefined): "both" | "forward" | "backward" {
  return word === "forward" || word === "backward" ? word : "both";
}

function setWatch(debug: TerminalDebugger, given: string): void {
  const [, name = "", grad, nan, condition] = /^(.+?)(\.grad)?(\s+nan)?(?:\s+if\s+(.+))?$/.exec(given) ?? [];
  if (name === "") throw new CommandError("watch needs a tensor: watch w1.grad, watch w1.grad nan.");
  const tensor = debug.session.names.find(name, debug.session.position);
  const what: DataWatch["what"] = nan !== undefined ? "grad-nonfinite" : grad !== undefined ? "grad" : "value";
  const watch = { name, tensor: tensor ?? 0, what };
  told(debug, { kind: "data", watch, condition: condition ?? null });
}

function setCatch(debug: TerminalDebugger, given: string): void {
  const [, word = "", limit = null] = /^(\S+)(?:\s+(\S+))?$/.exec(given) ?? [];
  const found = exceptionFilters.find(({ filter }) => filter === word);
  if (found === undefined) {
    throw new CommandError(`catch takes one of ${exceptionFilters.map(({ filter }) => filter).join(", ")}.`);
  }
  const { filter } = found;
  if (limit !== null && ((filter !== "exploding" && filter !== "vanishing") || limitOf(filter, limit) === null)) {
    throw new CommandError(`'${limit}' is no limit for ${filter}.`);
  }
  debug.remove((one) => one.kind === "exception" && one.filter === filter);
  told(debug, { kind: "exception", filter, condition: limit });
}

/** Adds a breakpoint and says so; a reason why it can't stop yet is said, too. */
function told(debug: TerminalDebugger, wanted: WantedBreakpoint): void {
  const added = debug.add(wanted);
  const warning = debug.session.whyNot(added);
  const text = `${added.id}: ${describeShort(added)}${warning === null ? "" : `\n   ${warning}`}`;
  debug.answer({ kind: "breakpoint", text, id: added.id, warning });
}

function describeShort(breakpoint: Parameters<typeof describeBreakpoint>[0]): string {
  return describeBreakpoint(
    breakpoint.kind === "line" ? { ...breakpoint, file: relativePath(breakpoint.file) } : breakpoint,
  );
}

function listBreakpoints(debug: TerminalDebugger): void {
  const lines = debug.breakpoints.map((one) => `${String(one.id).padStart(3)}  ${describeShort(one)}`);
  const text = lines.length === 0 ? "Nothing stops the program." : lines.join("\n");
  debug.answer({ kind: "breakpoints", text, breakpoints: debug.breakpoints });
}

function deleteBreakpoint(debug: TerminalDebugger, given: string): void {
  if (!debug.remove(({ id }) => id === Number(given))) throw new CommandError(`There is no breakpoint ${given}.`);
  debug.answer({ kind: "deleted", text: `${given} is gone.`, id: Number(given) });
}

async function print(debug: TerminalDebugger, given: string): Promise<void> {
  if (given === "") throw new CommandError("print needs an expression: print w1.grad.norm().");
  const { session } = debug;
  const row = session.names.find(given, session.position);
  if (row !== null) {
    const text = tensorText(row, session.position, session);
    debug.answer({
      kind: "value",
      text: `${text}  ${debug.terminal.style("dim", aboutTensor(debug, row))}`,
      value: text,
    });
    return;
  }
  const result = await session.evaluate(given);
  if (result.kind === "error") throw new CommandError(result.message);
  const text = evaluatedText(result);
  debug.answer({ kind: "value", text, value: text });
}

/** `leaf, requires grad, grad [2, 0]` */
function aboutTensor({ session }: TerminalDebugger, row: number): string {
  const { tensors, position } = session;
  const gradient = tensors.gradient(row, position);
  const facts = [
    tensors.isLeaf(row, position) ? "leaf" : "non-leaf",
    ...(tensors.requiresGrad(row, position) ? ["requires grad"] : []),
    gradient === 0 ? "grad null" : `grad ${tensorText(gradient, position, session)}`,
  ];
  return facts.join(", ");
}

/** Named as `vars` names it: by the user's name, or as the op's `output`, or as `outgoing 0` of a node. */
async function setValue(debug: TerminalDebugger, given: string): Promise<void> {
  const [, name = "", index, number = ""] = /^(.+?)(?:\[([\d,\s]+)\])?\s*=\s*(\S+)$/.exec(given) ?? [];
  const { session } = debug;
  const target = await targetNamed(debug, name);
  if (target === null) throw new CommandError("set needs a tensor, an index and a number: set w1[0] = 0.5.");
  const value = Number(number);
  if (number === "" || (Number.isNaN(value) && number !== "NaN")) throw new CommandError(`'${number}' is no number.`);
  const element = index === undefined ? null : elementOf(index, session.tensors.shape(target.tensor));
  const problem = await session.edit(target.tensor, element, value, target.handedOn);
  if (problem !== null) throw new CommandError(problem);
  const written = (await targetNamed(debug, name)) ?? target;
  debug.answer({ kind: "set", text: `${name} is now ${tensorText(written.tensor, session.position, session)}`, name });
}

async function targetNamed({ session }: TerminalDebugger, name: string): Promise<EditTarget | null> {
  const scopes = scopesAt(session.position, session.positionBefore, session);
  const rows = (await Promise.all(scopes.map(({ children }) => children.named()))).flat();
  const found = rows.find((row) => row.name === name) ?? rows.find((row) => row.name.startsWith(`${name} `));
  return found?.target ?? null;
}

/** The row-major number of an element. Throws CommandError when there is none. */
function elementOf(index: string, shape: readonly number[]): number {
  const at = index.split(",").map(Number);
  const fits = at.length === shape.length && at.every((i, d) => Number.isInteger(i) && i >= 0 && i < (shape[d] ?? 0));
  if (!fits) throw new CommandError(`[${index}] is no element of a tensor of shape [${shape.join(", ")}].`);
  return at.reduce((element, i, d) => element * (shape[d] ?? 1) + i, 0);
}

async function printScopes(debug: TerminalDebugger, given: string): Promise<void> {
  const { session, terminal } = debug;
  const all = scopesAt(session.position, session.positionBefore, session);
  const wanted = all.filter(({ name }) => name.toLowerCase().includes(given.toLowerCase()));
  if (wanted.length === 0) throw new CommandError(`The scopes here are ${all.map(({ name }) => name).join(", ")}.`);
  const lines: string[] = [];
  const scopes: { name: string; rows: { name: string; value: string }[] }[] = [];
  for (const { name, children } of wanted) {
    const rows = (await children.named()).map((row) => ({ name: row.name, value: row.value }));
    lines.push(terminal.style("bold", name));
    lines.push(...(rows.length === 0 ? ["  (nothing)"] : rows.map((row) => `  ${row.name}: ${row.value}`)));
    scopes.push({ name, rows });
  }
  debug.answer({ kind: "scopes", text: lines.join("\n"), scopes });
}

async function where(debug: TerminalDebugger): Promise<void> {
  const frames = await debug.session.frames();
  const lines = frames.map(({ name, file, line }, i) => {
    const place = file === null ? "" : `  ${debug.terminal.style("dim", `${relativePath(file)}:${line}`)}`;
    return `${i === 0 ? "▸" : " "} ${name}${place}`;
  });
  const told = frames.map(({ name, file, line }) => ({ name, file, line: file === null ? null : line }));
  debug.answer({ kind: "frames", text: lines.join("\n"), frames: told });
}

async function list(debug: TerminalDebugger): Promise<void> {
  const [frame] = await debug.session.frames();
  debug.answer({ kind: "lines", text: describePlace(frame ?? null, debug.terminal, 5) });
}
