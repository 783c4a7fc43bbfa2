// What WebAssembly has to offer to the kernels: every export of these files.

export * from "./product";
export * from "./vectors";
export * from "./pointwise";
export * from "./optimizers";
export * from "./sums";
export * from "./softmax";
export * from "./normalization";
export * from "./images";
export * from "./pooling";
