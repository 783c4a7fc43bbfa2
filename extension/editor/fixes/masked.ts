import type { History } from "../../../engine/recording/queries/alerts/history.ts";
import { EventKind } from "../../../engine/recording/schema.ts";
import { append, callAt, type Fix, type FixScene, fixOf, isFunction } from "./fix.ts";
import type { Call, SourceCode, Span } from "./sourceCode.ts";

/** The op that chooses, and whether it takes what came through the branch where the condition is true. */
interface Choice {
  readonly event: number;
  readonly name: string;
  readonly takesWhenTrue: boolean;
}

/** A value that an op can be given instead, where its result is not taken. */
const harmless: Readonly<Record<string, string>> = { acos: "0", asin: "0", atanh: "0" };

/** Makes the input of an op safe where a `where` further on leaves its result out: the gradient runs through both branches. */
export function safeBranch(scene: FixScene, call: Call): Fix[] {
  const { alert, code, history } = scene;
  const { kind, node } = history.recording.tables.events.column;
  const event = alert.origin?.event ?? 0;
  const forward = kind[event] === EventKind.node ? history.rows.forwardEvent(node[event] ?? 0) : event;
  const choice = choiceAfter(history, forward);
  const chosen = choice === null ? null : callAt(scene, history.place(choice.event));
  const condition = chosen?.args[0];
  if (choice === null || !chosen || !condition || !isKnownBefore(code, condition, call)) return [];
  if (isFunction(code, chosen) !== (chosen.receiver === null)) return [];
  const text = code.textOf(condition);
  const value = harmless[call.name] ?? "1";
  const isDivision = /^(div|divide|trueDivide)$/.test(call.name);
  const safe =
    choice.name === "where"
      ? `.where(${choice.takesWhenTrue ? text : `${negated(code, condition)}`}, ${value})`
      : `.maskedFill(${text}, ${value})`;
  return fixOf(
    "Make the input safe where it is not taken (double where)",
    append(code, call, isDivision ? 1 : 0, safe),
  );
}

const negated = (code: SourceCode, condition: Span): string =>
  `${code.isChain(condition) ? code.textOf(condition) : `(${code.textOf(condition)})`}.logicalNot()`;

/** The first choosing op on the way from an op's results. */
function choiceAfter(history: History, forward: number): Choice | null {
  const queue = [...history.rows.outputs(forward)];
  const seen = new Set(queue);
  for (let i = 0; i < queue.length && i < 64; i++) {
    for (const event of history.consumers(queue[i] ?? 0)) {
      const name = history.name(event);
      const place = history.rows.inputs(event).indexOf(queue[i] ?? 0);
      if (name === "where" && place > 0) return { event, name, takesWhenTrue: place === 1 };
      if (name === "maskedFill" && place === 0) return { event, name, takesWhenTrue: false };
      for (const out of history.rows.outputs(event)) {
        if (seen.has(out)) continue;
        seen.add(out);
        queue.push(out);
      }
    }
  }
  return null;
}

/** Whether everything in a condition is there already where the op is called. */
function isKnownBefore(code: SourceCode, condition: Span, call: Call): boolean {
  const begin = code.statementAt(call.start)?.start ?? call.start;
  return code.namesIn(condition).every((name) => code.declarationOf(name) < begin);
}
