// 19 · The classic errors
//
// What everybody meets once, and what the message says.
import { tensor } from "gradlens";

function attempt(title: string, fn: () => void): void {
  try {
    fn();
  } catch (error) {
    console.log(`${title}:\n  ${(error as Error).message}\n`);
  }
}

attempt("Backward twice", () => {
  const x = tensor(2, { requiresGrad: true });
  const y = x.mul(x);
  y.backward();
  y.backward(); // what mul saved is gone
});

attempt("No graph leads here", () => {
  const x = tensor(2); // requiresGrad was forgotten
  x.mul(3).backward();
});

attempt("A value that backward needs was overwritten", () => {
  const x = tensor([1, 2], { requiresGrad: true });
  const y = x.exp();
  y.mul_(2); // exp saved its result
  y.sum().backward();
});

// Gradients that are null, and why.
const w = tensor(3, { requiresGrad: true });
const unused = tensor(5, { requiresGrad: true });
const cut = w.mul(2).detach();
const loss = w.mul(cut);
loss.backward();

console.log("w.grad:", w.grad?.item()); // 6
console.log("unused.grad:", unused.grad); // null: the loss does not depend on it
console.log("cut.grad:", cut.grad); // null: detached, requires no grad
