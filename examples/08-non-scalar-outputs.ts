// 08 · Non-scalar outputs
//
// backward() starts from one number. For a vector y = x², pass the vector v of the product vᵀJ, or reduce with sum(),
// which is v = ones.
import { tensor } from "gradlens";

const x = tensor([1, 2, 3], { requiresGrad: true });

const y = x.pow(2);
y.backward(tensor([1, 10, 100]));
console.log("vᵀJ with v = [1, 10, 100]:", x.grad); // [2, 40, 600]

x.grad = null;
x.pow(2).sum().backward();
console.log("by sum():", x.grad); // [2, 4, 6]

try {
  x.pow(2).backward();
} catch (error) {
  console.log("without either:", (error as Error).message); // grad can be implicitly created only for scalar outputs …
}
