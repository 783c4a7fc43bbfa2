import { escapeXml } from "../svg.ts";

/** Text that is markup already. */
export class Markup {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** What may stand in a template: texts and numbers are escaped, markup is taken as it is, lists are joined, null is nothing. */
export type Content = string | number | Markup | null | readonly Content[];

/** A template for markup in which every text is escaped. */
export function html(strings: TemplateStringsArray, ...contents: readonly Content[]): Markup {
  let text = strings[0];
  contents.forEach((content, i) => {
    text += textOf(content) + strings[i + 1];
  });
  return new Markup(text);
}

function textOf(content: Content): string {
  if (content === null) return "";
  if (content instanceof Markup) return content.text;
  if (typeof content === "string" || typeof content === "number") return escapeXml(visible(String(content)));
  return content.map(textOf).join("");
}

/** Characters that turn text around or hide it are seen. */
const visible = (text: string): string =>
  text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu, (c) => ("\n\t".includes(c) ? c : "\ufffd"));
