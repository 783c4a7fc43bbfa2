// 13 · A training loop
//
// A small network learns XOR. The order matters: zeroGrad, forward, backward, step.
import { manualSeed, nn, noGrad, optim, type Tensor, tensor } from "gradlens";

class Xor extends nn.Module {
  readonly hidden = new nn.Linear(2, 8);
  readonly output = new nn.Linear(8, 1);

  override forward(input: Tensor): Tensor {
    return this.output.forward(this.hidden.forward(input).tanh());
  }
}

manualSeed(1);
const model = new Xor();
const lossFunction = new nn.BCEWithLogitsLoss();
const optimizer = new optim.Adam(model.parameters(), { lr: 0.05 });

const inputs = tensor([
  [0, 0],
  [0, 1],
  [1, 0],
  [1, 1],
]);
const targets = tensor([[0], [1], [1], [0]]);

for (let epoch = 0; epoch < 200; epoch++) {
  optimizer.zeroGrad();
  const logits = model.forward(inputs);
  const loss = lossFunction.forward(logits, targets);
  loss.backward();
  optimizer.step();
  if (epoch % 50 === 0 || epoch === 199) console.log(`epoch ${epoch}: loss ${loss.item().toFixed(4)}`);
}

const predictions = noGrad(() => model.forward(inputs).sigmoid().round());
console.log("predictions:", predictions.flatten()); // [0, 1, 1, 0]
