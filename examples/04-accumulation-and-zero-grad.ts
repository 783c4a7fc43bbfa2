// 04 · Gradients accumulate until they are zeroed
//
// Each backward adds to .grad. That is what micro-batches need (see 17), and a bug where it was not meant.
import { optim, tensor } from "gradlens";

const w = tensor(3, { requiresGrad: true });
const optimizer = new optim.SGD([w], { lr: 0.1 });

w.pow(2).backward();
console.log("after one backward:", w.grad?.item()); // 6

w.pow(2).backward();
console.log("after two, without zeroGrad:", w.grad?.item()); // 12

optimizer.zeroGrad();
console.log("after zeroGrad:", w.grad); // null

w.pow(2).backward();
console.log("after one more backward:", w.grad?.item()); // 6
