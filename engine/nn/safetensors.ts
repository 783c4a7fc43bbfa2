import { fromBuffer, Tensor } from "../autograd/tensor.ts";
import { allocate, type DType, type TypedArray } from "../base/dtype.ts";
import { ArgumentError, checkOptions } from "../base/errors.ts";
import { elementCount, type Shape } from "../base/shape.ts";
import type { StateDict } from "./stateDict.ts";

/*
 * The safetensors format: 8 bytes with the length of the header (little-endian), the header as JSON, then the elements of
 * all tensors one after the other, row-major and little-endian. The header says of each tensor where it lies:
 * {"name":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]}, …}, and may hold texts under "__metadata__".
 */

/** Options of `save` and `saveFile`. */
export interface SaveOptions {
  /** Texts that go into the file: `{ format: "pt" }`. */
  readonly metadata?: Readonly<Record<string, string>> | undefined;
}

interface TensorInfo {
  readonly dtype: string;
  readonly shape: Shape;
  readonly data_offsets: readonly [begin: number, end: number];
}

/** How elements of a type stand in a file. Types that the engine lacks are read into the nearest wider one. */
interface Codec {
  readonly bytes: number;
  readonly dtype: DType;
  read(from: DataView, at: number): number;
}

const MAX_HEADER = 100_000_000;
const LENGTH_BYTES = 8;

const codecs: Readonly<Record<string, Codec>> = {
  BOOL: { bytes: 1, dtype: "bool", read: (from, at) => Number(from.getUint8(at) !== 0) },
  U8: { bytes: 1, dtype: "int32", read: (from, at) => from.getUint8(at) },
  I8: { bytes: 1, dtype: "int32", read: (from, at) => from.getInt8(at) },
  U16: { bytes: 2, dtype: "int32", read: (from, at) => from.getUint16(at, true) },
  I16: { bytes: 2, dtype: "int32", read: (from, at) => from.getInt16(at, true) },
  U32: { bytes: 4, dtype: "int64", read: (from, at) => from.getUint32(at, true) },
  I32: { bytes: 4, dtype: "int32", read: (from, at) => from.getInt32(at, true) },
  U64: { bytes: 8, dtype: "int64", read: (from, at) => exact(from.getBigUint64(at, true)) },
  I64: { bytes: 8, dtype: "int64", read: (from, at) => exact(from.getBigInt64(at, true)) },
  F16: { bytes: 2, dtype: "float32", read: (from, at) => half(from.getUint16(at, true)) },
  BF16: { bytes: 2, dtype: "float32", read: (from, at) => brainFloat(from.getUint16(at, true)) },
  F32: { bytes: 4, dtype: "float32", read: (from, at) => from.getFloat32(at, true) },
  F64: { bytes: 8, dtype: "float64", read: (from, at) => from.getFloat64(at, true) },
};

interface Target {
  /** Name in a file. */
  readonly name: string;
  readonly bytes: number;
  write(to: DataView, at: number, value: number): void;
}

/** Per dtype, those that a file puts first above: Python's library writes tensors in this order, so that all are aligned. */
const targets: Readonly<Record<DType, Target>> = {
  int64: { name: "I64", bytes: 8, write: (to, at, value) => to.setBigInt64(at, BigInt(value), true) },
  float64: { name: "F64", bytes: 8, write: (to, at, value) => to.setFloat64(at, value, true) },
  float32: { name: "F32", bytes: 4, write: (to, at, value) => to.setFloat32(at, value, true) },
  int32: { name: "I32", bytes: 4, write: (to, at, value) => to.setInt32(at, value, true) },
  bool: { name: "BOOL", bytes: 1, write: (to, at, value) => to.setUint8(at, value) },
};
const order = Object.keys(targets);

/** The tensors as the bytes of a safetensors file, the same that Python's library writes. */
export function save(tensors: StateDict, options: SaveOptions = {}): Uint8Array {
  checkOptions("safetensors.save", options, ["metadata"]);
  const entries = Object.entries(tensors).sort(byTypeThenName);
  for (const [name, x] of entries) checkTensor(name, x);
  let size = 0;
  const header: [string, unknown][] = options.metadata === undefined ? [] : [["__metadata__", options.metadata]];
  for (const [name, x] of entries) {
    const { name: dtype, bytes } = targets[x.dtype];
    const end = size + x.elements * bytes;
    header.push([name, { dtype, shape: x.shape, data_offsets: [size, end] }]);
    size = end;
  }
  const text = new host.TextEncoder().encode(jsonObject(header));
  const headerLength = Math.ceil(text.length / 8) * 8;
  const file = new Uint8Array(LENGTH_BYTES + headerLength + size).fill(0x20, LENGTH_BYTES, LENGTH_BYTES + headerLength);
  const view = new DataView(file.buffer);
  view.setBigUint64(0, BigInt(headerLength), true);
  file.set(text, LENGTH_BYTES);
  let at = LENGTH_BYTES + headerLength;
  for (const [, x] of entries) at = writeElements(view, at, x.toArray(), targets[x.dtype]);
  return file;
}

/** Like Python's library: by type, widest first, then by name in the order of its UTF-8 bytes. */
function byTypeThenName([a, x]: [string, Tensor], [b, y]: [string, Tensor]): number {
  return order.indexOf(x.dtype) - order.indexOf(y.dtype) || compareCodePoints(a, b);
}

function compareCodePoints(a: string, b: string): number {
  const [x, y] = [Array.from(a), Array.from(b)];
  for (let i = 0; i < Math.min(x.length, y.length); i++) {
    const difference = (x[i].codePointAt(0) ?? 0) - (y[i].codePointAt(0) ?? 0);
    if (difference !== 0) return difference;
  }
  return x.length - y.length;
}

function checkTensor(name: string, x: unknown): void {
  if (!(x instanceof Tensor)) {
    throw new ArgumentError("safetensors.save", `'${name}' is not a tensor, but ${x === null ? "null" : typeof x}`);
  }
  if (name === "__metadata__") {
    throw new ArgumentError("safetensors.save", "a tensor can't be called '__metadata__': the format keeps that name");
  }
}

/** Entry by entry: an object would put keys that look like numbers first. */
const jsonObject = (entries: readonly [string, unknown][]): string =>
  `{${entries.map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`).join(",")}}`;

function writeElements(to: DataView, start: number, values: TypedArray, { bytes, write }: Target): number {
  let at = start;
  for (let i = 0; i < values.length; i++, at += bytes) write(to, at, values[i]);
  return at;
}

/**
 * The tensors of a safetensors file, by name. F16 and BF16 become float32, small integers int32.
 *
 * @throws ArgumentError when the bytes are no such file.
 */
export function load(bytes: Uint8Array): StateDict {
  const { entries, data } = readHeader(bytes);
  return Object.fromEntries(entries.map(([name, info]) => [name, readTensor(name, info, data)]));
}

/** The texts that a safetensors file carries. */
export function loadMetadata(bytes: Uint8Array): Record<string, string> {
  return readHeader(bytes).metadata;
}

interface Header {
  readonly entries: readonly [name: string, info: TensorInfo][];
  readonly metadata: Record<string, string>;
  readonly data: DataView;
}

function readHeader(bytes: Uint8Array): Header {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < LENGTH_BYTES) throw invalid(`it has ${bytes.length} bytes, fewer than the length of a header`);
  const length = Number(view.getBigUint64(0, true));
  if (length > MAX_HEADER) throw invalid(`its header would have ${length} bytes`);
  if (LENGTH_BYTES + length > bytes.length) throw invalid("it ends before its header does");
  const header = parseHeader(bytes.subarray(LENGTH_BYTES, LENGTH_BYTES + length));
  const { __metadata__: metadata = {}, ...infos } = header;
  if (!isTexts(metadata)) throw invalid("__metadata__ may only hold texts");
  const entries = Object.entries(infos).map(([name, info]): [string, TensorInfo] => [name, checkInfo(name, info)]);
  const data = new DataView(bytes.buffer, bytes.byteOffset + LENGTH_BYTES + length);
  checkOffsets(entries, bytes.length - LENGTH_BYTES - length);
  return { entries, metadata, data };
}

function parseHeader(bytes: Uint8Array): Record<string, unknown> {
  let header: unknown;
  try {
    const text = new host.TextDecoder("utf-8", { fatal: true }).decode(bytes);
    if (!text.startsWith("{")) throw new SyntaxError("it does not begin with {");
    header = JSON.parse(text);
  } catch (error) {
    throw invalid(`its header is not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  return header as Record<string, unknown>;
}

const isTexts = (value: unknown): value is Record<string, string> =>
  typeof value === "object" && value !== null && Object.values(value).every((text) => typeof text === "string");

function checkInfo(name: string, info: unknown): TensorInfo {
  const { dtype, shape, data_offsets: offsets } = (info ?? {}) as Partial<TensorInfo>;
  if (typeof dtype !== "string" || !areSizes(shape) || !areSizes(offsets) || offsets.length !== 2) {
    throw invalid(`of tensor '${name}' it must say dtype, shape and data_offsets`);
  }
  const codec = Object.hasOwn(codecs, dtype) ? codecs[dtype] : undefined;
  if (codec === undefined)
    throw invalid(`tensor '${name}' has dtype ${dtype}; known are ${Object.keys(codecs).join(", ")}`);
  const size = elementCount(shape) * codec.bytes;
  if (offsets[1] - offsets[0] !== size) {
    throw invalid(
      `tensor '${name}' of shape [${shape.join(", ")}] needs ${size} bytes, but has [${offsets.join(", ")}]`,
    );
  }
  return { dtype, shape, data_offsets: [offsets[0], offsets[1]] };
}

const areSizes = (value: unknown): value is readonly number[] =>
  Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && size >= 0);

/** The tensors lie one after the other and fill the file: no gaps to hide anything in, no overlaps. */
function checkOffsets(entries: Header["entries"], size: number): void {
  let at = 0;
  for (const [name, { data_offsets: offsets }] of [...entries].sort(([, a], [, b]) => firstByte(a) - firstByte(b))) {
    if (offsets[0] !== at) throw invalid(`tensor '${name}' begins at byte ${offsets[0]} of the data, not at ${at}`);
    at = offsets[1];
  }
  if (at !== size) throw invalid(`its tensors need ${at} bytes, but it has ${size}`);
}

/** Empty tensors come before the one that begins at the same byte. */
const firstByte = ({ data_offsets: [begin, end] }: TensorInfo): number => begin + (end > begin ? 0.5 : 0);

function readTensor(name: string, { dtype, shape, data_offsets: [begin] }: TensorInfo, data: DataView): Tensor {
  const codec = codecs[dtype];
  const n = elementCount(shape);
  const values = allocate(codec.dtype, n);
  for (let i = 0; i < n; i++) {
    const value = codec.read(data, begin + i * codec.bytes);
    if (Number.isNaN(value) && codec.dtype === "int64") throw invalid(`tensor '${name}' has integers beyond 2^53`);
    values[i] = value;
  }
  return fromBuffer(values, shape, codec.dtype);
}

/** NaN stands for an integer that a JavaScript number can't hold. */
function exact(value: bigint): number {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : Number.NaN;
}

/** IEEE 754 half precision: 1 sign bit, 5 of the exponent, 10 of the fraction. */
function half(bits: number): number {
  const sign = (bits & 0x8000) === 0 ? 1 : -1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

const scratch = new DataView(new ArrayBuffer(4));

/** The upper half of a float32. */
function brainFloat(bits: number): number {
  scratch.setUint32(0, bits << 16);
  return scratch.getFloat32(0);
}

const invalid = (why: string): ArgumentError =>
  new ArgumentError("safetensors.load", `this is no safetensors file: ${why}`);

/** Every host has these; the engine's types know none. */
interface Host {
  readonly TextEncoder: new () => { encode(text: string): Uint8Array };
  readonly TextDecoder: new (encoding: string, options: { fatal: boolean }) => { decode(bytes: Uint8Array): string };
  readonly process?: { getBuiltinModule?: (name: string) => Files | undefined };
}

const host = globalThis as unknown as Host;

interface Files {
  readFileSync(path: string): Uint8Array;
  writeFileSync(path: string, bytes: Uint8Array): void;
}

/** The host's files, asked for at run time because the engine itself depends on no host. */
function files(op: string): Files {
  const found = host.process?.getBuiltinModule?.("node:fs");
  if (found === undefined)
    throw new ArgumentError(op, "there are no files here: use save and load, which work on bytes");
  return found;
}

/** Writes tensors, such as a module's `stateDict()`, to a safetensors file. */
export function saveFile(tensors: StateDict, path: string, options: SaveOptions = {}): void {
  files("safetensors.saveFile").writeFileSync(path, save(tensors, options));
}

/** Reads the tensors of a safetensors file, for `loadStateDict`. */
export function loadFile(path: string): StateDict {
  return load(files("safetensors.loadFile").readFileSync(path));
}
