// 18 · Checkpointing: less memory for more time
//
// A checkpointed block keeps nothing for backward; when backward needs it, the block runs again. The gradients are the
// same, dropout included.
import { checkpoint, manualSeed, nn, randn, type Tensor } from "gradlens";

manualSeed(2);
const block = new nn.Sequential(new nn.Linear(16, 64), new nn.GELU(), new nn.Dropout(0.1), new nn.Linear(64, 16));
const input = randn(4, 16).requiresGrad_();
let runs = 0;

function runBlock(x: Tensor): Tensor {
  runs++;
  return block.forward(x);
}

manualSeed(11);
runBlock(input).sum().backward();
const plain = input.grad?.clone();

input.grad = null;
runs = 0;
manualSeed(11);
const output = checkpoint(runBlock, input);
output.sum().backward();

console.log("runs of the block:", runs); // 2
console.log("same gradient:", input.grad?.equal(plain as Tensor)); // true
