// 06 · noGrad: compute without recording
//
// For evaluation, and for updating parameters by hand. The mode follows async functions across await and leaks nowhere.
import { isGradEnabled, noGrad, tensor } from "gradlens";

const w = tensor([1, -2, 3], { requiresGrad: true });

const recorded = w.mul(2);
const unrecorded = noGrad(() => w.mul(2));
console.log("outside noGrad:", recorded.requiresGrad, "· inside:", unrecorded.requiresGrad); // true, false

// A step of gradient descent by hand. Writing to a leaf that requires grad is only allowed here.
w.pow(2).sum().backward();
noGrad(() => {
  if (w.grad !== null) w.sub_(w.grad.mul(0.1));
});
console.log("after one step:", w); // [0.8, -1.6, 2.4]

async function evaluate(): Promise<boolean> {
  await Promise.resolve();
  return isGradEnabled(); // still false after the await
}
const inside = await noGrad(evaluate);
console.log("recording inside, after await:", inside, "· outside:", isGradEnabled()); // false, true
