/** `optim.swaUtils.*` of the public surface: averages of the weights that a model has while it is trained. */
export { AveragedModel } from "../nn/averagedModel.ts";
export { updateBn } from "../nn/updateBn.ts";
export {
  type AvgFn,
  getEmaAvgFn,
  getEmaMultiAvgFn,
  getSwaAvgFn,
  getSwaMultiAvgFn,
  type MultiAvgFn,
} from "../nn/weightAverages.ts";
export { SWALR } from "../optim/schedulers/swa.ts";
