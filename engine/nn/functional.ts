/** Functions of neural networks, as `F`: what the modules of `nn` are built of. Each lives with its kind in `engine/ops`. */
export { bilinear, linear } from "../ops/linear.ts";
