/**
 * `bitgauss/train`: build, train, evaluate and export 1-bit networks.
 *
 * @module
 */
export { BitgaussError, type ErrorCode } from './core/errors.js';
export type { DataSplits, Dataset, ImageShape } from './data/dataset.js';
export { convnet } from './models/convnet.js';
export { mlp } from './models/mlp.js';
export type { LayerBits, ModelOptions } from './models/options.js';
export { createModel, modelNames } from './models/registry.js';
export { vggSmall } from './models/vgg-small.js';
export type { ActivationFormat } from './nn/activation-format.js';
export { activationNames, createActivations } from './nn/activation-formats.js';
export type { Conv2dOptions } from './nn/conv-shape.js';
export { type GradientType, gradientTypes } from './nn/gradient-format.js';
export { type GradientLogging, type GradientReport, gradientLog } from './nn/gradient-log.js';
export type { Layer } from './nn/layer.js';
export type { BatchNormOptions } from './nn/layers/batch-norm.js';
export type { BinaryConv2dOptions } from './nn/layers/binary-conv2d.js';
export type { BinaryLinearOptions } from './nn/layers/binary-linear.js';
export type { RealConv2dOptions } from './nn/layers/conv2d.js';
export type { LinearOptions } from './nn/layers/linear.js';
export type { MaxoutOptions } from './nn/layers/maxout.js';
export {
  batchNorm,
  binaryConv2d,
  binaryLinear,
  conv2d,
  flatten,
  hardtanh,
  linear,
  maxout,
  maxPool2d,
  prelu,
  relu,
  rprelu,
  rsign,
} from './nn/layers/registry.js';
export { type QuantizedOptions, quantizedActivations } from './nn/quantized-activations.js';
export { realActivations } from './nn/real-activations.js';
export { type Sequential, sequential } from './nn/sequential.js';
export type { AnnealOptions } from './nn/surrogates/annealed.js';
export { approxSign } from './nn/surrogates/approx-sign.js';
export { clip } from './nn/surrogates/clip.js';
export { ede } from './nn/surrogates/ede.js';
export { rbnn } from './nn/surrogates/rbnn.js';
export { createSurrogate, surrogateNames } from './nn/surrogates/registry.js';
export { type ResteOptions, reste } from './nn/surrogates/reste.js';
export type { Surrogate, SurrogatePass, SurrogateSizes } from './nn/surrogates/surrogate.js';
export { swishSign } from './nn/surrogates/swish-sign.js';
export { type CheckpointStore, type Checkpoints, checkpointDirectory, checkpointStore } from './train/checkpoint.js';
export { clipNorm, type GradientClipping } from './train/clip-norm.js';
export type { BatchEvent, DoneEvent, EpochEvent, GradientsEvent, LayerReport, StartEvent, TrainEvent } from './train/events.js';
export { bestOf } from './train/exports/best-of.js';
export type { ExportChoice, Selection } from './train/exports/choice.js';
export { sigmaPoints } from './train/exports/sigma-points.js';
export type { MemoryFigures } from './train/memory.js';
export type { BinaryState, Draw, MethodContext, NamedBuffer, NamedCounter, SignCounts, TrainingMethod } from './train/method.js';
export { type AdasteOptions, adaste } from './train/methods/adaste.js';
export { type BayesbinnOptions, bayesbinn } from './train/methods/bayesbinn.js';
export { type BinaryConnectOptions, binaryConnect } from './train/methods/binary-connect.js';
export { bireal } from './train/methods/bireal.js';
export { type BopOptions, bop } from './train/methods/bop.js';
export { dorefa } from './train/methods/dorefa.js';
export { float } from './train/methods/float.js';
export { groupDraws, type PerGroup } from './train/methods/group-draws.js';
export { type IrnetOptions, irnet } from './train/methods/irnet.js';
export { type LatentHooks, type LatentOptions, LatentState, type Latents } from './train/methods/latent.js';
export { latentAverage } from './train/methods/latent-average.js';
export { type MdTanhOptions, mdTanh } from './train/methods/md-tanh.js';
export { type PmfOptions, pmf } from './train/methods/pmf.js';
export { type ProxquantOptions, proxquant } from './train/methods/proxquant.js';
export { type RbnnOptions, rbnnWeights } from './train/methods/rbnn.js';
export { type RecuOptions, recu } from './train/methods/recu.js';
export { createMethod, type MethodOptions, methodNames } from './train/methods/registry.js';
export { siman } from './train/methods/siman.js';
export { type SteOptions, ste } from './train/methods/ste.js';
export { steInt16 } from './train/methods/ste-int16.js';
export { type VispaOptions, vispa } from './train/methods/vispa.js';
export { xnor } from './train/methods/xnor.js';
export { type AdamWOptions, adamw } from './train/optimizers/adamw.js';
export { type MuonOptions, muon } from './train/optimizers/muon.js';
export { type NsgdOptions, nsgd } from './train/optimizers/nsgd.js';
export type { Filters, Optimizer, OptimizerState, OptimizerTarget } from './train/optimizers/optimizer.js';
export { createOptimizer, type OptimizerOptions, optimizerNames } from './train/optimizers/registry.js';
export { type SgdOptions, sgd } from './train/optimizers/sgd.js';
export type { TrainOptions } from './train/options.js';
export { type Direction, Posterior, type PosteriorInput, readPosteriors, type WeightPair } from './train/posterior.js';
export { type Profile, type ProfileRow, type Profiling, profiler, profileText } from './train/profile.js';
export { scheduleNames } from './train/schedule.js';
export { type ModelSummary, type SummaryOptions, type SummaryRow, summary } from './train/summary.js';
export { fit, type Trainer, train } from './train/trainer.js';
