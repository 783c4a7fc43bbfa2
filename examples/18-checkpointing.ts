// 18 · Checkpointing: less memory for more time
//
// A checkpointed block keeps nothing for backward; when backward needs it, the block runs again. The gradients are the
// same, dropout included.
import { autograd, checkpoint, manualSeed, nn, randn, type Tensor } from "gradlens";

manualSeed(2);
const block = new nn.Sequential(new nn.Linear(16, 64), new nn.GELU(), new nn.Dropout(0.1), new nn.Linear(64, 16));
const input = randn(4, 16).requiresGrad_();
let runs = 0;

function runBlock(x: Tensor): Tensor {
  runs++;
  return block.forward(x);
}

function gradient(forward: (x: Tensor) => Tensor): Tensor {
  runs = 0;
  manualSeed(11); // the same dropout in both
  const output = forward(input);
  const [found] = autograd.grad(output.sum(), input);
  return found as Tensor;
}

const plain = gradient(runBlock);
console.log("runs of the block:", runs); // 1

const checkpointed = gradient((x) => checkpoint(runBlock, x));
console.log("runs of the block, checkpointed:", runs); // 2
console.log("same gradient:", checkpointed.equal(plain)); // true
