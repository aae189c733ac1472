/**
 * Convolution, written in exact forms that check each other in the tests.
 *
 * - `kernels`: with the runtime's convolution alone, the weights' gradient as a dilated one.
 * - `mixed`: as `kernels`, but the weights' gradient as a product of patches (im2col): on a GPU
 *   a kernel as large as the image is likely to be slow.
 * - `patches`: all of it as products of patches of the whole batch. The runtime's convolution
 *   multiplies image by image, which is slow where few output pixels are left.
 */
import type { Tape } from '../autodiff.ts';
import type { OnnxGraph, Value } from '../onnx-graph.ts';
import { geometryOf, Patches, type Geometry } from './patches.ts';

export type ConvolutionForm = 'kernels' | 'mixed' | 'patches';

/** Up to so many output pixels an image, patches are faster than `mixed` (measured on the CPU). */
const MOST_PATCH_PIXELS = 16;

export interface Convolution {
  /** [batch, channels, height, width] */
  readonly input: Value;
  /** [outputs, channels, kernel, kernel] */
  readonly weights: Value;
  readonly stride: number;
  readonly form?: ConvolutionForm | undefined;
}

/** A two-dimensional convolution without bias, padded by half its kernel. */
export function convolve(tape: Tape, convolution: Convolution): Value {
  const geometry = geometryOf(convolution);
  const pixels = geometry.outHeight * geometry.outWidth;
  const form = convolution.form ?? (pixels <= MOST_PATCH_PIXELS ? 'patches' : 'mixed');
  return form === 'patches'
    ? convolveByPatches(tape, convolution, geometry)
    : convolveByKernels(tape, { ...convolution, form }, geometry);
}

function convolveByPatches(tape: Tape, { input, weights }: Convolution, geometry: Geometry): Value {
  const patches = new Patches(tape.graph, geometry);
  const gathered = patches.gather(input);
  const matrix = patches.weightsToMatrix(weights);
  const output = patches.toImages(patches.multiply(matrix, gathered));
  return tape.record([input, weights], output, (gradient, isWanted) => {
    const rows = patches.toRows(gradient);
    return [
      isWanted(input) ? patches.scatter(patches.multiplyTransposed(matrix, rows)) : null,
      isWanted(weights) ? patches.weightGradient(rows, gathered) : null,
    ];
  });
}

function convolveByKernels(
  tape: Tape,
  { input, weights, form }: Convolution,
  geometry: Geometry,
): Value {
  const { graph } = tape;
  const { batch, outputs, outHeight, outWidth } = geometry;
  const shape = [batch, outputs, outHeight, outWidth];
  const attributes = attributesOf(geometry);
  const output = graph.node('Conv', [input, weights], { shape, attributes });
  const weightGradient = form === 'kernels' ? gradientByDilation : gradientByPatches;
  return tape.record([input, weights], output, (gradient, isWanted) => [
    isWanted(input) ? inputGradient(graph, geometry, [gradient, weights]) : null,
    isWanted(weights) ? weightGradient(graph, geometry, [input, gradient]) : null,
  ]);
}

function attributesOf({ kernel, stride, pad }: Geometry): Record<string, number[]> {
  return { kernel_shape: [kernel, kernel], strides: [stride, stride], pads: [pad, pad, pad, pad] };
}

type Pair = readonly [Value, Value];

function inputGradient(graph: OnnxGraph, geometry: Geometry, inputs: Pair): Value {
  const { batch, channels, height, width } = geometry;
  const [bottom, right] = unusedOf(geometry);
  return graph.node('ConvTranspose', inputs, {
    shape: [batch, channels, height, width],
    attributes: { ...attributesOf(geometry), output_padding: [bottom, right] },
  });
}

/** Rows and columns at the end of the padded input that the stride never reaches. */
function unusedOf(geometry: Geometry): readonly [rows: number, columns: number] {
  const { kernel, stride, pad, height, width, outHeight, outWidth } = geometry;
  const unused = (size: number, out: number): number =>
    size + 2 * pad - kernel - stride * (out - 1);
  return [unused(height, outHeight), unused(width, outWidth)];
}

function gradientByPatches(graph: OnnxGraph, geometry: Geometry, [input, gradient]: Pair): Value {
  const patches = new Patches(graph, geometry);
  return patches.weightGradient(patches.toRows(gradient), patches.gather(input));
}

/** The input, convolved with the gradient as a kernel whose taps lie a stride apart. */
function gradientByDilation(graph: OnnxGraph, geometry: Geometry, pair: Pair): Value {
  const { channels, outputs, kernel, stride, pad, outHeight, outWidth } = geometry;
  const [bottom, right] = unusedOf(geometry);
  const swapped = pair.map((value) => graph.transpose(value, [1, 0, 2, 3]));
  const product = graph.node('Conv', swapped, {
    shape: [channels, outputs, kernel, kernel],
    attributes: {
      kernel_shape: [outHeight, outWidth],
      dilations: [stride, stride],
      pads: [pad, pad, pad - bottom, pad - right],
    },
  });
  return graph.transpose(product, [1, 0, 2, 3]);
}
