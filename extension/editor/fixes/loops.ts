import { append, callAt, type Fix, type FixScene, fixOf, insert, operand, remove } from "./fix.ts";
import type { Call, SourceCode, Span, Statement } from "./sourceCode.ts";

/** Fixes for training loops whose parts are missing or stand in the wrong order. */
export const loopFixes: Readonly<Record<string, (scene: FixScene) => Fix[]>> = {
  accumulated: cleared,
  "step-before-backward": (scene) => {
    const backward = scene.alert.related[0]?.place ?? null;
    return moved(scene, "Move step() after backward()", at(scene, scene.alert.place), at(scene, backward), "after");
  },
  "clip-after-step": (scene) => {
    const step = scene.alert.related[0]?.place ?? null;
    return moved(scene, "Clip before the step", at(scene, scene.alert.place), at(scene, step), "before");
  },
  "graph-kept-alive": (scene) => withoutGraph(scene),
  "never-updated": (scene) => [...stepping(scene), ...clearedEarlier(scene), ...given(scene)],
  "target-broadcast": sameShape,
};

function at({ code, locate }: FixScene, place: Parameters<FixScene["locate"]>[0]): Statement | null {
  const offset = locate(place);
  return offset === null ? null : code.statementAt(offset);
}

/** The variable of an optimizer, as it is written where the optimizer's event happened. */
function receiverAt(scene: FixScene, event: number): string | null {
  const call = callAt(scene, scene.history.place(event));
  return call?.receiver ? scene.code.textOf(call.receiver) : null;
}

/** `optimizer.zeroGrad();` before backward; by hand, `w.grad = null;`. */
function cleared(scene: FixScene): Fix[] {
  const { alert, code, history } = scene;
  const backward = at(scene, alert.place);
  const [parameter] = alert.tensors;
  if (backward === null || parameter === undefined) return [];
  const step = history.steps.find(({ start, parameters }) => start > alert.event && parameters.includes(parameter));
  if (step === undefined) return clearedByHand(scene, backward);
  const name = receiverAt(scene, step.start);
  const stepping = at(scene, history.place(step.start));
  const isBeside = stepping !== null && code.blockAt(stepping.start) === code.blockAt(backward.start);
  const isDeclared = name !== null && (name.startsWith("this.") || isBefore(code, name, backward.start));
  if (name === null || !(isBeside || isDeclared)) return [];
  return fixOf(
    `Call ${name}.zeroGrad() before backward`,
    insert(backward.start, `${name}.zeroGrad();\n${backward.indent}`),
  );
}

const isBefore = (code: SourceCode, name: string, offset: number): boolean => {
  const declared = code.declarationOf(name);
  return declared !== -1 && declared < offset;
};

function clearedByHand({ alert, code, history }: FixScene, backward: Statement): Fix[] {
  const names = alert.tensors.map((tensor) => history.rows.firstName(tensor)?.name ?? "");
  if (!names.every((name) => isBefore(code, name, backward.start))) return [];
  const text = names.map((name) => `${name}.grad = null;\n${backward.indent}`).join("");
  return fixOf("Clear the gradient before backward", insert(backward.start, text));
}

/** Moves the lines of one statement to those of another in the same block. */
function moved(
  { code }: FixScene,
  title: string,
  what: Statement | null,
  where: Statement | null,
  side: "before" | "after",
): Fix[] {
  if (what === null || where === null || code.blockAt(what.start) !== code.blockAt(where.start)) return [];
  const lines = code.textOf(what.lines);
  const whole = lines.endsWith("\n") ? lines : `${lines}\n`;
  const target = side === "before" ? where.lines.start : where.lines.end;
  const isEnd = side === "after" && !code.textOf(where.lines).endsWith("\n");
  return fixOf(title, remove(what.lines), insert(target, isEnd ? `\n${whole.trimEnd()}` : whole));
}

/** A running total of numbers, or of values without their graph. */
function withoutGraph(scene: FixScene): Fix[] {
  const call = callAt(scene, scene.alert.place);
  const { code } = scene;
  if (call === null) return [];
  if (call.name === "stack" || call.name === "cat") return withoutGraphs(code, call);
  // In `total.add(loss)` the loss is the argument, in `loss.add(total)` it is not known which is which.
  const n = call.name === "push" ? 0 : 1;
  const span = call.name === "push" ? (call.args[0] ?? null) : operand(code, call, n);
  if (!/^(add|add_|sub|push)$/.test(call.name) || span === null || !code.isChain(span)) return [];
  const statement = code.statementAt(call.start);
  const isTotal =
    call.receiver !== null && statement !== null && code.textOf(statement).startsWith(`${code.textOf(call.receiver)} `);
  if (call.name !== "push" && !isTotal) return [];
  return fixOf("Add the value without its graph (detach)", insert(span.end, ".detach()"));
}

/** What is pushed to a list that is stacked later. */
function withoutGraphs(code: SourceCode, stack: Call): Fix[] {
  const list = stack.args[0] === undefined ? "" : code.textOf(stack.args[0]);
  const pushes = code.tokens
    .filter((token) => code.textOf(token) === "push")
    .map(({ start }) => code.callAt(start))
    .filter((call) => call?.receiver && code.textOf(call.receiver) === list);
  const value = pushes.length === 1 ? pushes[0]?.args[0] : undefined;
  if (value === undefined || !code.isChain(value)) return [];
  return fixOf("Keep the values without their graphs (detach)", insert(value.end, ".detach()"));
}

/** `optimizer.step();` after backward. */
function stepping(scene: FixScene): Fix[] {
  const { alert, history } = scene;
  if (!alert.message.includes("is never called")) return [];
  const { node } = history.recording.tables.events.column;
  const optimizer = [...history.optimizers].find(([, own]) => alert.tensors.every((tensor) => own.has(tensor)))?.[0];
  const clearing = history.zeroGrads.find((event) => node[event] === optimizer);
  const name = clearing === undefined ? null : receiverAt(scene, clearing);
  const backward = at(scene, alert.place);
  if (name === null || backward === null) return [];
  return fixOf(`Call ${name}.step() after backward`, insert(backward.end, `\n${backward.indent}${name}.step();`));
}

/** Clears before backward instead of after it. */
function clearedEarlier(scene: FixScene): Fix[] {
  const { alert, history } = scene;
  const clearing = callAt(scene, alert.place);
  if (clearing?.name !== "zeroGrad") return [];
  const last = history.backwards.findLast(({ start }) => start < alert.event) ?? history.backwards[0];
  const backward = last === undefined ? null : at(scene, history.place(last.start));
  return moved(scene, "Clear the gradients before backward", at(scene, alert.place), backward, "before");
}

/** Gives parameters to the only optimizer of the file. */
function given({ alert, code, history }: FixScene): Fix[] {
  const made = code.tokens.flatMap(({ start }, i) => {
    const isNew = /^(new|optim)$/.test(code.word(i - 2)) || code.word(i - 1) === "new";
    const call =
      isNew && /^(SGD|Adam\w*|RMSprop|Adagrad|Adadelta|NAdam|RAdam|Rprop|ASGD)$/.test(code.word(i))
        ? code.callAt(start)
        : null;
    return call === null ? [] : [call];
  });
  const [optimizer, ...others] = made;
  const list = optimizer?.args[0];
  if (!alert.message.includes("no optimizer holds") || list === undefined || others.length > 0) return [];
  const texts = new Set(
    alert.tensors.map((tensor) => givenText(history.rows.path.get(tensor), history.rows.firstName(tensor)?.name)),
  );
  if ([...texts].some((text) => text === null || !isBefore(code, /\w+/.exec(text)?.[0] ?? "", list.start))) return [];
  const more = [...texts].join(", ");
  const roots = [...texts].map((text) => /\w+/.exec(text ?? "")?.[0] ?? "");
  // A part of the same model is in the list already.
  if (roots.some((root) => code.namesIn(list).includes(root))) return givenWhole(code, list, roots);
  const title = "Give them to the optimizer";
  const source = code.textOf(list);
  if (source.startsWith("[")) return fixOf(title, insert(list.end - 1, source.length > 2 ? `, ${more}` : more));
  return code.isChain(list) ? fixOf(title, insert(list.start, "[..."), insert(list.end, `, ${more}]`)) : [];
}

/** The whole model instead of one part of it. */
function givenWhole(code: SourceCode, list: Span, [root, ...others]: readonly string[]): Fix[] {
  const isPart = code.textOf(list).startsWith(`${root}.`) && code.textOf(list).endsWith(".parameters()");
  if (others.length > 0 || !isPart || !code.isChain(list)) return [];
  return fixOf("Give all parameters to the optimizer", { ...list, text: `${root}.parameters()` });
}

/** `...head.parameters()` for a module's, `w` for a plain leaf. */
function givenText(path: string | undefined, name: string | undefined): string | null {
  const root = /^([\p{L}_$][\p{L}\p{N}_$]*)\./u.exec(path ?? "")?.[1];
  if (root !== undefined) return `...${root}.parameters()`;
  return name !== undefined && /^[\p{L}_$][\p{L}\p{N}_$]*$/u.test(name) ? name : null;
}

/** Gives the target the prediction's shape by one dim more or less. */
function sameShape(scene: FixScene): Fix[] {
  const { alert, code, history } = scene;
  const call = callAt(scene, alert.place);
  const [prediction = 0, target = 0] = alert.tensors;
  if (call === null || prediction === 0 || target === 0) return [];
  const [from, to] = [history.rows.shape(target), history.rows.shape(prediction)];
  if (to.length === from.length + 1 && to.at(-1) === 1)
    return fixOf("Give the target the same shape with unsqueeze(-1)", append(code, call, 1, ".unsqueeze(-1)"));
  if (from.length === to.length + 1 && from.at(-1) === 1)
    return fixOf("Give the target the same shape with squeeze(-1)", append(code, call, 1, ".squeeze(-1)"));
  return [];
}
