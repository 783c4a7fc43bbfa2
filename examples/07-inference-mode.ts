// 07 · inferenceMode: the fastest way to only predict
//
// Results carry no graph and no version counter, and can't be saved for backward later.
import { inferenceMode, nn, tensor } from "gradlens";

const model = new nn.Linear(2, 1);
const input = tensor([[1, 2]]);

const prediction = inferenceMode(() => model.forward(input));
console.log("an inference tensor:", prediction.isInference, "· requires grad:", prediction.requiresGrad); // true, false

const w = tensor([[2]], { requiresGrad: true });
try {
  w.mul(prediction); // backward would need the prediction
} catch (error) {
  console.log("refused:", (error as Error).message);
}
const product = w.mul(prediction.clone()); // a clone made outside is a normal tensor
product.backward();
console.log("through a clone:", w.grad !== null); // true
