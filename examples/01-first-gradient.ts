// 01 · The first gradient
//
// y = x² + 3x + 1, so dy/dx = 2x + 3. At x = 2 that is 7.
// Run this file with ▶ in the editor title: the gradient appears beside x.
import { tensor } from "gradlens";

const x = tensor(2, { requiresGrad: true });
const y = x.pow(2).add(x.mul(3)).add(1);

y.backward();

console.log("y =", y.item()); // 11
console.log("dy/dx =", x.grad?.item()); // 7
