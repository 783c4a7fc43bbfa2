// 09 · A custom loss: accuracy and diversity
//
// A recommender scores items for users by user · item vectors. The loss asks for two things at once:
//
//   accuracy   mean squared error between predicted and given ratings
//   diversity  items recommended together should not look alike: the mean cosine similarity of different items is a penalty
//
// Both terms send a gradient to the item vectors; the weight balances them.
import { eye, F, manualSeed, optim, randn, type Tensor, tensor } from "gradlens";

manualSeed(7);
const users = randn(4, 3).mul(0.5).detach().requiresGrad_();
const items = randn(5, 3).mul(0.5).detach().requiresGrad_();
const ratings = tensor([
  [5, 4, 1, 1, 3],
  [4, 5, 1, 2, 3],
  [1, 1, 5, 4, 3],
  [2, 1, 4, 5, 3],
]).div(5);

const DIVERSITY_WEIGHT = 0.1;

function accuracyLoss(): Tensor {
  const predicted = users.matmul(items.t());
  return F.mseLoss(predicted, ratings);
}

/** Mean cosine similarity of different items: 1 when all point the same way, 0 or less when they spread. */
function similarityPenalty(): Tensor {
  const directions = F.normalize(items, { dim: 1 });
  const similarity = directions.matmul(directions.t());
  const n = items.shape[0];
  const others = eye(n).neg().add(1);
  return similarity
    .mul(others)
    .sum()
    .div(n * (n - 1));
}

const optimizer = new optim.Adam([users, items], { lr: 0.05 });
for (let step = 0; step < 200; step++) {
  optimizer.zeroGrad();
  const accuracy = accuracyLoss();
  const similarity = similarityPenalty();
  const loss = accuracy.add(similarity.mul(DIVERSITY_WEIGHT));
  loss.backward();
  optimizer.step();
  if (step % 50 === 0 || step === 199) {
    console.log(`step ${step}: accuracy ${accuracy.item().toFixed(4)}, similarity ${similarity.item().toFixed(4)}`);
  }
}
