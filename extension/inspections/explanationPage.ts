import { displayName } from "../../engine/recording/layout/text.ts";
import {
  type GradientExplanation,
  type GradientPath,
  numberText,
} from "../../engine/recording/queries/explainGradient.ts";
import { formatNumber } from "../../engine/recording/queries/numbers.ts";
import type { TensorInfo } from "../../engine/recording/queries/tensors.ts";
import { type Page, PageWriter } from "./page.ts";

/** More steps of one way than this are left out of its middle. */
const MAX_STEPS = 40;

/** The chain rule of one tensor's gradient as a text: every way from the root, with its factors and its share. */
export function explanationPage(tensor: TensorInfo, root: string, explanation: GradientExplanation): Page {
  const name = displayName(tensor.module ?? tensor.name ?? "tensor", 60);
  const { paths, pathCount, seed } = explanation;
  const writer = new PageWriter();
  writer.line(`Gradient of ${name}`, tensor.place).line();
  writer.line(`∂${root}/∂${name} = ${gradientText(tensor)}`);
  writer.line(
    `from the backward of ${root}${seed === null || seed === 1 ? "" : `, which began with ${numberText(seed)}`}`,
    explanation.backward,
  );
  writer.line(sumText(paths));
  const shown =
    pathCount > paths.length
      ? `The first ${paths.length} of ${countText(pathCount)} ways`
      : countText(paths.length, "way");
  writer.line().line(`${shown} from ${root} to ${name}:`);
  paths.forEach((path, i) => {
    writePath(writer, path, i, { root, name });
  });
  if (paths.some(({ product }) => product === null)) {
    writer
      .line()
      .line(
        "Factors are derivatives of single numbers. Of larger tensors ‖∇‖ is told, as it came to the op and as it went on;",
      );
    writer.line("shares are those of the norms that came to the tensor. ? is a number that was too large to be kept.");
  }
  return writer.page();
}

function gradientText({ grad }: TensorInfo): string {
  if (grad === null) return "not kept (it is not a leaf: retainGrad() keeps it)";
  const [only] = grad.sample;
  return grad.numel === 1 && only !== undefined ? numberText(only) : `a tensor with ‖∇‖ ${formatNumber(grad.norm)}`;
}

/** `= 22 + 22`, where every way is a product of single numbers. */
function sumText(paths: readonly GradientPath[]): string {
  const products = paths.map(({ product }) => product);
  if (products.length < 2 || products.some((product) => product === null)) return "";
  return `= ${products.slice(0, 8).map(numberText).join(" + ")}${products.length > 8 ? " + …" : ""}`;
}

function countText(n: number, noun = "ways"): string {
  if (!Number.isFinite(n)) return "more ways than can be counted";
  return noun === "ways" ? n.toLocaleString("en") : `${n} ${noun}${n === 1 ? "" : "s"}`;
}

function writePath(
  writer: PageWriter,
  { steps, product, share }: GradientPath,
  index: number,
  ends: { root: string; name: string },
): void {
  const factors = steps.map(({ factor }) => numberText(factor));
  const rule =
    product === null
      ? ""
      : `: ${factors.slice(0, 12).join(" · ")}${factors.length > 12 ? " · …" : ""} = ${numberText(product)}`;
  const part = share === null ? "" : ` ${percent(share)}`;
  writer
    .line()
    .line(`${index + 1}.${part === "" ? "" : part}${rule}`)
    .line(`     ${ends.root}`);
  const half = MAX_STEPS / 2;
  steps.forEach((step, i) => {
    const isLeftOut = steps.length > MAX_STEPS && i >= half && i < steps.length - half;
    if (isLeftOut && i === half) writer.line(`     … ${steps.length - MAX_STEPS} ops …`);
    if (isLeftOut) return;
    const size =
      step.factor !== null
        ? `× ${numberText(step.factor)}`
        : `‖∇‖ ${numberText(step.arrived)} → ${numberText(step.sent)}`;
    writer.line(`   ↓ ${step.op}()  ${size}`, step.place);
  });
  writer.line(`     ${ends.name}`);
}

function percent(share: number): string {
  const value = 100 * share;
  return value > 0 && value < 1 ? "<1%" : `${Math.round(value)}%`;
}
