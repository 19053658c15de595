export * from './build.js';
export * from './ops.js';
export { layoutAxes, mapDims, permutations, weightDims, weightSides, type Layout } from './layout.js';
export { sameDims, showDims } from './dims.js';
export { ShapeError } from './shape-inference.js';
export { depths, topologicalOrder, type Program } from './program.js';
export { gradients } from './gradients/reverse.js';
export { evaluate } from './evaluator/evaluate.js';
export type { Float64Tensor } from './evaluator/array.js';
export { lower, type LoweringOptions } from './lowering/lower.js';
export type { ConvolutionCosts } from './lowering/convolution-cost.js';
export { precompute, type PrecomputedProgram } from './lowering/precompute.js';
export {
  cheapestByCosts,
  type ConvolutionChoice,
  type ConvolutionChooser,
  type ConvolutionLayer,
} from './lowering/convolution-plan.js';
export {
  describeConvolutions,
  type ConvolutionDescription,
  type ConvolutionWay,
} from './lowering/describe-convolutions.js';
export { memoryNeed, type MemoryNeed } from './onnx/memory-need.js';
export { writeOnnx, type ModelText } from './onnx/writer.js';
export { readOnnxMetadata, withOnnxMetadata } from './onnx/metadata.js';
export { readOnnxConstants, withOnnxOutputs } from './onnx/reader.js';
