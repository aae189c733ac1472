/**
 * Convolution, written in one of two exact forms that check each other in the tests. `kernels`
 * uses the runtime's convolution; it is slow where few output pixels are left, because it
 * multiplies image by image. `patches` gathers the pixels under each tap of the kernel (im2col)
 * and makes one matrix product of the whole batch. Weight gradients are patches in both.
 */
import type { Tape } from '../autodiff.ts';
import type { Value } from '../onnx-graph.ts';
import { geometryOf, Patches, type Geometry } from './patches.ts';

export type ConvolutionForm = 'kernels' | 'patches';

/** Up to so many output pixels an image, patches are faster (measured on the CPU). */
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
  const form = convolution.form ?? (pixels <= MOST_PATCH_PIXELS ? 'patches' : 'kernels');
  const write = form === 'patches' ? convolveByPatches : convolveByKernels;
  return write(tape, convolution, geometry);
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

function convolveByKernels(tape: Tape, { input, weights }: Convolution, geometry: Geometry): Value {
  const { graph } = tape;
  const { batch, channels, outputs, kernel, stride, pad, height, width } = geometry;
  const { outHeight, outWidth } = geometry;
  const attributes = {
    kernel_shape: [kernel, kernel],
    strides: [stride, stride],
    pads: [pad, pad, pad, pad],
  };
  const shape = [batch, outputs, outHeight, outWidth];
  const output = graph.node('Conv', [input, weights], { shape, attributes });
  // Rows and columns that the stride left over at the end.
  const missing = (size: number, out: number): number =>
    size - ((out - 1) * stride - 2 * pad + kernel);
  return tape.record([input, weights], output, (gradient, isWanted) => {
    const patches = new Patches(graph, geometry);
    const inputGradient = (): Value =>
      graph.node('ConvTranspose', [gradient, weights], {
        shape: [batch, channels, height, width],
        attributes: {
          ...attributes,
          output_padding: [missing(height, outHeight), missing(width, outWidth)],
        },
      });
    return [
      isWanted(input) ? inputGradient() : null,
      isWanted(weights)
        ? patches.weightGradient(patches.toRows(gradient), patches.gather(input))
        : null,
    ];
  });
}
