/** Where shapes and dtypes are taken, refused or given otherwise than in PyTorch, and why. */
export interface ShapeDifference {
  readonly why: string;
  /** Operands and Python's expression → how many combinations of operands differ. */
  readonly calls: { readonly [call: string]: number };
}

/** Most are accidents of PyTorch's steps; what a user might meet of them docs/parity.md tells. */
export const differences: readonly ShapeDifference[] = [
  {
    why: "PyTorch looks at less, or at nothing, when there are no elements to compute with",
    calls: {
      "f: F.batch_norm(x, None, None, training=True)": 1,
      "f: F.batch_norm(x, torch.zeros(2), torch.ones(2))": 4,
      "f: F.batch_norm(x, torch.zeros(3), torch.ones(3), training=True)": 6,
      "f f: F.batch_norm(x, y, y)": 37,
      "f: nn.BatchNorm1d(2)(x)": 2,
      "f: nn.BatchNorm1d(3)(x)": 4,
      "f: nn.BatchNorm1d(2).eval()(x)": 2,
      "f: nn.BatchNorm2d(2)(x)": 1,
      "f: nn.BatchNorm2d(3)(x)": 1,
      "f: nn.BatchNorm2d(3).eval()(x)": 1,
      "f: F.instance_norm(x, torch.zeros(2), torch.ones(2), use_input_stats=False)": 3,
      "f: nn.InstanceNorm2d(2, track_running_stats=True).eval()(x)": 2,
      "f f: F.scaled_dot_product_attention(x, y, y)": 15,
      "f f: F.scaled_dot_product_attention(x, x, x, y)": 21,
      "f i: F.embedding(y, x, padding_idx=0)": 2,
      "f f: x.index_add(0, torch.tensor([0, 1]), y)": 1,
      "any: x.gather(0, x)": 3,
      "f: x.roll([1, 1], [0, 1])": 1,
      "f: x.cummin(1)": 1,
      "any: x.normal_()": 3,
      "any: x.exponential_()": 3,
      "any: x.geometric_(0.5)": 1,
      "any: x.log_normal_()": 3,
      "any: torch.randn_like(x)": 3,
      "any: x.cumsum_(0)": 2,
      "any: x.cumprod_(0)": 2,
      "any: torch.linalg.multi_dot([x, x])": 1,
      "any: F.gumbel_softmax(x)": 1,
    },
  },
  {
    why: "of no elements PyTorch gives the operand itself back, whatever shape or dtype the result should have",
    calls: {
      "f: F.pixel_unshuffle(x, 2)": 3,
      "f: nn.PixelUnshuffle(2)(x)": 3,
      "any: F.softmax(x, -1)": 3,
      "any: F.log_softmax(x, -1)": 3,
      "any: nn.Softmax(dim=0)(x)": 3,
    },
  },
  {
    why: "of no elements PyTorch's own steps trip over what they made",
    calls: {
      "f: F.pad(x, [0, 0, 1, -1])": 2,
      "f: nn.InstanceNorm1d(2, affine=True)(x)": 1,
      "i: nn.EmbeddingBag(3, 2)(x)": 1,
    },
  },
  {
    why: "layers that learn their sizes from an input without channels",
    calls: {
      "f: nn.LazyConv1d(2, 1)(x)": 2,
      "f: nn.LazyConv2d(2, 2)(x)": 1,
      "f: nn.LazyConvTranspose1d(2, 1)(x)": 2,
      "f: nn.LazyBatchNorm1d()(x)": 2,
    },
  },
  {
    why: "PyTorch's lazy instance norm takes its features from dimension 1 also of an input without a batch, where they are in dimension 0",
    calls: {
      "f: nn.LazyInstanceNorm1d()(x)": 7,
      "f: nn.LazyInstanceNorm2d()(x)": 6,
    },
  },
  {
    why: "PyTorch counts the elements of a weight and does not look at its shape, so backward fails where forward did not; of no elements it looks at nothing",
    calls: {
      "f f: F.batch_norm(x, None, None, y, training=True)": 26,
      "f f: F.instance_norm(x, weight=y)": 1,
    },
  },
  {
    why: "with one output PyTorch's adaptive average is a mean, which has no channels to check",
    calls: {
      "f: F.adaptive_avg_pool1d(x, 1)": 1,
      'f: F.interpolate(x, 1, mode="area")': 1,
      'f: F.interpolate(x, 3, mode="area")': 1,
    },
  },
  {
    why: "PyTorch takes the rows of a right side with a dimension less for its batch; here it is one matrix for all",
    calls: {
      "f f: torch.linalg.lstsq(x, y).solution": 6,
    },
  },
  {
    why: "PyTorch flattens the batch before it adds a bias that would broadcast",
    calls: {
      "f f: F.linear(x, torch.ones(3, 2), y)": 3,
    },
  },
  {
    why: "a target [1] of one vector of classes is taken as by nllLoss, also with label smoothing",
    calls: {
      "f i: F.cross_entropy(x, y, label_smoothing=0.1)": 2,
    },
  },
  {
    why: "PyTorch reads beyond the last class",
    calls: {
      "f: F.ctc_loss(x, torch.tensor([[1]]), torch.tensor([1]), torch.tensor([1]))": 2,
    },
  },
  {
    why: "PyTorch takes a batch of hidden states for an input without one, and gives a batch",
    calls: {
      "f f: nn.RNNCell(2, 2)(x, y)": 1,
    },
  },
  {
    why: "PyTorch works in place on the target, whose dtype the result keeps; here dtypes meet",
    calls: {
      "any any: F.binary_cross_entropy_with_logits(x, y)": 2,
    },
  },
  {
    why: "what is written in place is converted, as by other methods in place",
    calls: {
      "any: x.float_power_(2)": 4,
      "any any: x.float_power_(y)": 6,
    },
  },
  {
    why: "what is written may overlap what it is written to: it is read before (row 40)",
    calls: {
      "any: x.put_(torch.tensor([0]), x)": 2,
    },
  },
  {
    why: "a mask without dimensions is taken, as by x[mask] = value",
    calls: {
      "f m: x.index_put((y,), torch.tensor(1.0))": 1,
    },
  },
  {
    why: "item() gives a number, as it is typed",
    calls: {
      "any: x.item()": 1,
    },
  },
];
