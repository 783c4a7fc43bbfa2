// 03 · Leaf and non-leaf
//
// A leaf is a tensor that no recorded op made. Backward fills .grad of leaves that require grad, and of others only after
// retainGrad(). Hints mark which is which.
import { tensor } from "gradlens";

const weights = tensor([1, 2, 3], { requiresGrad: true }); // leaf
const constant = tensor([10, 20, 30]); // a leaf too, but nobody asked for its gradient
const scaled = weights.mul(constant); // non-leaf: mul made it
const shifted = scaled.add(1); // non-leaf
const loss = shifted.sum(); // non-leaf, the root of backward

shifted.retainGrad();
loss.backward();

console.log("weights is a leaf:", weights.isLeaf, "· its gradient:", weights.grad); // [10, 20, 30]
console.log("constant is a leaf:", constant.isLeaf, "· its gradient:", constant.grad); // null: not required
console.log("scaled is a leaf:", scaled.isLeaf, "· made by", scaled.gradFn?.name); // MulBackward0
console.log("shifted kept its gradient:", shifted.grad); // [1, 1, 1]
