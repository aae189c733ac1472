import type { Tape } from '../autodiff.ts';
import type { OnnxGraph, Value } from '../onnx-graph.ts';

/** How the weights' gradient is written; both are exact, and each checks the other. */
export type WeightGradient = 'patches' | 'dilated';

export interface Convolution {
  /** [batch, channels, height, width] */
  readonly input: Value;
  /** [outputs, channels, kernel, kernel] */
  readonly weights: Value;
  readonly stride: number;
  readonly weightGradient?: WeightGradient;
}

/** All sizes of a convolution whose padding is half its kernel. */
interface Geometry {
  readonly batch: number;
  readonly channels: number;
  readonly outputs: number;
  readonly kernel: number;
  readonly stride: number;
  readonly pad: number;
  readonly height: number;
  readonly width: number;
  readonly outHeight: number;
  readonly outWidth: number;
}

type Sizes = readonly [number, number, number, number];

function sizesOf({ name, shape }: Value): Sizes {
  const [a, b, c, d] = shape;
  if (a === undefined || b === undefined || c === undefined || d === undefined) {
    throw new Error(`${name} needs four dimensions.`);
  }
  return [a, b, c, d];
}

function geometryOf({ input, weights, stride }: Convolution): Geometry {
  const [batch, channels, height, width] = sizesOf(input);
  const [outputs, , kernel] = sizesOf(weights);
  const pad = Math.floor(kernel / 2);
  const outSize = (size: number): number => Math.floor((size + 2 * pad - kernel) / stride) + 1;
  const [outHeight, outWidth] = [outSize(height), outSize(width)];
  return { batch, channels, outputs, kernel, stride, pad, height, width, outHeight, outWidth };
}

function attributesOf({ kernel, stride, pad }: Geometry): Record<string, number[]> {
  return { kernel_shape: [kernel, kernel], strides: [stride, stride], pads: [pad, pad, pad, pad] };
}

/** A two-dimensional convolution without bias, padded by half its kernel. */
export function convolve(tape: Tape, convolution: Convolution): Value {
  const { input, weights } = convolution;
  const { graph } = tape;
  const geometry = geometryOf(convolution);
  const output = graph.node('Conv', [input, weights], {
    shape: [geometry.batch, geometry.outputs, geometry.outHeight, geometry.outWidth],
    attributes: attributesOf(geometry),
  });
  const weightGradient = convolution.weightGradient === 'dilated' ? byDilation : byPatches;
  return tape.record([input, weights], output, (gradient, isWanted) => [
    isWanted(input) ? inputGradient(graph, geometry, [gradient, weights]) : null,
    isWanted(weights) ? weightGradient(graph, geometry, [input, gradient]) : null,
  ]);
}

function inputGradient(graph: OnnxGraph, geometry: Geometry, inputs: readonly Value[]): Value {
  const { batch, channels, kernel, stride, pad, height, width, outHeight, outWidth } = geometry;
  // Rows and columns that the stride left over at the end.
  const missing = (size: number, out: number): number =>
    size - ((out - 1) * stride - 2 * pad + kernel);
  return graph.node('ConvTranspose', inputs, {
    shape: [batch, channels, height, width],
    attributes: {
      ...attributesOf(geometry),
      output_padding: [missing(height, outHeight), missing(width, outWidth)],
    },
  });
}

/**
 * The weights' gradient as one matrix product: the input's pixels under each tap of the kernel
 * are gathered into rows (im2col), and multiplied with the gradient's pixels.
 */
function byPatches(
  graph: OnnxGraph,
  geometry: Geometry,
  [input, gradient]: readonly [Value, Value],
): Value {
  const { batch, channels, outputs, kernel, outHeight, outWidth } = geometry;
  const taps = gatherTaps(graph, geometry, input);
  const positions = batch * outHeight * outWidth;
  const patches = graph.reshape(graph.concat(taps), [kernel * kernel * channels, positions]);
  const rows = graph.reshape(graph.transpose(gradient, [1, 0, 2, 3]), [outputs, positions]);
  const product = graph.node('Gemm', [rows, patches], {
    shape: [outputs, kernel * kernel * channels],
    attributes: { transB: 1 },
  });
  const byTap = graph.reshape(product, [outputs, kernel * kernel, channels]);
  const byChannel = graph.transpose(byTap, [0, 2, 1]);
  return graph.reshape(byChannel, [outputs, channels, kernel, kernel]);
}

/** For each tap of the kernel the input's pixels that meet it: [channels, batch, out, out]. */
function gatherTaps(graph: OnnxGraph, geometry: Geometry, input: Value): Value[] {
  const { batch, channels, kernel, stride, pad, outHeight, outWidth } = geometry;
  const pads = graph.integers([0, 0, pad, pad, 0, 0, pad, pad]);
  const padded = graph.node('Pad', [graph.transpose(input, [1, 0, 2, 3]), pads], {
    shape: [channels, batch, geometry.height + 2 * pad, geometry.width + 2 * pad],
  });
  const taps: Value[] = [];
  for (let row = 0; row < kernel; row++) {
    for (let column = 0; column < kernel; column++) {
      const ends = [row + stride * (outHeight - 1) + 1, column + stride * (outWidth - 1) + 1];
      const bounds = [[row, column], ends, [2, 3], [stride, stride]];
      const inputs = [padded, ...bounds.map((numbers) => graph.integers(numbers))];
      taps.push(graph.node('Slice', inputs, { shape: [channels, batch, outHeight, outWidth] }));
    }
  }
  return taps;
}

/** The weights' gradient as a convolution of the input with the gradient as a dilated kernel. */
function byDilation(
  graph: OnnxGraph,
  geometry: Geometry,
  [input, gradient]: readonly [Value, Value],
): Value {
  const { channels, outputs, kernel, stride, pad, outHeight, outWidth } = geometry;
  const unused = (size: number, out: number): number =>
    size + 2 * pad - stride * (out - 1) - kernel;
  const endRows = pad - unused(geometry.height, outHeight);
  const endColumns = pad - unused(geometry.width, outWidth);
  const swapped = [input, gradient].map((value) => graph.transpose(value, [1, 0, 2, 3]));
  const product = graph.node('Conv', swapped, {
    shape: [channels, outputs, kernel, kernel],
    attributes: {
      kernel_shape: [outHeight, outWidth],
      dilations: [stride, stride],
      pads: [pad, pad, endRows, endColumns],
    },
  });
  return graph.transpose(product, [1, 0, 2, 3]);
}
