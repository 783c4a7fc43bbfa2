import { assertGolden, Transcript } from "./transcript.ts";

// Whole sessions as text, beside this file in golden/. UPDATE_GOLDEN=1 writes them anew; the difference is what to review.

const chain = `import { tensor } from "gradlens";

const x = tensor(3, { requiresGrad: true });
const a = x.mul(2);
const b = a.add(5);
const y = b.pow(2);
y.backward();
console.log(x.grad?.item());
`;

describe("a debug session", () => {
  let session: Transcript;
  afterEach(() => session.dispose());

  it("stops at a line when its op runs, and again when the gradient flows through it", async () => {
    session = new Transcript(chain);
    await session.launch({ breakpoints: [{ line: 5 }, { line: 3 }] });
    await session.where();
    await session.show("This op");
    await session.go("continue");
    await session.where();
    await session.show("This op");
    await session.show("Gradients");
    await session.show("Leaves", 1);
    await session.show("Changed since the last stop");
    await session.go("continue");
    assertGolden("forward-and-backward", await session.end());
  });
});
