import { formatShort, formatValues } from "../../../engine/recording/queries/numbers.ts";
import type { Evaluated } from "../evaluator/messages.ts";

/** A log point's text with its expressions, which stand in braces, replaced by what they come to. */
export async function logText(template: string, evaluate: (expression: string) => Promise<Evaluated>): Promise<string> {
  let text = "";
  for (const part of template.split(/(\{[^{}]*\})/)) {
    text += /^\{.*\}$/.test(part) ? evaluatedText(await evaluate(part.slice(1, -1))) : part;
  }
  return text;
}

/** What an expression came to, in one line. */
export function evaluatedText(result: Evaluated): string {
  switch (result.kind) {
    case "tensor":
      return result.shape.length === 0
        ? formatShort(result.values[0] ?? Number.NaN)
        : `${formatValues(Array.from(result.values.subarray(0, 8)), result.shape)} ${result.dtype} [${result.shape.join(", ")}]`;
    case "plain":
      return result.text;
    case "error":
      return `<${result.message}>`;
  }
}
