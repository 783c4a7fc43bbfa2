import { exp as expOf, expm1, expOfNegative, log as logOf, log1pOfPositive } from "./math";
import { normalDistribution, sigmoid as sigmoidOf, tanh as tanhOf } from "./math";
import { all, multiplyAdd, select, VECTOR } from "./vector";

// Each function overwrites `n` float32 numbers from `at` on (and reads as many from `b` on), in whole vectors: what lies
// behind the last number, up to the end of its vector, is overwritten too. The loop is the same for all and inlined into
// each with the number of its function, which the compiler then decides on once.

const NEG = 0;
const ABS = 1;
const EXP = 2;
const LOG = 3;
const SQRT = 4;
const RSQRT = 5;
const RECIPROCAL = 6;
const SQUARE = 7;
const TANH = 8;
const SIGMOID = 9;
const RELU = 10;
const SILU = 11;
const GELU = 12;
const GELU_TANH = 13;
const THRESHOLD = 14;
const LEAKY_RELU = 15;
const CLAMP = 16;
const ELU = 17;
const SOFTPLUS = 18;

const ADD = 32;
const SUB = 33;
const MUL = 34;
const DIV = 35;
const TANH_BACKWARD = 36;
const SIGMOID_BACKWARD = 37;
const THRESHOLD_BACKWARD = 38;
const LEAKY_RELU_BACKWARD = 39;
const CLAMP_BACKWARD = 40;
const HARDTANH_BACKWARD = 41;
const SILU_BACKWARD = 42;
const GELU_BACKWARD = 43;
const GELU_TANH_BACKWARD = 44;
const ELU_BACKWARD = 45;
const SOFTPLUS_BACKWARD = 46;
const ADD_SCALED = 47;
const SQUARE_BACKWARD = 48;

// Read from memory: see `all`.
const ONE = memory.data<f32>([1]);
const MINUS_HALF = memory.data<f32>([-0.5]);
const TWO_SQRT_2_OVER_PI = memory.data<f32>([1.595769121605730712]);
const INV_SQRT_2PI = memory.data<f32>([0.398942280401432678]);
const CUBIC = memory.data<f32>([0.044715]);
const THREE_CUBIC = memory.data<f32>([0.134145]);
const THIRTY = memory.data<f32>([30]);
const MINUS_THIRTY = memory.data<f32>([-30]);

@inline
function each(op: i32, at: usize, n: i32, p: f32, q: f32, r: f32): void {
  for (const end = at + (<usize>n) * 4; at < end; at += VECTOR) v128.store(at, unary(op, v128.load(at), p, q, r));
}

@inline
function pairs(op: i32, at: usize, b: usize, n: i32, p: f32, q: f32, r: f32): void {
  for (const end = at + (<usize>n) * 4; at < end; at += VECTOR, b += VECTOR) {
    v128.store(at, binary(op, v128.load(at), v128.load(b), p, q, r));
  }
}

@inline
function unary(op: i32, x: v128, p: f32, q: f32, r: f32): v128 {
  const zero = f32x4.splat(0);
  const one = all(ONE);
  switch (op) {
    case NEG:
      return f32x4.neg(x);
    case ABS:
      return f32x4.abs(x);
    case EXP:
      return expOf(x);
    case LOG:
      return logOf(x);
    case SQRT:
      return f32x4.sqrt(x);
    case RSQRT:
      return f32x4.div(one, f32x4.sqrt(x));
    case RECIPROCAL:
      return f32x4.div(one, x);
    case SQUARE:
      return f32x4.mul(x, x);
    case TANH:
      return tanhOf(x);
    case SIGMOID:
      return sigmoidOf(x);
    case RELU:
      return v128.andnot(x, f32x4.le(x, zero)); // NaN stays NaN
    case SILU:
      return f32x4.mul(x, sigmoidOf(x));
    case GELU:
      return f32x4.mul(x, normalDistribution(x, gaussian(x)));
    case GELU_TANH:
      return f32x4.mul(x, sigmoidOf(doubledArgument(x)));
    case THRESHOLD:
      return select(f32x4.le(x, f32x4.splat(p)), f32x4.splat(q), x);
    case LEAKY_RELU:
      return select(f32x4.gt(x, zero), x, f32x4.mul(x, f32x4.splat(p)));
    case CLAMP:
      return f32x4.pmin(f32x4.pmax(x, f32x4.splat(p)), f32x4.splat(q));
    case ELU: {
      const curve = f32x4.mul(expm1(f32x4.mul(x, f32x4.splat(r))), f32x4.splat(p));
      return select(f32x4.gt(x, zero), f32x4.mul(x, f32x4.splat(q)), curve);
    }
    default: {
      // SOFTPLUS: ln(1 + e^z) / p with z = p x
      const z = f32x4.mul(x, f32x4.splat(p));
      const small = log1pOfPositive(expOfNegative(f32x4.neg(f32x4.abs(z))));
      const value = f32x4.div(f32x4.add(f32x4.pmax(z, zero), small), f32x4.splat(p));
      return select(f32x4.gt(z, f32x4.splat(q)), x, value);
    }
  }
}

/** Of a gradient `a` and what it belongs to, `b`; or of two operands. */
@inline
function binary(op: i32, a: v128, b: v128, p: f32, q: f32, r: f32): v128 {
  const zero = f32x4.splat(0);
  const one = all(ONE);
  switch (op) {
    case ADD:
      return f32x4.add(a, b);
    case SUB:
      return f32x4.sub(a, b);
    case MUL:
      return f32x4.mul(a, b);
    case DIV:
      return f32x4.div(a, b);
    case TANH_BACKWARD:
      return f32x4.mul(a, f32x4.sub(one, f32x4.mul(b, b)));
    case SIGMOID_BACKWARD:
      return f32x4.mul(f32x4.mul(a, f32x4.sub(one, b)), b);
    case THRESHOLD_BACKWARD:
      return v128.andnot(a, f32x4.le(b, f32x4.splat(p)));
    case LEAKY_RELU_BACKWARD:
      return select(f32x4.gt(b, zero), a, f32x4.mul(a, f32x4.splat(p)));
    case CLAMP_BACKWARD:
      return v128.and(a, v128.and(f32x4.ge(b, f32x4.splat(p)), f32x4.le(b, f32x4.splat(q))));
    case HARDTANH_BACKWARD:
      return v128.andnot(a, v128.or(f32x4.le(b, f32x4.splat(p)), f32x4.ge(b, f32x4.splat(q))));
    case SILU_BACKWARD: {
      const s = sigmoidOf(b);
      return f32x4.mul(f32x4.mul(a, s), multiplyAdd<f32>(b, f32x4.sub(one, s), one));
    }
    case GELU_BACKWARD: {
      const gauss = gaussian(b);
      const density = f32x4.mul(gauss, all(INV_SQRT_2PI));
      return f32x4.mul(a, multiplyAdd<f32>(b, density, normalDistribution(b, gauss)));
    }
    case GELU_TANH_BACKWARD: {
      // σ + x σ′ u′ with u = 2 √(2/π) (x + c x³)
      const x = f32x4.pmax(f32x4.pmin(b, all(THIRTY)), all(MINUS_THIRTY)); // where σ′ is 0, which x³ must not spoil
      const s = sigmoidOf(doubledArgument(x));
      const slope = multiplyAdd<f32>(f32x4.mul(x, x), all(THREE_CUBIC), one);
      const inner = f32x4.mul(f32x4.mul(x, slope), all(TWO_SQRT_2_OVER_PI));
      const bend = f32x4.mul(s, f32x4.sub(one, s));
      return f32x4.mul(a, multiplyAdd<f32>(inner, bend, multiplyAdd<f32>(b, zero, s))); // infinities give NaN
    }
    case SQUARE_BACKWARD: {
      const product = f32x4.mul(a, b);
      return f32x4.add(product, product);
    }
    case ELU_BACKWARD: {
      // p = inputScale · alpha · scale, q = scale, r = inputScale
      const curve = f32x4.mul(f32x4.splat(p), expOf(f32x4.mul(b, f32x4.splat(r))));
      return f32x4.mul(a, select(f32x4.gt(b, zero), f32x4.splat(q), curve));
    }
    case SOFTPLUS_BACKWARD: {
      const z = f32x4.mul(b, f32x4.splat(p));
      return f32x4.mul(a, select(f32x4.gt(z, f32x4.splat(q)), one, sigmoidOf(z)));
    }
    default: // ADD_SCALED
      return multiplyAdd<f32>(b, f32x4.splat(p), a);
  }
}

/** e^(−x²/2) */
@inline
function gaussian(x: v128): v128 {
  return expOfNegative(f32x4.mul(f32x4.mul(x, x), all(MINUS_HALF)));
}

/** 2 √(2/π) (x + c x³): (1 + tanh of half of it) / 2 is σ of it, and does not cancel for negative x. */
@inline
function doubledArgument(x: v128): v128 {
  const square = f32x4.mul(x, x);
  const cubic = multiplyAdd<f32>(square, all(CUBIC), all(ONE));
  return f32x4.mul(f32x4.mul(x, all(TWO_SQRT_2_OVER_PI)), cubic);
}

export function neg(at: usize, n: i32): void {
  each(NEG, at, n, 0, 0, 0);
}

export function abs(at: usize, n: i32): void {
  each(ABS, at, n, 0, 0, 0);
}

export function exp(at: usize, n: i32): void {
  each(EXP, at, n, 0, 0, 0);
}

export function log(at: usize, n: i32): void {
  each(LOG, at, n, 0, 0, 0);
}

export function sqrt(at: usize, n: i32): void {
  each(SQRT, at, n, 0, 0, 0);
}

export function rsqrt(at: usize, n: i32): void {
  each(RSQRT, at, n, 0, 0, 0);
}

export function reciprocal(at: usize, n: i32): void {
  each(RECIPROCAL, at, n, 0, 0, 0);
}

export function square(at: usize, n: i32): void {
  each(SQUARE, at, n, 0, 0, 0);
}

export function tanh(at: usize, n: i32): void {
  each(TANH, at, n, 0, 0, 0);
}

export function sigmoid(at: usize, n: i32): void {
  each(SIGMOID, at, n, 0, 0, 0);
}

export function relu(at: usize, n: i32): void {
  each(RELU, at, n, 0, 0, 0);
}

export function silu(at: usize, n: i32): void {
  each(SILU, at, n, 0, 0, 0);
}

export function gelu(at: usize, n: i32): void {
  each(GELU, at, n, 0, 0, 0);
}

export function geluTanh(at: usize, n: i32): void {
  each(GELU_TANH, at, n, 0, 0, 0);
}

export function threshold(at: usize, n: i32, p: f32, q: f32): void {
  each(THRESHOLD, at, n, p, q, 0);
}

export function leakyRelu(at: usize, n: i32, p: f32): void {
  each(LEAKY_RELU, at, n, p, 0, 0);
}

export function clamp(at: usize, n: i32, p: f32, q: f32): void {
  each(CLAMP, at, n, p, q, 0);
}

export function elu(at: usize, n: i32, p: f32, q: f32, r: f32): void {
  each(ELU, at, n, p, q, r);
}

export function softplus(at: usize, n: i32, p: f32, q: f32): void {
  each(SOFTPLUS, at, n, p, q, 0);
}

export function add(at: usize, b: usize, n: i32): void {
  pairs(ADD, at, b, n, 0, 0, 0);
}

export function sub(at: usize, b: usize, n: i32): void {
  pairs(SUB, at, b, n, 0, 0, 0);
}

export function mul(at: usize, b: usize, n: i32): void {
  pairs(MUL, at, b, n, 0, 0, 0);
}

export function div(at: usize, b: usize, n: i32): void {
  pairs(DIV, at, b, n, 0, 0, 0);
}

export function tanhBackward(at: usize, b: usize, n: i32): void {
  pairs(TANH_BACKWARD, at, b, n, 0, 0, 0);
}

export function sigmoidBackward(at: usize, b: usize, n: i32): void {
  pairs(SIGMOID_BACKWARD, at, b, n, 0, 0, 0);
}

export function thresholdBackward(at: usize, b: usize, n: i32, p: f32): void {
  pairs(THRESHOLD_BACKWARD, at, b, n, p, 0, 0);
}

export function leakyReluBackward(at: usize, b: usize, n: i32, p: f32): void {
  pairs(LEAKY_RELU_BACKWARD, at, b, n, p, 0, 0);
}

export function clampBackward(at: usize, b: usize, n: i32, p: f32, q: f32): void {
  pairs(CLAMP_BACKWARD, at, b, n, p, q, 0);
}

export function hardtanhBackward(at: usize, b: usize, n: i32, p: f32, q: f32): void {
  pairs(HARDTANH_BACKWARD, at, b, n, p, q, 0);
}

export function siluBackward(at: usize, b: usize, n: i32): void {
  pairs(SILU_BACKWARD, at, b, n, 0, 0, 0);
}

export function geluBackward(at: usize, b: usize, n: i32): void {
  pairs(GELU_BACKWARD, at, b, n, 0, 0, 0);
}

export function geluTanhBackward(at: usize, b: usize, n: i32): void {
  pairs(GELU_TANH_BACKWARD, at, b, n, 0, 0, 0);
}

export function eluBackward(at: usize, b: usize, n: i32, p: f32, q: f32, r: f32): void {
  pairs(ELU_BACKWARD, at, b, n, p, q, r);
}

export function softplusBackward(at: usize, b: usize, n: i32, p: f32, q: f32): void {
  pairs(SOFTPLUS_BACKWARD, at, b, n, p, q, 0);
}

export function squareBackward(at: usize, b: usize, n: i32): void {
  pairs(SQUARE_BACKWARD, at, b, n, 0, 0, 0);
}

export function addScaled(at: usize, b: usize, n: i32, p: f32): void {
  pairs(ADD_SCALED, at, b, n, p, 0, 0);
}
