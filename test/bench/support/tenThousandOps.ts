// A training of a small model with a fault, about 10,000 ops forward.
import { F, manualSeed, nn, optim, randn, type Tensor } from "gradlens";

manualSeed(0);

class Net extends nn.Module {
  readonly layers = new nn.ModuleList(Array.from({ length: 6 }, () => new nn.Linear(8, 8)));
  readonly unused = new nn.Linear(8, 8);
  readonly out = new nn.Linear(8, 1);

  override forward(x: Tensor): Tensor {
    let h = x;
    for (const layer of this.layers) h = (layer as nn.Linear).forward(h).tanh();
    return this.out.forward(h);
  }
}

const net = new Net();
const optimizer = new optim.Adam(net.parameters(), { lr: 1e-3 });
const x = randn(16, 8);
const y = x.sum(1, true);
for (let step = 0; step < 350; step++) {
  optimizer.zeroGrad();
  const prediction = net.forward(x);
  const loss = F.mseLoss(prediction, y);
  loss.backward();
  optimizer.step();
}
