// 14 · Clipping the gradients of an RNN
//
// Going back through many time steps multiplies many derivatives; with large recurrent weights gradients explode.
// clipGradNorm_ scales all of them together so that their norm stays in bounds. It belongs between backward and step.
import { manualSeed, nn, noGrad, optim, randn } from "gradlens";

manualSeed(3);
const rnn = new nn.RNN(4, 8, { nonlinearity: "relu", batchFirst: true });
const readout = new nn.Linear(8, 1);
noGrad(() => {
  for (const [name, parameter] of rnn.namedParameters()) if (name.startsWith("weightHh")) parameter.mul_(3);
});

const parameters = [...rnn.parameters(), ...readout.parameters()];
const optimizer = new optim.SGD(parameters, { lr: 0.01 });
const sequence = randn(2, 20, 4);
const target = randn(2, 1);

for (let step = 0; step < 5; step++) {
  optimizer.zeroGrad();
  const [states] = rnn.forward(sequence);
  const prediction = readout.forward(states.select(1, -1));
  const loss = prediction.sub(target).pow(2).mean();
  loss.backward();
  const norm = nn.utils.clipGradNorm_(parameters, 1);
  optimizer.step();
  console.log(
    `step ${step}: loss ${loss.item().toExponential(2)}, gradient norm before clipping ${norm.item().toExponential(2)}`,
  );
}
