import { Tensor, tensor } from "../../engine/index.ts";
import { expectClose, expectSame } from "./compare.ts";
import type { ClipCase, Keywords, OptimizerCase, SchedulerCase } from "./format.ts";
import { keywords, makeInputs, makeTensor, runProgram, type Variables, variable } from "./program.ts";
import { findClass, findFunction, Unsupported } from "./surface.ts";
import { asList } from "./wellFormed.ts";

/** What a case needs of an optimizer. */
interface Optimizer {
  readonly paramGroups: readonly { readonly lr: number }[];
  zeroGrad(): void;
  step(closure?: () => Tensor): unknown;
}

interface Scheduler {
  step(metric?: number): void;
}

/** Trains for some steps and compares every loss and every parameter after every step. */
export function runOptimizerCase(test: OptimizerCase): void {
  const inputs = makeInputs(test.inputs);
  const optimizer = makeOptimizer(test, inputs);
  const scheduler =
    test.scheduler === undefined ? null : makeScheduler(optimizer, test.scheduler, test.scheduler_options ?? {});
  const lossAndGradients = (): Tensor => {
    optimizer.zeroGrad();
    const variables = new Map(inputs);
    runProgram(test.program, variables);
    const loss = variable(test.loss, variables);
    loss.backward();
    if (test.clip_grad_norm !== undefined) clip("clip_grad_norm_", parametersOf(test, inputs), test.clip_grad_norm);
    return loss;
  };
  for (let step = 1; step <= test.steps; step++) {
    const loss = stepOnce(test.optimizer, optimizer, lossAndGradients);
    expectClose(`loss of step ${step}`, [loss], test.losses.slice(step - 1, step), test.tol);
    for (const [name, want] of Object.entries(test.trajectory[step] ?? {})) {
      expectClose(`${name} after step ${step}`, variable(name, inputs).toArray(), want, test.tol);
    }
    scheduler?.step();
  }
}

/** LBFGS evaluates the loss itself, as often as it likes; the others step on gradients that are there. */
function stepOnce(optimizerName: string, optimizer: Optimizer, lossAndGradients: () => Tensor): number {
  if (optimizerName === "LBFGS") return numberOf(optimizer.step(lossAndGradients));
  const loss = lossAndGradients();
  optimizer.step();
  return loss.item();
}

function parametersOf(test: OptimizerCase, inputs: Variables): Tensor[] {
  return test.inputs.filter((input) => input.requires_grad).map(({ name }) => variable(name, inputs));
}

function makeOptimizer(test: OptimizerCase, inputs: Variables): Optimizer {
  const groups = test.param_groups?.map(({ params, ...options }) => ({
    params: params.map((name) => variable(name, inputs)),
    ...keywords(options as Keywords),
  }));
  const Class = findClass(`optim.${test.optimizer}`);
  return new Class(groups ?? parametersOf(test, inputs), keywords(test.options)) as Optimizer;
}

/** Compares the learning rate after construction and after each step. */
export function runSchedulerCase(test: SchedulerCase): void {
  const parameter = tensor([1], { dtype: "float64" }).requiresGrad_();
  const optimizer = new (findClass("optim.SGD"))([parameter], { lr: test.base_lr }) as Optimizer;
  const scheduler = makeScheduler(optimizer, test.scheduler, test.scheduler_options);
  const rates = [learningRate(optimizer)];
  for (let k = 1; k < test.lrs.length; k++) {
    optimizer.step();
    scheduler.step(test.metrics?.[k - 1]);
    rates.push(learningRate(optimizer));
  }
  expectClose("lr", rates, test.lrs, test.tol);
}

const learningRate = (optimizer: Optimizer): number => optimizer.paramGroups[0]?.lr ?? Number.NaN;

function makeScheduler(optimizer: Optimizer, name: string, options: Keywords): Scheduler {
  const Class = findClass(`optim.lrScheduler.${name}`);
  const given = schedulerOptions(optimizer, options);
  // The only one that finds the optimizer in the schedulers it is given.
  if (name === "ChainedScheduler") return new Class(given) as Scheduler;
  return new Class(optimizer, given) as Scheduler;
}

/** Functions and other schedulers, which JSON can only describe, become what they describe. */
function schedulerOptions(optimizer: Optimizer, options: Keywords): { [option: string]: unknown } {
  const { lambda, schedulers, ...rest } = options;
  if (lambda !== undefined) return { lrLambda: lrLambda(options) };
  if (schedulers === undefined) return keywords(rest);
  const chained = asList("schedulers", schedulers).map((entry, i) => {
    const [name, own] = asList(`schedulers[${i}]`, entry) as readonly [string, Keywords];
    return makeScheduler(optimizer, name, own);
  });
  return { schedulers: chained, ...keywords(rest) };
}

function lrLambda(options: Keywords): (k: number) => number {
  if (options["lambda"] === "pow") return (k) => Number(options["base"]) ** k;
  if (options["lambda"] !== "inv_sqrt_warmup") throw new Unsupported(`lambda ${options["lambda"]}`);
  const warmup = Number(options["warmup"]);
  return (k) => Math.min((k + 1) ** -0.5, (k + 1) * warmup ** -1.5);
}

/** Compares gradients after clipping, and the norm that clipping returned. */
export function runClipCase(test: ClipCase): void {
  const parameters = test.grads_before.map((before) => {
    const parameter = makeTensor({ ...before, data: before.data.map(() => 0) }).requiresGrad_();
    parameter.grad = makeTensor(before);
    return parameter;
  });
  const norm = clip(test.kind, parameters, test.options);
  if (test.total_norm !== undefined) expectClose("total norm", [numberOf(norm)], [test.total_norm], test.tol);
  test.grads_after.forEach((want, i) => {
    expectSame(`gradient ${i}`, parameters[i]?.grad as Tensor, want, test.tol);
  });
}

/** The bound is a required operand, so it is positional. */
function clip(name: "clip_grad_norm_" | "clip_grad_value_", parameters: readonly Tensor[], options: Keywords): unknown {
  const { max_norm, clip_value, ...rest } = options;
  const more = Object.keys(rest).length === 0 ? [] : [keywords(rest)];
  return findFunction(`nn.utils.${name}`)(parameters, max_norm ?? clip_value, ...more);
}

const numberOf = (value: unknown): number => (value instanceof Tensor ? value.item() : Number(value));
