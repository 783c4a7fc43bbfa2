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
