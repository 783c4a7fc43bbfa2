import { isFloat } from "../base/dtype.ts";
import { elementsOf, type Tensor } from "./tensor.ts";

/** More elements than this are summarised by the first and last of each dimension. */
const THRESHOLD = 1000;
const EDGE = 3;

/** `tensor([1., 2.], requiresGrad=true)`, `tensor([2., 4.], gradFn=<MulBackward0>)`, as PyTorch prints. */
export function formatTensor(x: Tensor): string {
  const values = elementsOf(x);
  const show = elementFormat(values, x);
  const body = formatLevel(x, 0, 0, 7, values, show);
  const notes: string[] = [];
  if (x.elements === 0 && x.ndim !== 1) notes.push(`size=[${x.shape.join(", ")}]`);
  if (x.dtype !== "float32" && x.dtype !== "int64" && x.dtype !== "bool") notes.push(`dtype=${x.dtype}`);
  const node = x.gradFn;
  if (node !== null) notes.push(`gradFn=<${node.name}>`);
  else if (x.requiresGrad) notes.push("requiresGrad=true");
  const text = `tensor(${[body, ...notes].join(", ")})`;
  return x.isParameter ? `Parameter containing:\n${text}` : text;
}

function elementFormat(values: ArrayLike<number>, x: Tensor): (value: number) => string {
  if (x.dtype === "bool") return (value) => (value === 0 ? "false" : "true");
  if (!isFloat(x.dtype)) return (value) => String(value);
  let largest = 0;
  let smallest = Number.POSITIVE_INFINITY;
  let whole = true;
  for (let i = 0; i < values.length; i++) {
    const size = Math.abs(values[i]);
    if (!Number.isFinite(size) || size === 0) continue;
    largest = Math.max(largest, size);
    smallest = Math.min(smallest, size);
    if (!Number.isInteger(size)) whole = false;
  }
  const scientific = largest > 0 && (largest / smallest > 1000 || largest > 1e8 || smallest < 1e-4);
  return (value) => {
    if (Number.isNaN(value)) return "nan";
    if (!Number.isFinite(value)) return value > 0 ? "inf" : "-inf";
    if (scientific && !(whole && largest < 1e8)) return value.toExponential(4).replace(/e([+-])(\d)$/, "e$10$2");
    return whole ? `${value}.` : value.toFixed(4);
  };
}

function formatLevel(
  x: Tensor,
  dim: number,
  at: number,
  indent: number,
  values: ArrayLike<number>,
  show: (value: number) => string,
): string {
  if (dim === x.ndim) return show(values[at]);
  let block = 1;
  for (let d = dim + 1; d < x.ndim; d++) block *= x.shape[d];
  const n = x.shape[dim];
  const shown: (number | null)[] = [];
  for (let i = 0; i < n; i++) {
    if (x.elements > THRESHOLD && n > 2 * EDGE && i >= EDGE && i < n - EDGE) {
      if (i === EDGE) shown.push(null);
    } else shown.push(i);
  }
  const parts = shown.map((i) =>
    i === null ? "..." : formatLevel(x, dim + 1, at + i * block, indent + 1, values, show),
  );
  const last = dim === x.ndim - 1;
  return `[${parts.join(last ? ", " : `,${"\n".repeat(x.ndim - dim - 1)}${" ".repeat(indent + 1)}`)}]`;
}
