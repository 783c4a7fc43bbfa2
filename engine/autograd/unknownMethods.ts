import { GradlensError, nearest } from "../base/errors.ts";
import { Tensor } from "./tensor.ts";

/** What other programs ask any object for, to find out what it is: having none of these is an answer, not a mistake. */
const PROBES = new Set(["then", "catch", "toJSON", "inspect", "length", "map", "href", "type", "tag", "next"]);

const COMPLEX = "complex numbers are not supported: keep real and imaginary parts apart";
const ONE_DEVICE = "there is one device, so leave it out";

/** What PyTorch has and this engine answers in another way. */
const ADVICE: { readonly [name: string]: string } = {
  numpy: "toArray() gives the elements as a typed array, tolist() as nested arrays",
  cuda: ONE_DEVICE,
  half: 'dtypes are float32 and float64: use to("float32")',
  bfloat16: 'dtypes are float32 and float64: use to("float32")',
  real: COMPLEX,
  imag: COMPLEX,
  conj: COMPLEX,
  angle: COMPLEX,
  cfloat: COMPLEX,
  cdouble: COMPLEX,
};

/**
 * Ends the prototype chain of tensors in an object that knows the names of their methods: reading `x.expp` throws an error
 * that suggests `exp`. What exists is found before the chain gets here, so it costs nothing; `in`, promises, JSON,
 * assertions and inspection see a plain object.
 */
export function suggestMethods(): void {
  const end = new Proxy(Object.create(Object.prototype) as object, {
    get(target, key, receiver): unknown {
      if (typeof key === "string" && !(key in target)) refuse(key);
      return Reflect.get(target, key, receiver) as unknown;
    },
  });
  Object.setPrototypeOf(Tensor.prototype, end);
}

function refuse(name: string): void {
  if (PROBES.has(name)) return;
  if (Object.hasOwn(ADVICE, name)) throw new GradlensError(`Tensor has no method '${name}': ${ADVICE[name]}.`, name);
  const guess = nearest(name, methodNames(), Math.max(1, Math.floor(name.length / 3)));
  if (guess !== null) throw new GradlensError(`Tensor has no method '${name}'. Did you mean '${guess}'?`, name);
}

function methodNames(): string[] {
  return Object.getOwnPropertyNames(Tensor.prototype).filter((name) => name !== "constructor");
}
