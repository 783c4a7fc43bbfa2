/** A behaviour of PyTorch's autograd that this engine has, or has not for a reason. Tests carry the number in brackets. */
export interface Row {
  readonly id: string;
  readonly about: string;
  /** What of it does not apply here, and why. */
  readonly differs?: string;
}

const row = (id: string, about: string, differs?: string): Row =>
  differs === undefined ? { id, about } : { id, about, differs };

const MESSAGES = "Messages keep PyTorch's key phrase; identifiers in them are camelCase.";
const NO_COMPLEX = "There are no complex numbers: asking for a complex dtype says so.";
const MANY_VECTORS =
  "jacobian and hessian run as many backwards at once as keep gradients within the processor's caches, and isGradsBatched all that it is given; vectorize is taken and changes nothing. Custom Functions and ops without a batching rule still run for each vector by itself, as everything does where a hook, anomaly mode or a recording is to hear of each. Where inputs are far fewer than outputs, jacobian goes by columns, derivatives of v ↦ vᵀJ. For an input that nothing leads to, materializeGrads gives zeros with the batch dimension, and PyTorch gives them without.";

const TRANSFORMS =
  "func.vmap calls a function for each element, one after the other, where PyTorch calls it once for all: so it takes functions that read numbers, branch on them, write in place or draw their own random numbers, chunkSize changes nothing, and effects happen for each element. Random operations inside are refused until randomness says which. outDims are numbers. func.jvp and func.jacfwd are derivatives of v ↦ vᵀJ, since there are no dual numbers; func.linearize and functionalize are not here.";

const LAYOUT =
  "Results lie row-major and begin at version 0; PyTorch's may have the order of their operands, and the version that its own steps left. Ops take integers and masks also where PyTorch has no kernel for them; NaN and infinities stay what they are in int64, where PyTorch's number depends on the machine.";

/** What holds for all rows. */
export const forAllRows: readonly string[] = [MESSAGES, NO_COMPLEX, MANY_VECTORS, TRANSFORMS, LAYOUT];

/** By topic, in order. */
export const topics: readonly { readonly title: string; readonly rows: readonly Row[] }[] = [
  {
    title: "Leaves and requiresGrad",
    rows: [
      row("1", "A tensor is a leaf exactly when no recorded op made it"),
      row("2", "Which outputs require grad; round has zero gradient"),
      row("3", "Only floating point can require gradients"),
      row("4", "A non-leaf's flag can't be set; Parameter(nonLeaf) is a fresh leaf"),
      row("5", "A non-leaf's flag can't be cleared; the error says to detach"),
      row("6", "tensor(t) copies, cuts the graph and warns"),
      row(
        "7",
        "Reading raw data of a tensor that requires grad",
        "toArray() and tolist() give copies, which no write can lead back into the graph, so they are no error.",
      ),
      row("8", "deepcopy takes leaves only"),
      row(
        "9",
        "How tensors print, names of nodes",
        "The number at the end of a name counts PyTorch's overloads: here it is SumBackward0 also for sum(dim). What an op converts to another dtype has a node of its own, ToCopyBackward0, as has what an in-place op converts back.",
      ),
    ],
  },
  {
    title: "backward and grad",
    rows: [
      row("10", "An implicit gradient only for one element"),
      row("11", "Roots without a graph"),
      row("12", "Gradients of another shape"),
      row("13", "Gradients that are no tensors", "The part on complex and real dtypes does not apply."),
      row("14", "A second backward through freed values"),
      row(
        "15",
        "Only a freed value that is needed makes it an error",
        "Saved values are read with _saved(name). A node that no gradient reaches, or whose gradients nobody asks for, does not run, so it misses no freed value either; PyTorch runs many of them for nothing.",
      ),
      row(
        "16",
        "Gradients of linear functions; unused inputs",
        "Gradients through max and average pooling, hardshrink and softshrink alone do not require grad; PyTorch's do, and have zeros for second derivatives.",
      ),
      row("17", "Inputs that do not require grad"),
      row("18", "Empty inputs"),
      row("19", "materializeGrads"),
      row("20", "grad leaves .grad alone; backward with inputs"),
      row("21", "retainGraph follows createGraph; the warning about cycles"),
      row("22", "Broadcast, repeated indices, dtypes: gradients fit their inputs"),
      row("23", "Order of nodes; backward inside backward"),
      row(
        "24",
        "Exceptions of custom backwards surface unchanged",
        "A backward that fails changes no .grad, but of leaves with hooks that run after accumulation; PyTorch keeps what had arrived.",
      ),
    ],
  },
  {
    title: "Accumulation and .grad",
    rows: [
      row(
        "25",
        ".grad never aliases; in place later; out of place with createGraph",
        "PyTorch's .grad may share memory with the vector that backward was given, where that came through a view: later backwards write to both.",
      ),
      row("26", "Unreached parameters keep null; zero gradients still move Adam"),
      row("27", "What may be assigned to .grad"),
      row("28", "zeroGrad sets null by default"),
    ],
  },
  {
    title: "Gradients of non-leaves",
    rows: [
      row("29", "Reading .grad of a non-leaf warns"),
      row("30", "retainGrad: idempotent, nothing on a leaf, refused without requiresGrad"),
      row("31", "retainGrad keeps what is left after all hooks"),
    ],
  },
  {
    title: "In-place ops and versions",
    rows: [
      row("32", "Leaves that require grad refuse in-place ops before anything is written"),
      row("33", "A saved value that was overwritten"),
      row(
        "34",
        "What an op saves decides",
        "x.mul_(x), x.div_(x) and the like have the right gradient: copies of both operands are saved, where PyTorch saves one and refuses. pow by a tensor does not save its result. Of an operand that was converted to another dtype the converted one is saved.",
      ),
      row("35", "An optimizer step between forward and backward"),
      row("36", "Versions are shared by views and detach(), not by .data"),
      row("37", "A saved tensor that was detached in place"),
      row("38", "out= arguments", "There is no out= form: the option is unknown, and the error says so (row O)."),
      row("39", "Expanded tensors refuse in-place ops"),
      row(
        "40",
        "Writing a value that requires grad into a plain tensor",
        "What is written may overlap what it is written to: it is read before. PyTorch refuses. x[...] = v and the like, which write to all of a tensor, write to it and not to a view.",
      ),
    ],
  },
  {
    title: "Views",
    rows: [
      row(
        "41",
        "In-place ops on bases and views rewire both",
        "A view of a leaf that is written to under noGrad keeps its node; PyTorch gives it another, AsStridedBackward0, of the same gradient.",
      ),
      row(
        "42",
        "One of several views of an op",
        "After an in-place op on the base such a view still has its gradient; PyTorch refuses to say.",
      ),
      row(
        "43",
        "Views made under noGrad",
        "After an in-place op on the base the error comes with the backward that needs the view's gradient, not when somebody looks at its gradFn. Such a view does not require grad, as PyTorch's documentation says of all that noGrad makes; there it does when its base does.",
      ),
      row(
        "44",
        "Views made in custom Functions",
        "After an in-place op on the base the error comes with the backward that needs the view's gradient, not when somebody looks at its gradFn.",
      ),
      row("45", "Views can't be detached in place", "There is no distributed training to warn about."),
    ],
  },
  {
    title: "Modes",
    rows: [
      row(
        "46",
        "noGrad, enableGrad, setGradEnabled",
        "A mode belongs to an async context, as it does to a thread in PyTorch.",
      ),
      row(
        "47",
        "inferenceMode",
        "A view of a normal tensor made in there keeps its gradFn, where PyTorch makes it a leaf; a leaf made in there that requires grad has gradients outside, where PyTorch records nothing.",
      ),
      row("48", "Inference tensors can't be saved for backward"),
      row("49", "Inference tensors outside refuse in-place ops and requiresGrad"),
    ],
  },
  {
    title: "Hooks",
    rows: [
      row(
        "50",
        "Tensor hooks",
        "A hook is not called where no gradient arrives; PyTorch calls it with None. Nor is the hook, or retainGrad, of a single root that no input depends on, which PyTorch runs for nothing.",
      ),
      row("51", "What hooks may return"),
      row("52", "Order at a node and at a leaf"),
      row(
        "53",
        "Hooks under grad(…, inputs)",
        "An input's gradient is the one that its tensor hooks left, also where the gradient of another input comes through it: then PyTorch gives the one before them.",
      ),
      row("54", "Post-accumulate hooks"),
      row(
        "55",
        "Multi-grad hooks",
        "Roots of the backward count as well, and leaves under grad, which PyTorch refuses.",
      ),
      row(
        "56",
        "Module backward hooks",
        "There are no non-full backward hooks, which PyTorch deprecates, so they can't be mixed with full ones.",
      ),
      row("57", "Saved-tensor hooks", "A plain number is kept as it is and not packed: x.mul(2) packs nothing."),
    ],
  },
  {
    title: "Custom Functions",
    rows: [
      row("58", "Number and shapes of gradients"),
      row("59", "A missing backward, what is no tensor"),
      row("60", "Inputs marked dirty"),
      row("61", "Undefined gradients, non-differentiable outputs, plain values"),
      row("62", "onceDifferentiable"),
      row("63", "Returning an input as it is"),
      row("64", "Saved tensors are freed and version-checked"),
    ],
  },
  {
    title: "Anomaly mode",
    rows: [
      row("65", "The first NaN names its function; the trace of the forward call"),
      row("66", "What is looked at"),
      row("67", "The texts"),
    ],
  },
  {
    title: "gradcheck",
    rows: [
      row(
        "68",
        "Defaults, exceptions",
        "Batched checks are not here; forward-mode ones need dual numbers, which there are none of.",
      ),
      row("69", "The message, in slow and fast mode"),
      row("70", "What inputs it takes"),
      row("71", "Outputs without grad, non-determinism, undefined gradients, shapes that change"),
      row("72", "Kinks fail"),
      row("73", "gradgradcheck"),
    ],
  },
  {
    title: "Checkpoint",
    rows: [
      row(
        "74",
        "Choosing a kind",
        "There is only the non-reentrant kind, PyTorch's recommendation, so nothing has to be chosen.",
      ),
      row("75", "The re-entrant kind", "Not there: asking for it is refused. Its warnings can't arise."),
      row("76", "Determinism errors"),
      row("77", "Random numbers are replayed; runs again when needed; nesting"),
    ],
  },
  {
    title: "Derivatives at edges, optimizers, mistakes, profiler",
    rows: [
      row(
        "M",
        "Derivative conventions where there is no single derivative",
        "At the origin atan2 has NaN, as PyTorch had for long; 2.13 has zeros. ctcLoss has the derivative in its log-probabilities as they are; PyTorch takes them for normalized, which comes to the same after logSoftmax. What choleskySolve and choleskyInverse do not read of a matrix has gradient zero; PyTorch's is that of a whole matrix.",
      ),
      row("78", "What optimizers refuse"),
      row("79", "clipGradNorm_"),
      row(
        "O",
        "Shapes, losses and options that beginners get wrong",
        "Assigning a plain tensor to a parameter is refused when the module's parameters are next read, not in the assignment: properties are plain ones. Tensors without elements are checked as others are, where PyTorch skips some checks. A bias of linear, and a matrix in lstsq, broadcast also over a batch; PyTorch's adaptiveAvgPool2d and 3d take a dimension less when the output size is the number 1; floatPower_ converts its result, as other methods in place do.",
      ),
      row("80", "The profiler's table", "Ops have their public names, without aten::."),
      row("81", "The trace for Perfetto", "Only the object form of PyTorch 2 is written."),
    ],
  },
];
