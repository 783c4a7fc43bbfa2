// 15 · The profiler
//
// Where does a training step spend its time? recordFunction names a part of it.
import { autograd, F, nn, optim, profiler, randint, randn } from "gradlens";

const model = new nn.Sequential(new nn.Linear(64, 128), new nn.ReLU(), new nn.Linear(128, 10));
const optimizer = new optim.SGD(model.parameters(), { lr: 0.01 });
const inputs = randn(32, 64);
const labels = randint(0, 10, [32]);

function trainingStep(): void {
  optimizer.zeroGrad();
  const loss = profiler.recordFunction("forward", () => F.crossEntropy(model.forward(inputs), labels));
  loss.backward();
  optimizer.step();
}

trainingStep(); // warm up
const profile = autograd.profiler.profile(() => {
  for (let i = 0; i < 10; i++) trainingStep();
});

console.log(profile.keyAverages().table({ sortBy: "selfCpuTimeTotal", rowLimit: 8 }));
