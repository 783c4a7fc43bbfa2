// 05 · detach() cuts the graph
//
// y = x² · x², once with both factors in the graph and once with one of them detached: the detached one counts as a
// constant, so half of the gradient is missing. The graph shows the cut with scissors.
import { tensor } from "gradlens";

const x = tensor(2, { requiresGrad: true });
const square = x.pow(2);
const whole = square.mul(square);
whole.backward();
console.log("d(x² · x²)/dx =", x.grad?.item()); // 4x³ = 32

const z = tensor(2, { requiresGrad: true });
const fresh = z.pow(2);
const frozen = fresh.detach();
const half = fresh.mul(frozen);
half.backward();
console.log("with one factor detached:", z.grad?.item()); // 2z · 4 = 16
console.log("the detached tensor requires grad:", frozen.requiresGrad); // false
