// 16 · A NaN is born
//
// The values are fine: √0 is 0. But its derivative 1/(2√x) is infinite at 0, and 0 · ∞ is NaN. Training would show it
// only at the next loss, far from here. The alert names the line of the sqrt. A remedy: x.mul(x).add(1e-12).sqrt().
import { tensor } from "gradlens";

const x = tensor([0, 1, 4], { requiresGrad: true });
const distance = x.mul(x).sqrt(); // |x| the dangerous way
const loss = distance.sum();

loss.backward();

console.log("loss:", loss.item()); // 5
console.log("gradient:", x.grad); // [NaN, 1, 1]
