// 02 · The chain rule, factor by factor
//
// y = ((3 · 2) + 5)² with x = 3. Backward walks from y to x and multiplies local derivatives:
//
//     dy/dy = 1      seed
//     dy/db = 2b     = 22, because b = 11
//     db/da = 1
//     da/dx = 2
//     dy/dx = 1 · 22 · 1 · 2 = 44
//
// Run it, then "Gradlens: Show Graph" (the icon beside ▶) and press play: each factor crosses its edge.
import { tensor } from "gradlens";

const x = tensor(3, { requiresGrad: true });
const a = x.mul(2);
const b = a.add(5);
const y = b.pow(2);

a.retainGrad();
b.retainGrad();
y.retainGrad();
y.backward();

console.log("dy/dy =", y.grad?.item()); // 1
console.log("dy/db =", b.grad?.item()); // 22
console.log("dy/da =", a.grad?.item()); // 22
console.log("dy/dx =", x.grad?.item()); // 44
