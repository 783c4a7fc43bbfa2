// Programs to debug. Line numbers in the tests are those of these texts.

export const chain = `import { tensor } from "gradlens";

const x = tensor(3, { requiresGrad: true });
const a = x.mul(2);
const b = a.add(5);
const y = b.pow(2);
y.backward();
console.log(x.grad?.item());
`;

export const training = `import { manualSeed, nn, optim, type Tensor, tensor } from "gradlens";

class Net extends nn.Module {
  readonly hidden = new nn.Linear(2, 3);
  readonly output = new nn.Linear(3, 1);

  override forward(input: Tensor): Tensor {
    const h = this.hidden.forward(input).tanh();
    return this.output.forward(h);
  }
}

manualSeed(1);
const net = new Net();
const optimizer = new optim.SGD(net.parameters(), { lr: 0.5 });
const input = tensor([[1, 2], [3, 4]]);

for (let step = 0; step < 3; step++) {
  optimizer.zeroGrad();
  const loss = net.forward(input).pow(2).mean();
  loss.backward();
  optimizer.step();
}
`;

export const nan = `import { tensor } from "gradlens";

const x = tensor([0, 1, 4], { requiresGrad: true });
const distance = x.mul(x).sqrt();
const loss = distance.sum();
loss.backward();
const bad = tensor([-1, 2]).log();
console.log(bad.sum().item());
`;

export const hooks = `import { tensor } from "gradlens";

const w = tensor([1, 2], { requiresGrad: true });
const h = w.mul(3);
h.registerHook((g) => g.mul(10));
const loss = h.sum();
loss.backward();
loss.detach();
w.grad?.mul_(2);
const v = w.detach();
v.add_(1);
`;

export const failing = `import { tensor } from "gradlens";

function compute() {
  const w = tensor([1, 2], { requiresGrad: true });
  return w.exp();
}

const y = compute();
y.backward();
`;

export const deep = `import { tensor } from "gradlens";

const x = tensor(2, { requiresGrad: true });
let y = x;
for (let i = 0; i < 12; i++)
  y = y.mul(i < 6 ? 1e-3 : 10);
y.backward();
`;

export const derivatives = `import { autograd, F, manualSeed, randn, tensor, type Tensor } from "gradlens";

class Cube extends autograd.Function {
  static forward(ctx: autograd.FunctionCtx, x: Tensor): Tensor {
    ctx.saveForBackward(x);
    return x.pow(3);
  }

  static backward(ctx: autograd.FunctionCtx, gradient: Tensor): Tensor {
    const [x] = ctx.savedTensors;
    return gradient.mul(x!.pow(2)).mul(3);
  }
}

manualSeed(0);
const w = tensor([[1, 2], [3, 4]], { requiresGrad: true, dtype: "float64" });
const b = tensor([0.5, -1], { requiresGrad: true, dtype: "float64" });
const cubes = Cube.apply(w.mul(0.25));
const wide = w.matmul(cubes).add(b);
const shares = wide.softmax(1);
const dropped = F.dropout(shares, 0.5);
const big = randn([200, 200], { requiresGrad: true });
const loss = dropped.mean().add(wide.relu().select(1, 0).sum()).add(big.matmul(big).max());
loss.backward();
`;

export const manyHooks = `import { nn, tensor } from "gradlens";

const w = tensor([[1, 2]], { requiresGrad: true });
w.registerHook((g) => g.mul(2));
w.registerPostAccumulateGradHook(() => undefined);
const h = w.mul(3);
h.registerHook(() => undefined);
h.registerHook((g) => g.mul(10));
h.gradFn?.registerPrehook((given) => given.map((g) => g && g.add(1)));
h.gradFn?.registerHook(() => undefined);
const linear = new nn.Linear(2, 1, { bias: false });
linear.weight.data.fill_(1);
linear.registerFullBackwardHook(() => undefined);
linear.forward(h).sum().backward();
`;

export const twoOptimizers = `import { manualSeed, nn, optim, tensor } from "gradlens";

manualSeed(0);
const maker = new nn.Linear(2, 2);
const judge = new nn.Linear(2, 1);
const makers = new optim.Adam(maker.parameters(), { lr: 0.1 });
const judges = new optim.SGD(judge.parameters(), { lr: 0.1 });
const z = tensor([[1, 2]]);
for (let step = 0; step < 2; step++) {
  judges.zeroGrad();
  judge.forward(maker.forward(z).detach()).pow(2).sum().backward();
  judges.step();
  makers.zeroGrad();
  judge.forward(maker.forward(z)).pow(2).sum().backward();
  makers.step();
}
`;

export const nested = `import { autograd, gradcheck, tensor } from "gradlens";

const x = tensor([2], { requiresGrad: true, dtype: "float64" });
const y = x.pow(3);
const [g] = autograd.grad(y, x, { createGraph: true });
const z = g.mul(g).sum();
z.backward({ retainGraph: true });
z.backward();
console.log(x.grad, gradcheck((a) => a.sin(), [x]));
y.backward();
y.backward();
`;

export const large = `import { manualSeed, randn } from "gradlens";

manualSeed(0);
const w = randn([400, 300], { requiresGrad: true });
for (let i = 0; i < 3; i++) {
  const h = w.mul(i);
  h.sum().backward();
}
`;

export const spread = `import { tensor } from "gradlens";
import { lib } from "lib";
import { helper } from "./helper.ts";

const x = tensor([2], { requiresGrad: true });
async function work() {
  await new Promise((done) => setTimeout(done, 10));
  const a = helper(x);
  await null;
  return lib(a);
}
const y = await work();
y.backward();
`;
