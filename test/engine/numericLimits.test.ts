import assert from "node:assert/strict";
import { finfo, iinfo, tensor } from "../../engine/index.ts";

describe("limits of dtypes", () => {
  it("of floating point are the numbers at which arithmetic in them changes", () => {
    for (const dtype of ["float32", "float64"] as const) {
      const { eps, max, min, tiny } = finfo(dtype);
      const at = (x: number): number => tensor(x, { dtype }).item();
      assert.notEqual(at(1 + eps), 1);
      assert.equal(
        tensor(1, { dtype })
          .add(tensor(eps / 2, { dtype }))
          .item(),
        1,
      );
      assert.deepEqual([at(max), at(min)], [max, min]);
      assert.equal(
        tensor(max, { dtype })
          .mul(1 + eps)
          .item(),
        Number.POSITIVE_INFINITY,
      );
      assert.equal(at(tiny), tiny);
    }
    assert.equal(finfo().dtype, "float32");
    assert.equal(finfo("float64").eps, Number.EPSILON);
    assert.equal(finfo("float64").max, Number.MAX_VALUE);
  });

  it("of integers are those that are kept exactly", () => {
    assert.deepEqual([iinfo("int32").min, iinfo("int32").max], [-2147483648, 2147483647]);
    assert.equal(tensor(iinfo("int32").max, { dtype: "int32" }).item(), 2147483647);
    assert.equal(iinfo("int64").max, 2 ** 53 - 1);
  });

  it("are refused of the other kind, with the function that knows them", () => {
    assert.throws(() => finfo("int32"), /requires a floating point input type, but got int32. Use iinfo/);
    assert.throws(() => iinfo("float32"), /requires an integer input type, but got float32. Use finfo/);
    assert.throws(() => iinfo("bool"), /bool is not supported/);
    assert.throws(() => finfo("float16" as never), /float16/);
  });
});
