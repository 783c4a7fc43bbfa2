// 17 · Accumulation over micro-batches
//
// Four micro-batches of 2 give the same gradient as one batch of 8, if each loss is divided by their number.
import { F, manualSeed, nn, randn } from "gradlens";

manualSeed(5);
const model = new nn.Linear(3, 1);
const inputs = randn(8, 3);
const targets = randn(8, 1);

F.mseLoss(model.forward(inputs), targets).backward();
const whole = model.weight.grad?.clone();
model.zeroGrad();

const MICRO_BATCHES = 4;
const size = inputs.shape[0] / MICRO_BATCHES;
for (let i = 0; i < MICRO_BATCHES; i++) {
  const batch = inputs.narrow(0, i * size, size);
  const wanted = targets.narrow(0, i * size, size);
  const loss = F.mseLoss(model.forward(batch), wanted).div(MICRO_BATCHES);
  loss.backward(); // adds to .grad
}
const accumulated = model.weight.grad;

console.log("one batch:         ", whole);
console.log("four micro-batches:", accumulated);
