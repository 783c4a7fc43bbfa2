import { TensorFlag } from "../../../engine/recording/schema.ts";
import { append, callAt, type Fix, type FixScene, fixOf, importing, insert, remove, type TextChange } from "./fix.ts";
import type { Call, SourceCode, Span } from "./sourceCode.ts";

/** Functions that make tensors and take options last. */
const CREATORS =
  /^(tensor|zeros|ones|full|rand|randn|arange|linspace|eye|zerosLike|onesLike|randLike|randnLike|fullLike)$/;

/** Fixes for graphs that end too early, and for leaves that are none. */
export const graphFixes: Readonly<Record<string, (scene: FixScene) => Fix[]>> = {
  "no-grad-root": (scene) => [...withoutCut(scene), ...creatingGraph(scene), ...requiringGrad(scene)],
  "grad-none": (scene) => [...withoutCut(scene), ...retaining(scene)],
  frozen: requiringGrad,
  "non-scalar-root": reduced,
  "double-backward": (scene) => [...detached(scene), ...retainedGraph(scene)],
  inplace: (scene) => [...outOfPlace(scene), ...insideNoGrad(scene)],
  "leaf-reassigned": updatedInPlace,
};

/** Takes the `.detach()`, `.data` or `tensor(x)` out that ended the graph. */
function withoutCut({ alert, code, locate }: FixScene): Fix[] {
  const offset = locate(alert.origin?.place ?? null);
  const cause = alert.origin?.cause;
  if (offset === null) return [];
  const call = code.callAt(offset);
  if (cause === "detached" && call?.name === "detach" && call.receiver !== null && call.args.length === 0)
    return fixOf("Remove detach()", remove({ start: call.receiver.dot, end: call.end }));
  if (cause === "detached" && call === null) return withoutData(code, offset);
  if (cause === "no-grad-mode") return withGradients(code, offset);
  if (cause === "copy" && call?.name === "tensor" && call.receiver === null) return withoutCopy(code, call);
  return [];
}

/** `noGrad(() => x)` becomes `x`. */
function withGradients(code: SourceCode, offset: number): Fix[] {
  const around = code.tokens
    .filter((token) => token.start < offset && /^(noGrad|inferenceMode)$/.test(code.textOf(token)))
    .map(({ start }) => code.callAt(start))
    .findLast((call) => call !== null && call.end > offset && call.args.length === 1);
  const body =
    around === undefined || around === null
      ? null
      : /^\(\)\s*=>\s*(?!\{)([\s\S]+)$/.exec(code.textOf(around.inside).trim());
  if (!around || !body?.[1]) return [];
  return fixOf(`Compute it outside ${around.name}`, { ...spanOf(around), text: body[1] });
}

function withoutData(code: SourceCode, offset: number): Fix[] {
  const name = code.tokenAt(offset);
  const dot = code.tokens[name - 1];
  if (dot === undefined || code.word(name) !== "data" || code.word(name - 1) !== ".") return [];
  return fixOf("Remove .data", remove({ start: dot.start, end: offset + 4 }));
}

/** `tensor([a, b])` of scalars is `stack([a, b])`; `tensor(a)` is `a`. */
function withoutCopy(code: SourceCode, call: Call): Fix[] {
  const [values, ...more] = call.args;
  if (values === undefined || more.length > 0) return [];
  if (code.text[values.start] !== "[") {
    const isTensor = code.isChain(values) && !/\.(tolist|toArray|item)\(\)$/.test(code.textOf(values));
    return isTensor ? fixOf("Use the tensor itself", { ...spanOf(call), text: code.textOf(values) }) : [];
  }
  const imported = importing(code, "stack");
  const name = { start: call.nameStart, end: call.nameStart + call.name.length, text: "stack" };
  return imported === null ? [] : fixOf("Use stack() instead of tensor()", name, ...imported);
}

const spanOf = ({ start, end }: { start: number; end: number }) => ({ start, end });

/** Makes what is to be differentiated a leaf that asks for its gradient. */
function requiringGrad({ alert, code, history, locate }: FixScene): Fix[] {
  if (alert.origin !== null) return [];
  return alert.tensors.flatMap((tensor) => {
    const offset = locate(history.rows.place(tensor));
    const flags = history.rows.flags(tensor);
    const isMade = (history.recording.tables.tensors.column.event[tensor] ?? 0) !== 0;
    const isPlain =
      !isMade && (flags & TensorFlag.leaf) !== 0 && (flags & (TensorFlag.requiresGrad | TensorFlag.parameter)) === 0;
    const made = offset === null ? null : code.initializerAt(offset);
    const name = history.rows.firstName(tensor)?.name;
    if (made === null || name === undefined || !isPlain || !history.rows.dtype(tensor).startsWith("float")) return [];
    return fixOf(`Let \`${name}\` require grad`, askingChange(code, made));
  });
}

/** A gradient that is differentiated again needs a graph of its own. */
function creatingGraph(scene: FixScene): Fix[] {
  const call = callAt(scene, scene.alert.place);
  if (call === null || !scene.alert.fix?.startsWith("pass { createGraph")) return [];
  const options = call.args.find(({ start }) => scene.code.text[start] === "{");
  const title = "Record a graph of the gradient with createGraph";
  if (options !== undefined) return fixOf(title, insert(options.start + 1, " createGraph: true,"));
  return fixOf(title, insert(call.inside.end, `${call.args.length === 0 ? "" : ", "}{ createGraph: true }`));
}

function askingChange(code: SourceCode, made: { start: number; end: number }): TextChange | null {
  const call = code.callAt(made.start);
  const last = call?.args.at(-1);
  if (call === null || call.end !== made.end || !CREATORS.test(call.name) || last === undefined)
    return code.isChain(made) ? insert(made.end, ".requiresGrad_()") : null;
  if (code.text[last.start] === "{") return insert(last.start + 1, " requiresGrad: true,");
  return insert(last.end, ", { requiresGrad: true }");
}

/** `h.retainGrad()` after the line that makes `h`. */
function retaining({ alert, code, history, locate }: FixScene): Fix[] {
  const [tensor] = alert.tensors;
  const name = tensor === undefined ? undefined : history.rows.firstName(tensor)?.name;
  const offset = locate(alert.place);
  const statement = offset === null ? null : code.statementAt(offset);
  if (alert.severity !== "info" || statement === null || name === undefined || !isName(name)) return [];
  return fixOf(
    "Keep its gradient with retainGrad()",
    insert(statement.end, `\n${statement.indent}${name}.retainGrad();`),
  );
}

const isName = (text: string): boolean => /^(this\.)?[\p{L}_$][\p{L}\p{N}_$]*$/u.test(text);

function reduced(scene: FixScene): Fix[] {
  const call = callAt(scene, scene.alert.place);
  if (call?.name !== "backward") return [];
  return [
    ...fixOf("Reduce it with mean()", append(scene.code, call, 0, ".mean()")),
    ...fixOf("Reduce it with sum()", append(scene.code, call, 0, ".sum()")),
  ];
}

/** Cuts a value off where an alert says it must be: `h` becomes `h.detach()` in the call at the line. */
function detached({ alert, code, locate }: FixScene): Fix[] {
  const name = /([\p{L}_$][\p{L}\p{N}_$.]*)\.detach\(\)/u.exec(alert.fix ?? "")?.[1];
  const offset = locate(alert.place);
  const statement = offset === null ? null : code.statementAt(offset);
  if (name === undefined || statement === null || !isName(name) || name.startsWith("this.")) return [];
  const [read, ...others] = code.readsOf(name, statement);
  if (read === undefined || others.length > 0) return [];
  return fixOf(`Cut \`${name}\` off with detach()`, insert(read.end, ".detach()"));
}

/** Keeps what the first backward would free. */
function retainedGraph(scene: FixScene): Fix[] {
  const first = scene.alert.related.find(({ message }) => message === "freed by this backward");
  const call = callAt(scene, first?.place ?? null);
  if (call?.name !== "backward" || call.receiver === null || call.args.length > 1) return [];
  if (!scene.alert.fix?.includes("retainGraph")) return [];
  const [gradient] = call.args;
  if (gradient !== undefined && scene.code.text[gradient.start] === "{") return [];
  const text = gradient === undefined ? "{ retainGraph: true }" : ", { retainGraph: true }";
  return fixOf("Keep the graph with retainGraph", insert(call.inside.end, text));
}

/** `y.mul_(2);` becomes `y = y.mul(2);` where `y` is a variable. */
function outOfPlace(scene: FixScene): Fix[] {
  const { alert, code } = scene;
  const call = callAt(scene, alert.place);
  if (
    call === null ||
    call.receiver === null ||
    !call.name.endsWith("_") ||
    (!alert.message.includes("instead of") && !(alert.fix ?? "").startsWith("use "))
  )
    return [];
  const name = code.textOf(call.receiver);
  const statement = code.statementAt(call.start);
  const declared = isName(name) ? code.declarationOf(name) : -1;
  if (statement === null || statement.start !== call.start || declared === -1) return [];
  const keyword = code.tokens[code.tokenAt(declared) - 1];
  if (keyword === undefined) return [];
  const plain = call.name.slice(0, -1);
  const changes = [
    { start: call.start, end: call.nameStart + call.name.length, text: `${name} = ${name}.${plain}` },
    ...(code.textOf(keyword) === "const" ? [{ ...spanOf(keyword), text: "let" }] : []),
  ];
  return fixOf(`Use ${plain}() instead of ${call.name}()`, ...changes);
}

/** Writes to a leaf belong inside noGrad. */
function insideNoGrad(scene: FixScene): Fix[] {
  const { alert, code } = scene;
  const call = callAt(scene, alert.place);
  const statement = call === null ? null : code.statementAt(call.start);
  const imported = importing(code, "noGrad");
  if (!alert.message.includes("leaf Variable") || call === null || statement?.start !== call.start || imported === null)
    return [];
  return fixOf("Write inside noGrad", insert(call.start, "noGrad(() => "), insert(call.end, ")"), ...imported);
}

/** `w = w.sub(g)` becomes `noGrad(() => w.sub_(g))`. */
function updatedInPlace({ alert, code, locate }: FixScene): Fix[] {
  const offset = locate(alert.place);
  const statement = offset === null ? null : code.statementAt(offset);
  const imported = importing(code, "noGrad");
  if (statement === null || imported === null) return [];
  const text = code.textOf(statement);
  const found = /^([\p{L}_$][\p{L}\p{N}_$]*)\s*=\s*\1\s*\.\s*(sub|add|mul|div)\(/u.exec(text);
  const call = found === null ? null : code.callAt(statement.start + found[0].length - 1 - (found[2]?.length ?? 0));
  if (found === null || call === null) return [];
  const semicolon = text.endsWith(";") ? 1 : 0;
  const name = found[1] ?? "";
  if (call.end !== statement.end - semicolon) return [];
  return fixOf(
    `Change \`${found[1]}\` in place inside noGrad`,
    { start: statement.start, end: call.inside.start, text: `noGrad(() => ${found[1]}.${found[2]}_(` },
    insert(call.end, ")"),
    ...(isCleared(code, name, statement) ? [] : [insert(statement.end, `\n${statement.indent}${name}.grad = null;`)]),
    ...imported,
  );
}

/** Whether the gradient of a variable is set somewhere beside a statement. What changes in place keeps its gradient otherwise. */
function isCleared(code: SourceCode, name: string, statement: Span): boolean {
  const block = code.blockAt(statement.start);
  return code.tokens.some(
    ({ start }, i) =>
      code.word(i) === "grad" && code.word(i + 1) === "=" && code.word(i - 2) === name && code.blockAt(start) === block,
  );
}
