import { transformSync } from "esbuild";
import * as gradlens from "../engine/index.ts";
import { type Formula, type Op, ops } from "../engine/ops/op.ts";
import type { Sample } from "../engine/ops/samples.ts";

/** docs/ops.md: every op with its derivative, in the words of its own value. */
export function opDocument(): string {
  const all = [...ops].map(([title, op]): Entry => ({ title, op, calls: callsOf(op) }));
  all.sort((a, b) => (a.title.toLowerCase() < b.title.toLowerCase() ? -1 : 1));
  const [open = [], inner = []] = [true, false].map((isOpen) => all.filter(({ calls }) => calls.length > 0 === isOpen));
  const index = [...Map.groupBy(open, ({ title }) => title.charAt(0).toUpperCase())].map(indexLine);
  const parts = [head, ...index, ...open.map(section), innerHead, ...inner.map(section)];
  return `${parts.join("\n\n")}\n`;
}

/** An op, its key in the list of all, and how a user writes it; inner ops have no such way. */
interface Entry {
  readonly title: string;
  readonly op: Op;
  readonly calls: readonly string[];
}

const head = `# Ops

Written by \`npm run docs\` from the ops' own values; not to be edited by hand.

Each op says what it does, the name of its node in the graph, what it saves for backward, and the derivative with respect to each input: \`grad\` is the gradient of the output (\`grads\` of several), names
are those of saved inputs and outputs, \`attrs\` what else the op was called with. Derivatives are written in ops themselves, so each can be differentiated again. *Tried with* are inputs on which the derivative
and the derivative's derivative agree with finite differences.`;

const innerHead = `## Inside other ops

Steps of the ops above, mostly of their derivatives, that are ops themselves so that they can be differentiated.`;

function indexLine([letter, own]: readonly [string, readonly Entry[]]): string {
  return `**${letter}** ${own.map(({ title }) => `[${title}](#${anchor(title)})`).join(" · ")}`;
}

/** As GitHub and VS Code make them from headings. */
function anchor(title: string): string {
  return title
    .toLowerCase()
    .replaceAll(" ", "-")
    .replace(/[^\w-]/g, "");
}

function section({ title, op, calls }: Entry): string {
  const called = calls.length === 0 ? "" : ` ${calls.map(code).join(", ")}`;
  const derivatives = op.formulas.map((formula, i) => derivative(op.inputs[i] ?? `input ${i}`, formula));
  const lines = [`### ${title}`, "", `${op.summary}${called}`, "", `- ${factsOf(op).join("; ")}`];
  if (op.differentiable) lines.push(...derivatives);
  if (op.accepts.length > 0) lines.push(`- tried with ${op.accepts.map(sampleText).join(", ")}`);
  return lines.join("\n");
}

const surface: Readonly<Record<string, unknown>> = gradlens;
const homes = ["", "F", "linalg", "special"] as const;

/** As a function and as a method. */
function callsOf({ name, inputs }: Op): string[] {
  const [self = "x", ...rest] = inputs;
  const home = homes.find((one) => {
    const found = one === "" ? surface : surface[one];
    return typeof found === "object" && found !== null && name in found;
  });
  const asFunction = home === undefined ? [] : [`${home === "" ? "" : `${home}.`}${name}(${inputs.join(", ")})`];
  const asMethod = name in gradlens.Tensor.prototype ? [`${self}.${name}(${rest.join(", ")})`] : [];
  return [...asFunction, ...asMethod];
}

function factsOf(op: Op): string[] {
  const facts = [op.differentiable ? `node \`${op.node}\`` : "not differentiable"];
  if (op.outputs.length > 1) facts.push(`outputs ${op.outputs.map(code).join(", ")}`);
  if (op.symbol !== op.name) facts.push(`drawn as \`${op.symbol}\``);
  if (op.saves.length > 0) facts.push(`saves ${op.saves.map(code).join(", ")}`);
  return facts;
}

const code = (text: string): string => `\`${text}\``;

function derivative(input: string, formula: Formula | null): string {
  if (formula === null) return `- ∂\`${input}\`: none`;
  const text = formulaText(formula);
  return text.includes("\n") ? `- ∂\`${input}\`:\n${fenced(text)}` : `- ∂\`${input}\`: ${code(text)}`;
}

function fenced(text: string): string {
  return ["```ts", ...text.split("\n"), "```"].map((line) => `  ${line}`).join("\n");
}

/** The formula's source without types, comments and accidents of layout; of a single expression that alone. */
function formulaText(formula: Formula): string {
  const source = formula.toString();
  const printed = print(`(${source})`) ?? print(`({${source}})`) ?? source;
  const [, expression = printed] = /^\(?\{?[^=]*?\}?\)? => (?!\{\n)([\s\S]*)$/.exec(printed) ?? [];
  return expression.trim();
}

/** An expression as esbuild prints it, or null when it is none. */
function print(expression: string): string | null {
  try {
    const { code: printed } = transformSync(`$ = ${expression}`, { charset: "utf8", legalComments: "none" });
    return printed.replace(/^\$ = \(?/, "").replace(/\)?;\n$/, "");
  } catch {
    return null;
  }
}

/** `normal [2,3] [3]` becomes `[2, 3], [3]`: the domain of the values is the test's business. */
function sampleText({ tensors, call }: Sample): string {
  const shapes = tensors.map(({ shape }) => `[${shape.join(", ")}]`);
  const others = call.map((argument) => JSON.stringify(argument));
  return code(`(${[...shapes, ...others].join(", ")})`);
}
