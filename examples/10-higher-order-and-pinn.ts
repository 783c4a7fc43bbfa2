// 10 · Higher-order derivatives, and a small PINN
//
// createGraph records the gradient's own computation, so it can be differentiated again. A physics-informed network uses
// that: it is trained so that its derivative satisfies a differential equation, here u′ = −u with u(0) = 1, whose
// solution is e^(−t).
import { autograd, linspace, manualSeed, nn, optim, type Tensor, tensor } from "gradlens";

// d³/dx³ of x⁴ at 2 is 24x = 48.
const x = tensor(2, { requiresGrad: true });
const y = x.pow(4);
const [first] = autograd.grad(y, x, { createGraph: true });
const [second] = autograd.grad(first as Tensor, x, { createGraph: true });
const [third] = autograd.grad(second as Tensor, x);
console.log("x⁴:", first?.item(), second?.item(), third?.item()); // 32, 48, 48

manualSeed(0);
const net = new nn.Sequential(new nn.Linear(1, 16), new nn.Tanh(), new nn.Linear(16, 1));
const optimizer = new optim.Adam(net.parameters(), { lr: 0.01 });
const start = tensor([[0]]);

for (let step = 0; step < 600; step++) {
  optimizer.zeroGrad();
  const t = linspace(0, 2, 20).reshape(20, 1).requiresGrad_();
  const u = net.forward(t);
  const [du] = autograd.grad(u.sum(), t, { createGraph: true });
  const residual = (du as Tensor).add(u).pow(2).mean(); // u′ + u = 0
  const boundary = net.forward(start).sub(1).pow(2).mean(); // u(0) = 1
  const loss = residual.add(boundary);
  loss.backward();
  optimizer.step();
}
const atOne = net.forward(tensor([[1]])).item();
console.log(`u(1) = ${atOne.toFixed(3)}, e⁻¹ = ${Math.exp(-1).toFixed(3)}`);
