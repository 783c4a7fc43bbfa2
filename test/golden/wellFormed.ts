/** A file or a case is not in the format of data/FORMAT.md; the message says where. */
export class Malformed extends Error {}

type Fields = { readonly [key: string]: unknown };

/** Checks what a case needs before it can be run, so that a slip in a file is told as one. */
export function checkCase(test: unknown): void {
  const fields = asFields("the case", test);
  checkTolerance(fields["tol"]);
  const { kind } = fields;
  if (kind === undefined) checkTape(fields);
  else if (kind === "optimizer" || kind === "training") checkTraining(fields);
  else if (kind === "scheduler") checkScheduler(fields);
  else if (kind === "clip_grad_norm_" || kind === "clip_grad_value_") checkClip(fields);
}

function checkTape(test: Fields): void {
  checkInputs(test["inputs"]);
  checkProgram(test["program"]);
  checkTensors("outputs", test["outputs"]);
  if (test["grad_outputs"] !== undefined) checkVectors("grad_outputs", test["grad_outputs"]);
  if (test["grads"] !== undefined) checkTensors("grads", test["grads"], true);
  if (test["second"] === undefined) return;
  const second = asFields("second", test["second"]);
  checkVectors("second.vectors", second["vectors"]);
  checkTensors("second.grads", second["grads"], true);
}

function checkTraining(test: Fields): void {
  checkInputs(test["inputs"]);
  checkProgram(test["program"]);
  for (const key of ["loss", "optimizer"]) asText(key, test[key]);
  asFields("options", test["options"]);
  for (const key of ["scheduler_options", "clip_grad_norm"]) if (test[key] !== undefined) asFields(key, test[key]);
  if (test["param_groups"] !== undefined) {
    asList("param_groups", test["param_groups"]).forEach((group, i) => {
      asList(`params of param_groups[${i}]`, asFields(`param_groups[${i}]`, group)["params"]);
    });
  }
  expect(Number.isInteger(test["steps"]), `steps must be a whole number, but is ${shown(test["steps"])}`);
  asNumbers("losses", test["losses"]);
  for (const [step, parameters] of Object.entries(asFields("trajectory", test["trajectory"]))) {
    checkVectors(`trajectory[${step}]`, parameters);
  }
}

function checkScheduler(test: Fields): void {
  asText("scheduler", test["scheduler"]);
  asFields("scheduler_options", test["scheduler_options"]);
  expect(typeof test["base_lr"] === "number", `base_lr must be a number, but is ${shown(test["base_lr"])}`);
  asNumbers("lrs", test["lrs"]);
  if (test["metrics"] !== undefined) asNumbers("metrics", test["metrics"]);
}

function checkClip(test: Fields): void {
  asFields("options", test["options"]);
  for (const key of ["grads_before", "grads_after"]) {
    asList(key, test[key]).forEach((gradient, i) => {
      checkTensor(`${key}[${i}]`, gradient);
    });
  }
}

function checkInputs(inputs: unknown): void {
  asList("inputs", inputs).forEach((input, i) => {
    asText(`the name of inputs[${i}]`, asFields(`inputs[${i}]`, input)["name"]);
    checkTensor(`inputs[${i}]`, input);
  });
}

function checkProgram(program: unknown): void {
  asList("program", program).forEach((entry, i) => {
    const step = asFields(`program[${i}]`, entry);
    asText(`op of program[${i}]`, step["op"]);
    const outs = Array.isArray(step["out"]) ? step["out"] : [step["out"]];
    for (const out of outs) asText(`out of program[${i}]`, out);
    const args = asList(`args of program[${i}]`, step["args"]);
    if (step["op"] === "__getitem__") asList(`the index of program[${i}]`, args[1]);
    asFields(`kwargs of program[${i}]`, step["kwargs"]);
  });
}

function checkTensors(what: string, tensors: unknown, orNull = false): void {
  for (const [name, tensor] of Object.entries(asFields(what, tensors))) {
    if (!(orNull && tensor === null)) checkTensor(`${what}.${name}`, tensor);
  }
}

function checkTensor(what: string, value: unknown): void {
  const tensor = asFields(what, value);
  const shape = asList(`shape of ${what}`, tensor["shape"]);
  for (const size of shape) {
    expect(
      typeof size === "number" && Number.isInteger(size) && size >= 0,
      `shape of ${what} must hold sizes, but holds ${shown(size)}`,
    );
  }
  asText(`dtype of ${what}`, tensor["dtype"]);
  const data = asList(`data of ${what}`, tensor["data"]);
  for (const element of data) {
    expect(
      typeof element === "number" || typeof element === "boolean",
      `data of ${what} must hold numbers or booleans, but holds ${shown(element)}`,
    );
  }
  const elements = shape.reduce<number>((product, size) => product * Number(size), 1);
  expect(data.length === elements, `data of ${what} has ${data.length} elements, but its shape has ${elements}`);
}

function checkVectors(what: string, vectors: unknown): void {
  for (const [name, vector] of Object.entries(asFields(what, vectors))) asNumbers(`${what}.${name}`, vector);
}

function checkTolerance(tol: unknown): void {
  const { rtol, atol } = asFields("tol", tol);
  expect(typeof rtol === "number" && typeof atol === "number", "tol must have the numbers rtol and atol");
}

function asNumbers(what: string, value: unknown): void {
  for (const element of asList(what, value)) {
    expect(typeof element === "number", `${what} must hold numbers, but holds ${shown(element)}`);
  }
}

function asText(what: string, value: unknown): void {
  expect(typeof value === "string" && value !== "", `${what} must be a name, but is ${shown(value)}`);
}

/** The value as a list. */
export function asList(what: string, value: unknown): readonly unknown[] {
  expect(Array.isArray(value), `${what} must be a list, but is ${shown(value)}`);
  return value as readonly unknown[];
}

/** The value as an object with keys. */
export function asFields(what: string, value: unknown): Fields {
  expect(
    typeof value === "object" && value !== null && !Array.isArray(value),
    `${what} must be an object, but is ${shown(value)}`,
  );
  return value as Fields;
}

function expect(holds: boolean, otherwise: string): void {
  if (!holds) throw new Malformed(`Not in the format: ${otherwise}.`);
}

function shown(value: unknown): string {
  if (value === undefined) return "missing";
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  return typeof value === "object" ? "an object" : JSON.stringify(value);
}
