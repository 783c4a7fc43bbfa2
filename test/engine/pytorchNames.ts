import { readFileSync } from "node:fs";
import * as gradlens from "../../engine/index.ts";
import { leftOut } from "./leftOut.ts";

/** A public name of PyTorch's, and where it stands: `Tensor`, `torch`, `nn`, `F` … */
export interface PytorchName {
  readonly home: string;
  readonly name: string;
}

/** A name of PyTorch's that is not here, with its reason; null when nobody gave one. */
export interface LeftOutName extends PytorchName {
  readonly why: string | null;
}

const names = JSON.parse(readFileSync(new URL("../fixtures/pytorch/names.json", import.meta.url), "utf8")) as Readonly<
  Record<string, readonly string[]>
>;

const { autograd, F, linalg, nn, optim, special, Tensor, tensor } = gradlens;

/** Where each of PyTorch's homes is here. */
const homes: Readonly<Record<string, readonly object[]>> = {
  Tensor: [Tensor.prototype, tensor([1])],
  torch: [gradlens, autograd, nn.utils.rnn],
  nn: [nn],
  F: [F],
  linalg: [linalg],
  special: [special],
  autograd: [autograd],
  functional: [autograd.functional],
  graph: [autograd.graph],
  optim: [optim],
  lr: [optim.lrScheduler],
  init: [nn.init],
  utils: [nn.utils],
  rnn: [nn.utils.rnn],
  Module: [nn.Module.prototype, new nn.Module()],
  parametrizations: [nn.utils.parametrizations, nn.utils],
};

/** Every public name of PyTorch 1.13 that has none here. */
export function missingNames(): LeftOutName[] {
  return Object.entries(names).flatMap(([home, all]) =>
    all
      .filter((name) => !homes[home]?.some((here) => camelCase(name) in here || name in here))
      .map((name) => ({ home, name, why: leftOut.find((reason) => reason.names.test(name))?.why ?? null })),
  );
}

/** How many public names of PyTorch there are. */
export const countOfNames = (): number => Object.values(names).reduce((sum, all) => sum + all.length, 0);

const camelCase = (name: string): string =>
  name.replace(/(?<=[a-zA-Z0-9])_([a-zA-Z0-9])/g, (_, letter: string) => letter.toUpperCase());
