import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { asFields, asList, Malformed } from "./wellFormed.ts";

// The shapes of data/FORMAT.md as types. Numbers that JSON cannot write come as strings there and as numbers here.

/** A tensor in row-major order. */
export interface TensorData {
  readonly shape: readonly number[];
  readonly dtype: DTypeName;
  readonly data: readonly (number | boolean)[];
}

export type DTypeName = "float32" | "float64" | "int64" | "bool";

export interface Input extends TensorData {
  readonly name: string;
  readonly requires_grad: boolean;
}

/** One call of an op. */
export interface Step {
  readonly out: string | readonly string[];
  readonly op: string;
  readonly args: readonly Argument[];
  readonly kwargs: { readonly [name: string]: Argument };
}

export type Argument =
  | number
  | boolean
  | string
  | null
  | readonly Argument[]
  | { readonly ref: string }
  | { readonly dtype: string }
  | { readonly slice: readonly (number | null)[] }
  | { readonly ellipsis: true };

export interface Tolerance {
  readonly rtol: number;
  readonly atol: number;
}

interface Named {
  readonly name: string;
  readonly tol: Tolerance;
}

type Gradients = { readonly [input: string]: TensorData | null };

/** A program, its results and their gradients. */
export interface TapeCase extends Named {
  readonly kind?: undefined;
  readonly inputs: readonly Input[];
  readonly program: readonly Step[];
  readonly outputs: { readonly [variable: string]: TensorData };
  readonly grad_outputs?: { readonly [output: string]: readonly number[] };
  readonly grads?: Gradients;
  readonly second?: { readonly vectors: { readonly [input: string]: readonly number[] }; readonly grads: Gradients };
}

/** Keyword arguments of a class or function. */
export type Keywords = { readonly [name: string]: Argument };

/** Some steps of an optimizer on a program's loss. */
export interface OptimizerCase extends Named {
  readonly kind: "optimizer" | "training";
  readonly inputs: readonly Input[];
  readonly program: readonly Step[];
  readonly loss: string;
  readonly optimizer: string;
  readonly options: Keywords;
  readonly param_groups?: readonly ({ readonly params: readonly string[] } & Keywords)[];
  readonly scheduler?: string;
  readonly scheduler_options?: Keywords;
  readonly clip_grad_norm?: Keywords;
  readonly steps: number;
  readonly losses: readonly number[];
  /** By number of steps done, for some of them. */
  readonly trajectory: { readonly [steps: string]: { readonly [param: string]: readonly number[] } };
}

/** The learning rates that a scheduler sets. */
export interface SchedulerCase extends Named {
  readonly kind: "scheduler";
  readonly scheduler: string;
  readonly scheduler_options: Keywords;
  readonly base_lr: number;
  readonly lrs: readonly number[];
  readonly metrics?: readonly number[];
}

/** Gradients before and after clipping. */
export interface ClipCase extends Named {
  readonly kind: "clip_grad_norm_" | "clip_grad_value_";
  readonly options: Keywords;
  readonly grads_before: readonly TensorData[];
  readonly grads_after: readonly TensorData[];
  readonly total_norm?: number;
}

export type Case = TapeCase | OptimizerCase | SchedulerCase | ClipCase;

/** One file: `unary_f32.json` is the category `unary_f32`. */
export interface Category {
  readonly name: string;
  readonly cases: readonly Case[];
}

/** All files of a folder, by name. */
export function readCategories(folder: string): Category[] {
  return categoryFiles(folder).map(readCategory);
}

/** Paths of the files of a folder, by name. */
export function categoryFiles(folder: string): string[] {
  const files = readdirSync(folder).filter((file) => file.endsWith(".json"));
  return files.sort().map((file) => path.join(folder, file));
}

/** A file's name as that of its category. */
export const categoryName = (file: string): string => path.basename(file, ".json");

/** The cases of a file, which are checked when they are run. Throws Malformed for a file that has none to check. */
export function readCategory(file: string): Category {
  const content = asFields("the file", parse(readFileSync(file, "utf8")));
  return { name: categoryName(file), cases: asList("cases", content["cases"]) as readonly Case[] };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text, reviveNumber);
  } catch (error) {
    throw new Malformed(`Not JSON: ${error instanceof Error ? error.message : error}.`);
  }
}

const NOT_IN_JSON = new Set(["NaN", "Infinity", "-Infinity"]);

function reviveNumber(_key: string, value: unknown): unknown {
  return typeof value === "string" && NOT_IN_JSON.has(value) ? Number(value) : value;
}
