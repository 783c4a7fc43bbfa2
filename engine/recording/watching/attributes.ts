/** What the attributes of an op's last call were: names and values in a row, of a list its length and what is in it. */
interface Described {
  readonly parts: readonly unknown[];
  readonly text: string;
}

const MAX_LIST = 8;

/** Attributes of ops as texts. An op has as a rule those of its last call: that is seen without making the text anew. */
export class AttributeTexts {
  private readonly last = new Map<string, Described>();

  /** JSON for people: numbers, strings, booleans and short lists; nothing else. */
  of(op: string, attrs: unknown): string {
    if (attrs === null || typeof attrs !== "object") return "";
    const before = this.last.get(op);
    if (before !== undefined && hasParts(attrs, before.parts)) return before.text;
    const text = textOf(attrs);
    this.last.set(op, { parts: partsOf(attrs), text });
    return text;
  }
}

type Attributes = Readonly<Record<string, unknown>>;

function partsOf(attrs: object): unknown[] {
  const parts: unknown[] = [];
  for (const key in attrs) {
    const value = (attrs as Attributes)[key];
    parts.push(key);
    if (isShortList(value)) parts.push(value.length, ...value);
    else parts.push(value);
  }
  return parts;
}

/** The parts of these attributes are compared one by one, for they may be in lists that were written to since. */
function hasParts(attrs: object, parts: readonly unknown[]): boolean {
  let at = 0;
  for (const key in attrs) {
    const value = (attrs as Attributes)[key];
    if (parts[at++] !== key) return false;
    if (!isShortList(value)) {
      if (!Object.is(parts[at++], value)) return false;
      continue;
    }
    if (parts[at++] !== value.length) return false;
    for (let i = 0; i < value.length; i++) if (!Object.is(parts[at++], value[i])) return false;
  }
  return at === parts.length;
}

const isShortList = (value: unknown): value is readonly unknown[] => Array.isArray(value) && value.length <= MAX_LIST;

function textOf(attrs: object): string {
  let text = "";
  for (const key in attrs) {
    const value = attributeText((attrs as Attributes)[key]);
    if (value !== "") text += `${text === "" ? "{" : ","}"${key}":${value}`;
  }
  return text === "" ? "" : `${text}}`;
}

function attributeText(value: unknown): string {
  if (typeof value === "number") return Number.isFinite(value) ? String(value) : "null";
  if (typeof value === "boolean") return value ? "true" : "false";
  if (typeof value === "string") return JSON.stringify(value);
  if (!isShortList(value) || !value.every((item) => typeof item === "number")) return "";
  return JSON.stringify(value);
}
