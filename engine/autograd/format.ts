import { isFloat, type TypedArray } from "../base/dtype.ts";
import type { Tensor } from "./tensor.ts";

/** More elements than this are summarised by the first and last of each dimension. */
const THRESHOLD = 1000;
const EDGE = 3;
const LINE = 80;
const PREFIX = "tensor(";

/** `tensor([1., 2.], requiresGrad=true)`, `tensor([2., 4.], gradFn=<MulBackward0>)`, as PyTorch prints. */
export function formatTensor(x: Tensor): string {
  const values = x.toArray();
  const shown: number[] = [];
  visit(x, 0, 0, (at) => void shown.push(values[at]));
  const show = x.dtype === "bool" ? plainly(bool) : isFloat(x.dtype) ? notationFor(shown) : plainly(String);
  const body = x.elements === 0 ? "[]" : formatLevel(x, 0, 0, PREFIX.length, columnOf(values, shown, show));
  const text = withNotes(PREFIX + body, notesOn(x));
  return x.isParameter ? `Parameter containing:\n${text}` : text;
}

const DESCRIBED = 6;

/** One line about a tensor, its first elements at the end. Reads without telling the observer: nobody's program asked. */
export function describeTensor(x: Tensor): string {
  const role = x.isLeaf ? "leaf" : (x.gradFn?.name ?? "non-leaf");
  const facts = [x.dtype, `[${x.shape.join(", ")}]`, role, ...(x.isLeaf && x.requiresGrad ? ["requiresGrad"] : [])];
  const first = Array.from({ length: Math.min(DESCRIBED, x.elements) }, (_, i) => elementText(x, i));
  const more = x.elements > DESCRIBED ? ", …" : "";
  const values = x.ndim === 0 ? first.join("") : `[${first.join(", ")}${more}]`;
  return `${facts.join(" ")} ${values}`;
}

/** Of the element with this row-major number. */
function elementText(x: Tensor, number: number): string {
  let at = x.offset;
  let rest = number;
  for (let d = x.ndim - 1; d >= 0; d--) {
    at += (rest % x.shape[d]) * x.strides[d];
    rest = Math.floor(rest / x.shape[d]);
  }
  const value = x.storage.values[at];
  return x.dtype === "bool" ? String(value !== 0) : String(Number(value.toPrecision(6)));
}

function notesOn(x: Tensor): string[] {
  const notes: string[] = [];
  if (x.elements === 0 && x.ndim !== 1) notes.push(`size=[${x.shape.join(", ")}]`);
  // Elements tell integers and booleans apart from the default dtype, where there are any.
  const isTold = x.dtype === "float32" || (x.elements > 0 && (x.dtype === "int64" || x.dtype === "bool"));
  if (!isTold) notes.push(`dtype=${x.dtype}`);
  const node = x.gradFn;
  if (node !== null) notes.push(`gradFn=<${node.name}>`);
  else if (x.requiresGrad) notes.push("requiresGrad=true");
  return notes;
}

/** A note that does not fit on the line begins one of its own. */
function withNotes(body: string, notes: readonly string[]): string {
  let text = body;
  let length = body.length - body.lastIndexOf("\n") + 1;
  for (const note of notes) {
    const fits = length + note.length + 2 <= LINE;
    text += fits ? `, ${note}` : `,\n${" ".repeat(PREFIX.length)}${note}`;
    length = fits ? length + note.length + 2 : PREFIX.length + note.length;
  }
  return `${text})`;
}

type Show = (value: number) => string;

/** How elements are written, in a column that the ordinary ones fill: zeros alone, NaN and infinities may stick out. */
interface Notation {
  readonly show: Show;
  readonly counts: (value: number) => boolean;
}

interface Column {
  readonly width: number;
  readonly show: (at: number) => string;
}

function columnOf(values: TypedArray, shown: readonly number[], { show, counts }: Notation): Column {
  const width = shown.reduce((most, value) => (counts(value) ? Math.max(most, show(value).length) : most), 1);
  return { width, show: (at) => show(values[at]).padStart(width) };
}

const bool: Show = (value) => (value === 0 ? "false" : "true");
const plainly = (show: Show): Notation => ({ show, counts: () => true });
const isOrdinary = (value: number): boolean => value !== 0 && Number.isFinite(value);

/** One notation for all: whole numbers, four digits after the point, or scientific when sizes differ much. */
function notationFor(shown: readonly number[]): Notation {
  const sizes = shown.filter(isOrdinary).map(Math.abs);
  const [most, least] = [Math.max(...sizes), Math.min(...sizes)];
  const whole = sizes.every(Number.isInteger);
  const scientific = sizes.length > 0 && (most / least > 1000 || most > 1e8 || (!whole && least < 1e-4));
  const finite: Show = scientific
    ? exponential
    : whole
      ? (value) => `${signOfZero(value)}${value.toFixed(0)}.`
      : (value) => rounded(value, "toFixed");
  return { show: (value) => nonFinite(value) ?? finite(value), counts: isOrdinary };
}

function nonFinite(value: number): string | null {
  if (Number.isFinite(value)) return null;
  return Number.isNaN(value) ? "nan" : value > 0 ? "inf" : "-inf";
}

/** Two digits in the exponent at least: `1.5000e+00`. */
const exponential: Show = (value) => rounded(value, "toExponential").replace(/e([+-])(\d)$/, "e$10$2");

/** Four digits after the point, as Python rounds: an exact half goes to the even digit, which JavaScript rounds up. */
function rounded(value: number, write: "toFixed" | "toExponential"): string {
  const even = /^(.*\.\d{3}[02468])50*(e.*)?$/.exec(value[write](100));
  return signOfZero(value) + (even === null ? value[write](4) : `${even[1]}${even[2] ?? ""}`);
}

/** JavaScript leaves it out. */
const signOfZero = (value: number): string => (Object.is(value, -0) ? "-" : "");

/** Which indices of a dimension are shown; null stands for those left out. */
function shownIndices(x: Tensor, dim: number): (number | null)[] {
  const n = x.shape[dim];
  if (x.elements <= THRESHOLD || n <= 2 * EDGE) return Array.from({ length: n }, (_, i) => i);
  const edge = Array.from({ length: EDGE }, (_, i) => i);
  return [...edge, null, ...edge.map((i) => n - EDGE + i)];
}

function blockOf(x: Tensor, dim: number): number {
  return x.shape.slice(dim + 1).reduce((product, size) => product * size, 1);
}

function visit(x: Tensor, dim: number, at: number, found: (at: number) => void): void {
  if (dim === x.ndim) found(at);
  else for (const i of shownIndices(x, dim)) if (i !== null) visit(x, dim + 1, at + i * blockOf(x, dim), found);
}

function formatLevel(x: Tensor, dim: number, at: number, indent: number, column: Column): string {
  if (dim === x.ndim) return column.show(at);
  const block = blockOf(x, dim);
  const last = dim === x.ndim - 1;
  const parts = shownIndices(x, dim).map((i) =>
    i === null ? (last ? " ..." : "...") : formatLevel(x, dim + 1, at + i * block, indent + 1, column),
  );
  const margin = " ".repeat(indent + 1);
  if (!last) return `[${parts.join(`,${"\n".repeat(x.ndim - dim - 1)}${margin}`)}]`;
  const perLine = Math.max(1, Math.floor((LINE - indent) / (column.width + 2)));
  const lines = Array.from({ length: Math.ceil(parts.length / perLine) }, (_, i) =>
    parts.slice(i * perLine, (i + 1) * perLine).join(", "),
  );
  return `[${lines.join(`,\n${margin}`)}]`;
}
