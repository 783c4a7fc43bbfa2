import { count, exactly, flag, line, list, number, numeric, object, orNull, type Shape, text } from "./shape.ts";

/** Words that may be added to, so a word that is not here is a question to whoever adds it: is it in the documentation? */
const kinds = [
  ..."nan inf nan-loss grad-none grad-zero accumulated vanishing exploding inplace double-backward no-grad-root".split(
    " ",
  ),
  ..."non-scalar-root step-before-backward clip-after-step clip-nonfinite graph-kept-alive stale-optimizer".split(" "),
  ..."frozen never-updated dead-relu saturated update-ratio target-broadcast leaf-reassigned import-cycle".split(" "),
  ..."gradcheck autograd-error more".split(" "),
];
const causes = [
  ..."log-of-nonpositive sqrt-grad-at-zero zero-times-inf zero-over-zero division-by-zero inf-minus-inf".split(" "),
  ..."exp-overflow pow-of-negative-base norm-grad-at-zero acos-at-edge atan2-at-origin masked-softmax-row".split(" "),
  ..."std-of-one-element masked-where nan-in-data custom-backward hook".split(" "),
  ..."sqrt-of-negative inf-over-inf overflow".split(" "),
];
const gradReasons = [
  ..."not-required not-reached detached no-grad-mode item copy non-differentiable-op integer-cast".split(" "),
  ..."non-leaf reassigned zero-factor not-in-optimizer cleared".split(" "),
];
const gradcheckCauses = [
  ..."sign transposed factor missing-sum missing-term kink float32 nondeterministic undefined-grad".split(" "),
];

const place = { file: orNull(text), line: orNull(line) };
const step = { op: text, phase: exactly("forward", "backward"), ...place };

const statistics = object({
  numel: count,
  min: numeric,
  max: numeric,
  mean: numeric,
  std: numeric,
  norm: numeric,
  zeros: count,
  nan: count,
  inf: count,
  sample: list(numeric),
});

const tensor = object({
  id: count,
  name: orNull(text),
  module: orNull(text),
  ...place,
  shape: list(count),
  dtype: exactly("float32", "float64", "int32", "int64", "bool"),
  isLeaf: flag,
  requiresGrad: flag,
  gradFn: orNull(text),
  isParameter: flag,
  value: orNull(statistics),
  grad: orNull(statistics),
  gradStatus: exactly("present", "none", "not-retained", "zero", "nonfinite"),
  gradReason: orNull(exactly(...gradReasons)),
});

const alert = object({
  kind: exactly(...kinds),
  severity: exactly("error", "warning", "info"),
  message: text,
  ...place,
  step: orNull(count),
  origin: orNull(object({ ...step, element: orNull(list(count)), cause: orNull(exactly(...causes)) })),
  chain: list(object(step)),
  fix: orNull(text),
});

const worst = object({ output: count, input: count, row: count, col: count, analytical: numeric, numerical: numeric });

const gradcheck = object({
  name: text,
  ...place,
  passed: flag,
  maxAbsError: numeric,
  maxRelError: numeric,
  worst: orNull(worst),
  diagnosis: orNull(text),
  cause: orNull(exactly(...gradcheckCauses)),
  blame: orNull(object({ op: text, ...place })),
});

const frame = object({ function: orNull(text), file: text, line, column: line });

/** What `gradlens run --json` prints, key by key: a promise to other programs. */
export const reportShape: Shape = object({
  schema: exactly(1),
  file: text,
  ok: flag,
  durationMs: number,
  ops: object({ forward: count, backward: count }),
  tensors: list(tensor),
  alerts: list(alert),
  gradchecks: list(gradcheck),
  steps: list(object({ step: count, loss: numeric, gradNorm: numeric })),
  console: list(object({ stream: exactly("stdout", "stderr"), text })),
  error: orNull(object({ name: text, message: text, ...place, stack: list(frame) })),
  notes: list(text),
  truncated: orNull(text),
});
