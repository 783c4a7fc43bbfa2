import { EventKind } from "../../../engine/recording/schema.ts";
import { append, callAt, type Fix, type FixScene, fixOf, importing, isFunction, operand } from "./fix.ts";
import { safeBranch } from "./masked.ts";
import type { Call, SourceCode, Span } from "./sourceCode.ts";

type Repair = (scene: FixScene, call: Call) => Fix[];

const eps = "1e-8";

/** What takes a NaN or Inf away at the op where it was born, by the alert's cause; the best first. */
export const repairs: Readonly<Record<string, Repair>> = {
  "log-of-nonpositive": ({ code }, call) => [
    ...preciseForm(code, operand(code, call, 0)),
    ...withLogits(code, call),
    ...appending(code, call, 0, `.clamp({ min: ${eps} })`, "Keep the input above 0 with clamp"),
  ],
  "sqrt-of-negative": ({ code }, call) =>
    appending(code, call, 0, `.clamp({ min: ${eps} })`, "Keep the input above 0 with clamp"),
  "sqrt-grad-at-zero": (scene, call) => [
    // A step can make a leaf negative.
    ...(isOfLeaf(scene) ? [] : appending(scene.code, call, 0, `.add(${eps})`, `Add ${eps} inside the root`)),
    ...appending(scene.code, call, 0, `.clamp({ min: ${eps} })`, "Keep the input above 0 with clamp"),
  ],
  "pow-of-negative-base": ({ code }, call) => [
    ...appending(code, call, 0, `.clamp({ min: ${eps} })`, "Keep the base above 0 with clamp"),
    ...appending(code, call, 0, ".abs()", "Take the power of the absolute value"),
  ],
  "norm-grad-at-zero": ({ code }, call) => rootOfSquares(code, call),
  "division-by-zero": (scene, call) => [
    ...preciseForm(scene.code, operand(scene.code, call, 1)),
    ...divisor(scene, call),
  ],
  "zero-over-zero": (scene, call) => [
    ...preciseForm(scene.code, operand(scene.code, call, 1)),
    ...divisor(scene, call),
  ],
  "exp-overflow": ({ code }, call) => [
    ...stableForms(code, call),
    ...appending(code, call, 0, ".clamp({ max: 80 })", "Keep the exponent below 80 with clamp"),
  ],
  "zero-times-inf": ({ code }, call) => finiteMask(code, call),
  "inf-over-inf": ({ code }, call) => softmaxOf(code, call),
  "acos-at-edge": ({ code }, call) => {
    const bounds = call.name === "acosh" ? "{ min: 1 + 1e-6 }" : "{ min: -1 + 1e-6, max: 1 - 1e-6 }";
    return appending(code, call, 0, `.clamp(${bounds})`, "Keep the input inside the domain with clamp");
  },
  "atan2-at-origin": ({ code }, call) => appending(code, call, 1, `.add(${eps})`, `Move the point by ${eps}`),
  "masked-softmax-row": ({ code }) => finiteMask(code, { start: 0, end: code.text.length }),
  "std-of-one-element": ({ code }, call) => correction(code, call),
  "masked-where": safeBranch,
  "nan-in-data": (scene) => cleanData(scene),
};

/** The repairs for an alert about bad numbers. */
export function repairsOf(scene: FixScene): Fix[] {
  const { origin } = scene.alert;
  const repair = origin?.cause ? repairs[origin.cause] : undefined;
  const call = callAt(scene, origin?.place ?? null);
  if (repair === undefined) return [];
  if (origin?.cause === "nan-in-data") return cleanData(scene);
  return call === null ? [] : repair(scene, call);
}

function appending(code: SourceCode, call: Call, n: number, text: string, title: string): Fix[] {
  return fixOf(title, append(code, call, n, text));
}

/** The forward op of the alert's origin. */
function forwardOf({ alert, history }: FixScene): number {
  const event = alert.origin?.event ?? 0;
  const { kind, node } = history.recording.tables.events.column;
  return kind[event] === EventKind.node ? history.rows.forwardEvent(node[event] ?? 0) : event;
}

function isOfLeaf(scene: FixScene): boolean {
  const [input = 0] = scene.history.rows.inputs(forwardOf(scene));
  return scene.history.accumulates.has(input) && scene.history.optimized.has(input);
}

/** log(1 + y) is 0 for a y that is small against 1, and exp(y) − 1 as well; log1p and expm1 are not. */
function preciseForm(code: SourceCode, input: Span | null): Fix[] {
  if (input === null) return [];
  const made = meaning(code, input);
  const text = code.textOf(made);
  if (!code.isChain(made)) return [];
  if (text.endsWith(".add(1).log()"))
    return fixOf("Use log1p, which is exact near 0", { ...spanOf(made), text: `${text.slice(0, -13)}.log1p()` });
  if (text.endsWith(".exp().sub(1)"))
    return fixOf("Use expm1, which is exact near 0", { ...spanOf(made), text: `${text.slice(0, -13)}.expm1()` });
  return [];
}

/** Only a tensor can be added to, and the recording tells whether the divisor is one. */
function divisor(scene: FixScene, call: Call): Fix[] {
  const { code, history } = scene;
  if (call.name === "reciprocal") return appending(code, call, 0, `.add(${eps})`, `Add ${eps} to the divisor`);
  const isTensor = (history.rows.inputs(forwardOf(scene))[1] ?? 0) !== 0;
  return /^(div|divide|trueDivide)$/.test(call.name) && isTensor
    ? appending(code, call, 1, `.add(${eps})`, `Add ${eps} to the divisor`)
    : [];
}

/** A variable stands for what it is declared to be. */
function meaning(code: SourceCode, span: Span): Span {
  const text = code.textOf(span);
  return /^[\p{L}_$][\p{L}\p{N}_$]*$/u.test(text) ? (code.initializerOf(text) ?? span) : span;
}

/** The call that a chain ends with, when it is of this name: of `x.softmax(1)` that call. */
function lastCall(code: SourceCode, span: Span, ...names: readonly string[]): Call | null {
  for (const token of code.tokens) {
    if (token.start < span.start || token.end > span.end || token.kind !== "name") continue;
    const call = code.callAt(token.start);
    if (call !== null && call.start === span.start && call.end === span.end && names.includes(call.name)) return call;
  }
  return null;
}

/** The logarithm of a softmax or sigmoid has a form that can't overflow, and so have the losses made of it. */
function withLogits(code: SourceCode, call: Call): Fix[] {
  const input = operand(code, call, 0);
  if (call.name !== "log" || input === null) return [];
  const complement = /^([\p{L}_$][\p{L}\p{N}_$]*)\.neg\(\)\.add\(1\)$/u.exec(code.textOf(input))?.[1];
  const name = complement ?? code.textOf(input);
  const made = complement === undefined ? meaning(code, input) : code.initializerOf(complement);
  const inner = made === null ? null : lastCall(code, made, "softmax", "sigmoid");
  const logits = inner === null ? null : operand(code, inner, 0);
  if (inner === null || logits === null || !code.isChain(logits)) return [];
  const x = code.textOf(logits);
  if (inner.name === "sigmoid")
    return [...crossEntropyByHand(code, call, name, x), ...logSigmoids(code, call, name, x)];
  const text = `${x}.logSoftmax(${code.textOf(isFunction(code, inner) ? restOf(inner) : inner.inside)})`;
  return [
    ...crossEntropy(code, call, logits),
    ...fixOf("Use logSoftmax instead of the logarithm of softmax", { ...spanOf(call), text }),
  ];
}

/** Every logarithm of a probability p, and of 1 − p. */
function logSigmoids(code: SourceCode, call: Call, name: string, x: string): Fix[] {
  const logs = code.tokens
    .filter((token) => code.textOf(token) === "log")
    .map(({ start }) => code.callAt(start))
    .filter((one) => one !== null);
  const changes = logs.flatMap((one) => {
    const input = one.receiver === null ? "" : code.textOf(one.receiver);
    if (one.start === call.start && input === name) return [{ ...spanOf(one), text: `${x}.logsigmoid()` }];
    if (input === name) return [{ ...spanOf(one), text: `${x}.logsigmoid()` }];
    return input === `${name}.neg().add(1)` ? [{ ...spanOf(one), text: `${x}.neg().logsigmoid()` }] : [];
  });
  return fixOf("Use logsigmoid instead of the logarithm of sigmoid", ...changes);
}

/** −mean(t log p + (1 − t) log(1 − p)), as far as it is written like that. */
function crossEntropyByHand(code: SourceCode, call: Call, name: string, x: string): Fix[] {
  const statement = code.statementAt(call.start);
  const imported = importing(code, "F");
  const text = statement === null ? "" : code.textOf(statement);
  const p = name.replace(/[$.()]/g, "\\$&");
  const pattern = `([\\p{L}_$][\\p{L}\\p{N}_$]*)\\.mul\\(${p}\\.log\\(\\)\\)\\.add\\(\\1\\.neg\\(\\)\\.add\\(1\\)\\.mul\\(${p}\\.neg\\(\\)\\.add\\(1\\)\\.log\\(\\)\\)\\)\\.(?:mean\\(\\)\\.neg|neg\\(\\)\\.mean)\\(\\)`;
  const found = new RegExp(pattern, "u").exec(text.replace(/\s*\n\s*/g, ""));
  const at = found === null ? -1 : text.indexOf(found[0]);
  if (statement === null || imported === null || found === null || at === -1) return [];
  const start = statement.start + at;
  const change = { start, end: start + found[0].length, text: `F.binaryCrossEntropyWithLogits(${x}, ${found[1]})` };
  return fixOf("Use binaryCrossEntropyWithLogits", change, ...imported);
}

/** `F.nllLoss(p.log(), t)` of a softmax is `F.crossEntropy(x, t)`. */
function crossEntropy(code: SourceCode, log: Call, logits: Span): Fix[] {
  const loss = code.tokens
    .filter((token) => code.textOf(token) === "nllLoss")
    .map(({ start }) => code.callAt(start))
    .find((call) => call?.args[0]?.start === log.start && call.args[0].end === log.end);
  if (!loss) return [];
  const name = { start: loss.nameStart, end: loss.nameStart + loss.name.length, text: "crossEntropy" };
  return fixOf("Use crossEntropy on the logits", name, { ...spanOf(log), text: code.textOf(logits) });
}

const spanOf = ({ start, end }: Span): Span => ({ start, end });

/** What follows the first argument. */
function restOf({ args, inside }: Call): Span {
  return { start: args[1]?.start ?? inside.end, end: inside.end };
}

/** `x.exp().sum(d).log()` is `x.logsumexp(d)`; `e.div(e.sum(d))` of `e = x.exp()` is `x.softmax(d)`; eˣ / (1 + eˣ) is a sigmoid. */
function stableForms(code: SourceCode, exp: Call): Fix[] {
  const input = operand(code, exp, 0);
  if (exp.name !== "exp" || input === null || !code.isChain(input)) return [];
  const x = code.textOf(input);
  const sum = code.callAt(exp.end + 1);
  const log = sum === null ? null : code.callAt(sum.end + 1);
  if (sum?.name === "sum" && log?.name === "log" && sum.receiver?.end === exp.end && log.receiver?.end === sum.end) {
    return fixOf("Use logsumexp", {
      start: exp.start,
      end: log.end,
      text: `${x}.logsumexp(${code.textOf(sum.inside)})`,
    });
  }
  const name = nameOfInitializer(code, exp);
  return name === null ? [] : divisions(code, name, x);
}

/** The variable that is declared to be exactly this expression. */
function nameOfInitializer(code: SourceCode, span: Span): string | null {
  for (const token of code.tokens) {
    if (token.end > span.start || token.kind !== "name") continue;
    const found = code.initializerAt(token.start);
    if (found?.start === span.start && found.end === span.end) return code.textOf(token);
  }
  return null;
}

function divisions(code: SourceCode, name: string, x: string): Fix[] {
  const divides = code.tokens
    .filter((token) => code.textOf(token) === "div")
    .map(({ start }) => code.callAt(start))
    .filter((call) => call !== null && call.receiver !== null && code.textOf(call.receiver) === name);
  return divides.flatMap((call) => {
    const by = call?.args[0];
    if (!call || !by) return [];
    const sum = lastCall(code, by, "sum");
    if (sum?.receiver && code.textOf(sum.receiver) === name) {
      const dims = dimsOf(code.textOf(sum.inside));
      return dims === null ? [] : fixOf("Use softmax", { ...spanOf(call), text: `${x}.softmax(${dims})` });
    }
    return /^(\w+)\.add\(1\)$/.exec(code.textOf(by))?.[1] === name
      ? fixOf("Use sigmoid", { ...spanOf(call), text: `${x}.sigmoid()` })
      : [];
  });
}

/** The dim of a sum as softmax takes it; a sum of everything is along the only dim, or along none that softmax has. */
function dimsOf(inside: string): string | null {
  if (inside.trim() === "") return "-1";
  const dim = /^\s*(?:\{[^}]*\bdim:\s*)?(-?\d+)\b/.exec(inside)?.[1];
  return dim ?? null;
}

function softmaxOf(code: SourceCode, divide: Call): Fix[] {
  const e = divide.receiver === null ? null : meaning(code, divide.receiver);
  const exp = e === null ? null : lastCall(code, e, "exp");
  return exp === null ? [] : stableForms(code, exp);
}

/** The root of the sum of squares, with something inside that keeps it off 0. */
function rootOfSquares(code: SourceCode, call: Call): Fix[] {
  const input = operand(code, call, 0);
  if (call.name !== "norm" || input === null || !code.isChain(input) || isFunction(code, call)) return [];
  const inside = code.textOf(call.inside);
  if (!/^\s*(\{\s*(dim|keepdim)\b[^}]*\})?\s*$/.test(inside)) return [];
  const text = `.square().sum(${inside}).add(1e-12).sqrt()`;
  return fixOf("Add 1e-12 inside the root", { start: input.end, end: call.end, text });
}

/** A finite number hides as well as −∞ does, and leaves a row that is hidden throughout without NaN. */
function finiteMask(code: SourceCode, { start, end }: Span): Fix[] {
  const infinite = [
    ...code.text.matchAll(/-\s*(?:Number\.POSITIVE_INFINITY|Infinity)\b|\bNumber\.NEGATIVE_INFINITY\b/g),
  ];
  const changes = infinite
    .filter(({ index }) => index >= start && index < end && code.tokenAt(index) !== -1)
    .map(({ index, 0: text }) => ({ start: index, end: index + text.length, text: "-1e9" }));
  return fixOf("Mask with −1e9 instead of −Infinity", ...changes);
}

/** Division by n instead of n − 1. */
function correction(code: SourceCode, call: Call): Fix[] {
  const title = "Divide by n instead of n − 1 (correction: 0)";
  const inside = code.textOf(call.inside).trim();
  const replaced = (text: string): Fix[] => fixOf(title, { ...call.inside, text });
  if (isFunction(code, call)) return [];
  if (inside === "") return replaced("{ correction: 0 }");
  if (/^-?\d+$/.test(inside)) return replaced(`{ dim: ${inside}, correction: 0 }`);
  const fields = /^\{\s*([^{}]*?)\s*,?\s*\}$/.exec(inside)?.[1];
  return fields === undefined || /correction|unbiased/.test(fields)
    ? []
    : replaced(`{ ${fields}${fields === "" ? "" : ", "}correction: 0 }`);
}

/** Numbers that are no numbers become 0 where the data is made; a leaf that is to be trained must stay one. */
function cleanData({ code, alert, history, locate }: FixScene): Fix[] {
  const [tensor] = alert.tensors;
  const offset = locate(alert.place);
  const made = offset === null ? null : code.initializerAt(offset);
  if (made === null || !code.isChain(made) || /requiresGrad/.test(code.textOf(made))) return [];
  if (tensor !== undefined && history.accumulates.has(tensor) && alert.origin?.place === alert.place) return [];
  return fixOf("Replace NaN by 0 with nanToNum", { start: made.end, end: made.end, text: ".nanToNum(0)" });
}
