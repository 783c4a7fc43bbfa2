import { failedGradchecks, importCycles } from "./checks.ts";
import { doubleBackward } from "./errors/doubleBackward.ts";
import { inPlace } from "./errors/inPlace.ts";
import { noGradRoot } from "./errors/noGradRoot.ts";
import { autogradError, nonScalarRoot } from "./errors/others.ts";
import { gradNone, gradZero } from "./gradients.ts";
import { badNumbers } from "./nonFinite.ts";
import type { Rule } from "./rule.ts";
import { accumulated } from "./training/accumulated.ts";
import { AT_BOUNDS, deadRelu, HAS_LEARNED, saturated } from "./training/activations.ts";
import { targetBroadcast } from "./training/broadcast.ts";
import { clipAfterStep, clipNonFinite } from "./training/clipping.ts";
import { exploding, GROWTH, NORM, vanishing } from "./training/depth.ts";
import { frozen } from "./training/frozen.ts";
import { graphKeptAlive } from "./training/keptGraphs.ts";
import { neverUpdated } from "./training/leftOut.ts";
import { leafReassigned } from "./training/reassigned.ts";
import { staleOptimizer } from "./training/stale.ts";
import { stepBeforeBackward } from "./training/stepOrder.ts";
import { updateRatio } from "./training/updateRatio.ts";

/** Every rule. Alerts, settings, comments and the documentation read this table. */
export const rules: readonly Rule[] = [
  {
    kind: "nan",
    severity: "error",
    summary: "A result or a gradient is NaN.",
    looksFor:
      "the first op whose result (or gradient) is NaN or infinite although what it was made of is not, when NaN comes of it and reaches a loss, a gradient, a parameter, or a result that nothing else is made of. Infinities that the program itself puts in, as for masks, are left alone until they make NaN.",
    thresholds: {},
    fix: "see the causes below",
    find: (history) => badNumbers(history, "nan"),
  },
  {
    kind: "inf",
    severity: "error",
    summary: "A result or a gradient is infinite.",
    looksFor:
      "the same as for `nan`, when the infinity reaches a loss, a gradient or a parameter and has not become NaN.",
    thresholds: {},
    fix: "see the causes below",
    find: (history) => badNumbers(history, "inf"),
  },
  {
    kind: "nan-loss",
    severity: "error",
    summary: "The loss is NaN and its gradients are finite, so that nothing stops the training.",
    looksFor: "a root of backward that is NaN while every gradient of that backward is finite, as with log(−1).",
    thresholds: {},
    fix: "see the causes below",
    find: (history) => badNumbers(history, "nan-loss"),
  },
  {
    kind: "double-backward",
    severity: "error",
    summary: "A backward needs values that an earlier one has freed.",
    looksFor:
      "the error of a second backward; names the backward that freed the values, where they were saved, and which cure fits.",
    thresholds: {},
    fix: "run the forward pass again, or pass { retainGraph: true } to the first backward",
    endsRun: true,
    find: doubleBackward,
  },
  {
    kind: "no-grad-root",
    severity: "error",
    summary: "Backward starts at something that no recorded op leads to.",
    looksFor:
      "the error of such a backward; tells apart a comparison or cast on the way, detach, a copy through tensor() or item(), noGrad, frozen parameters, a gradient without createGraph, the derivative of a linear function, and plain values.",
    thresholds: {},
    fix: "create the inputs with { requiresGrad: true } and look for detach(), noGrad or item() on the way",
    endsRun: true,
    unlessHere: ["leaf-reassigned"],
    find: noGradRoot,
  },
  {
    kind: "non-scalar-root",
    severity: "error",
    summary: "Backward starts at a tensor of several elements without a gradient for it.",
    looksFor: "the error of such a backward.",
    thresholds: {},
    fix: "reduce the result with sum() or mean(), or pass a gradient of its shape",
    endsRun: true,
    find: nonScalarRoot,
  },
  {
    kind: "inplace",
    severity: "error",
    summary: "A value that backward needs was overwritten, or an in-place op was refused.",
    looksFor: "these errors; names where the value was saved and where it was overwritten, with both versions.",
    thresholds: {},
    fix: "use the out-of-place op, or clone() before writing",
    endsRun: true,
    unlessHere: ["step-before-backward"],
    find: inPlace,
  },
  {
    kind: "autograd-error",
    severity: "error",
    summary: "Another rule of autograd was broken, and the run ended with its error.",
    looksFor: "errors of autograd that no other rule explains.",
    thresholds: {},
    fix: "do what the message says",
    endsRun: true,
    find: autogradError,
  },
  {
    kind: "gradcheck",
    severity: "error",
    summary: "A gradcheck failed.",
    looksFor: "checks that came out false, thrown or not.",
    thresholds: {},
    fix: "compare the formula of the backward with the numerical Jacobian",
    find: failedGradchecks,
  },
  {
    kind: "import-cycle",
    severity: "warning",
    summary: "Files import each other in a circle, so that values may be used before they are set.",
    looksFor: "circles among the model's own files.",
    thresholds: {},
    fix: "move what both files need into a third file",
    find: importCycles,
  },
  {
    kind: "grad-none",
    severity: "warning",
    summary: "A tensor that asks for a gradient never gets one.",
    looksFor:
      "parameters of a stepping optimizer that no backward reaches; without an optimizer, named leaves whose values go into what is differentiated while the graph is cut; results whose `.grad` is read without retainGrad().",
    thresholds: {},
    fix: "look at the line that cuts the graph",
    find: gradNone,
  },
  {
    kind: "grad-zero",
    severity: "warning",
    summary: "The gradient of a tensor is zero throughout, because all ways to it multiply by zero.",
    looksFor:
      "leaves whose gradient is exactly zero in every backward, because of a factor that is zero and can't change, or an op that is flat everywhere (round, sign, floor). A slope that happens to be zero at one value is left alone.",
    thresholds: { backwards: { value: 2, meaning: "backwards with a zero gradient, where there are as many" } },
    fix: "look at the factor that is zero",
    find: gradZero,
  },
  {
    kind: "accumulated",
    severity: "warning",
    summary: "Gradients of earlier steps are added to those of this one: zeroGrad() is missing.",
    looksFor:
      "a backward that adds to a gradient which a step has used already, and a later step that uses the sum. Several backwards before one step, gradients that are cleared or scaled in between, and programs that never step are left alone.",
    thresholds: {},
    fix: "call optimizer.zeroGrad() before backward in every step",
    find: accumulated,
  },
  {
    kind: "step-before-backward",
    severity: "warning",
    summary: "The optimizer steps between the computation of the loss and its backward.",
    looksFor: "a step without any new gradient, followed by the backward of a loss that was there before it.",
    thresholds: {},
    fix: "call backward() first and optimizer.step() after it",
    find: stepBeforeBackward,
  },
  {
    kind: "clip-after-step",
    severity: "warning",
    summary: "Gradients are clipped after the step that used them.",
    looksFor:
      "clipping of gradients that a step has used and to which nothing was added since. A limit of Infinity only measures, and is left alone.",
    thresholds: {},
    fix: "clip between backward() and step()",
    find: clipAfterStep,
  },
  {
    kind: "clip-nonfinite",
    severity: "warning",
    summary: "Gradients are clipped by a norm that is NaN or infinite, which makes all of them bad.",
    looksFor: "such a norm, and a step that uses the gradients. Leaving the step out is handling it.",
    thresholds: {},
    fix: "pass { errorIfNonfinite: true }, or leave the step out when the norm is not finite",
    find: clipNonFinite,
  },
  {
    kind: "graph-kept-alive",
    severity: "warning",
    summary: "A running total keeps the graph of every pass alive.",
    looksFor:
      "a result that is computed from itself pass after pass with its graph, or a list of losses that is stacked at the end, when nothing is differentiated from it; and backwards that go through the graphs of all passes before them.",
    thresholds: {
      links: { value: 3, meaning: "passes that are kept" },
      growing: { value: 4, meaning: "backwards in a row that grow" },
    },
    fix: "add loss.item() or loss.detach() instead of the loss",
    find: graphKeptAlive,
  },
  {
    kind: "never-updated",
    severity: "warning",
    summary: "Parameters stay as they are although the program means to train them.",
    looksFor:
      "parameters with gradients that no optimizer holds while others are trained; an optimizer that clears gradients and never steps; gradients that are cleared before the step; steps that move nothing. Inputs that are differentiated, models whose input is optimized, and parameters that are changed by hand are left alone.",
    thresholds: { passes: { value: 2, meaning: "backwards that reach the parameters" } },
    fix: "give the parameters to the optimizer, or freeze them with requiresGrad_(false)",
    unless: ["step-before-backward"],
    find: neverUpdated,
  },
  {
    kind: "stale-optimizer",
    severity: "warning",
    summary: "The optimizer holds tensors that the model does not use any more.",
    looksFor:
      "optimized tensors that are not used from some step on, while a tensor of the same variable, path or shape gets gradients in their place.",
    thresholds: {},
    fix: "make the optimizer after the model is complete, or change tensors in place inside noGrad",
    find: staleOptimizer,
  },
  {
    kind: "leaf-reassigned",
    severity: "warning",
    summary: "A variable that held a leaf holds a result that was computed from it.",
    looksFor:
      "an assignment of a result that was computed with the leaf's gradient, and training that goes on with it; or a read of `.grad` after any such assignment. A result that is detached and made a leaf again is left alone.",
    thresholds: {},
    fix: "change the leaf in place: noGrad(() => w.sub_(w.grad.mul(lr)))",
    find: leafReassigned,
  },
  {
    kind: "frozen",
    severity: "warning",
    summary: "An optimizer was given a tensor that does not require grad.",
    looksFor:
      "plain tensors of a stepping optimizer without requiresGrad. Parameters of modules are frozen on purpose, and left alone.",
    thresholds: {},
    fix: "create it with { requiresGrad: true }",
    find: frozen,
  },
  {
    kind: "vanishing",
    severity: "warning",
    summary: "Gradients shrink on their way to the first layers until nothing is left.",
    looksFor:
      "weights whose gradient per element falls steadily with depth, in most of the backwards; or one call that runs many times in a pass, shrinks the gradient nearly each time, and leaves a leaf with next to nothing.",
    thresholds: {
      ratio: { value: 1e-5, meaning: "gradient of the first weight against that of the last" },
      layers: { value: 4, meaning: "weights at least" },
      chain: { value: 1e-8, meaning: "gradient after a run of calls against that before it" },
      depth: { value: 8, meaning: "calls at least" },
    },
    fix: "use ReLU or another activation that does not saturate, normalization, residual connections, or larger initial weights",
    find: vanishing,
  },
  {
    kind: "exploding",
    severity: "warning",
    summary: "Gradients grow on their way to the first layers, or from step to step.",
    looksFor:
      "weights whose gradient per element rises steadily toward the first layer; one call that runs many times in a pass and multiplies the gradient nearly each time; norms that rise from step to step. Programs that clip are judged by their steps alone.",
    thresholds: {
      ratio: { value: 1e4, meaning: "gradient of the first weight against that of the last" },
      layers: { value: 4, meaning: "weights at least" },
      chain: { value: 1e4, meaning: "gradient after a run of calls against that before it, in training" },
      alone: { value: 1e8, meaning: "the same, in a program without steps" },
      depth: { value: 8, meaning: "calls at least" },
      growth: { value: GROWTH, meaning: "largest norm of a step against the first" },
      norm: { value: NORM, meaning: "norm at least" },
    },
    fix: "clip with clipGradNorm_ between backward and step, take smaller initial weights or a smaller learning rate",
    find: exploding,
  },
  {
    kind: "dead-relu",
    severity: "warning",
    summary: "Units of a ReLU give 0 for every example, so that nothing before them learns.",
    looksFor:
      "ReLUs between weights of which nearly all units are 0 for the whole batch, time and again until the end.",
    thresholds: { share: { value: 0.9, meaning: "share of dead units" } },
    fix: "take smaller biases or a smaller learning rate, or use leakyRelu or gelu",
    find: deadRelu,
  },
  {
    kind: "saturated",
    severity: "warning",
    summary: "A sigmoid or tanh inside the model is at its bounds, where hardly any gradient passes.",
    looksFor:
      "sigmoids and tanhs between weights of which nearly all elements are at the bounds, time and again until the end. Last layers and the gates of recurrent cells are left alone.",
    thresholds: {
      share: { value: AT_BOUNDS, meaning: "share of elements at the bounds" },
      learned: { value: HAS_LEARNED, meaning: "last losses against the first ones, below which it has learned" },
    },
    fix: "normalize the inputs, take smaller initial weights, or use another activation",
    unless: ["update-ratio"],
    find: saturated,
  },
  {
    kind: "update-ratio",
    severity: "warning",
    summary: "Steps are far too large or far too small for the size of the weights.",
    looksFor:
      "the change of all parameters in a step against their size, in the median of the sampled steps, while the loss does not get better; or one step that makes the loss worse, or throws a sigmoid or tanh inside the model to its bounds.",
    thresholds: {
      largest: { value: 0.5, meaning: "change against size, at most" },
      smallest: { value: 1e-7, meaning: "change against size, at least" },
      steps: { value: 4, meaning: "sampled steps at least" },
      learned: { value: 0.95, meaning: "last losses against the first ones, below which it learns" },
    },
    fix: "change the learning rate",
    unless: ["exploding"],
    find: updateRatio,
  },
  {
    kind: "target-broadcast",
    severity: "warning",
    summary: "Predictions and targets of different shape are broadcast against each other.",
    looksFor:
      "a loss (or a difference that is squared and averaged, or a target times a logarithm) of two tensors with the same number of elements whose shapes broadcast to the square of it, as [n, 1] and [n] do. Differences of all pairs that the program asks for with unsqueeze are left alone.",
    thresholds: {},
    fix: "give both the same shape",
    find: targetBroadcast,
  },
];

/** The rule of a kind. */
export const ruleFor = (kind: string): Rule | undefined => rules.find((rule) => rule.kind === kind);
