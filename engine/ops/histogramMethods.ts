// What of the histograms is also a method, as in PyTorch.
export { histogram } from "./histograms.ts";
