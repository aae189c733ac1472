/**
 * Convolution, written in forms that check each other in the tests.
 *
 * - `tiles`: by minimal filtering, which takes a quarter of the multiplications. For kernels of 3x3
 *   with stride 1 over small images: its transforms are matrices over all pixels of an image.
 * - `patches`: as one matrix product of gathered patches of the whole batch. Faster on the CPU than
 *   the runtime's convolution, which multiplies image by image and makes the same patches.
 * - `kernels`: with the runtime's own convolution, the weights' gradient as a dilated one.
 */
import type { Tape } from '../autodiff.ts';
import type { OnnxGraph, Value } from '../onnx-graph.ts';
import { convolveByKernels } from './kernel-convolution.ts';
import {
  areaOf,
  gatherRows,
  geometryOf,
  inputPlaces,
  phasesOf,
  toMatrix,
  withZeroRow,
  type Geometry,
  type Phase,
} from './patches.ts';
import { convolveByTiles, fitsTiles } from './tile-convolution.ts';

export type ConvolutionForm = 'tiles' | 'patches' | 'kernels';

/** Up to this edge of the image its transforms cost less than tiles save. */
const MOST_TILED_EDGE = 8;

export interface Convolution {
  /** [batch, pixels, channels], the pixels of square images row by row, or those of a line */
  readonly input: Value;
  /** [taps x channels, outputs]: all channels of the first tap, then of the next */
  readonly weights: Value;
  readonly stride: number;
  /** One-dimensional: the pixels are the points of a line, and the taps lie beside each other. */
  readonly isLine?: boolean | undefined;
  readonly form?: ConvolutionForm | undefined;
}

/** A convolution without bias, padded by half its kernel: [batch, pixels, outputs]. */
export function convolve(tape: Tape, convolution: Convolution): Value {
  const geometry = geometryOf(convolution);
  switch (convolution.form ?? fastestForm(geometry)) {
    case 'tiles':
      return convolveByTiles(tape, convolution, geometry);
    case 'patches':
      return convolveByPatches(tape, convolution, geometry);
    case 'kernels':
      return convolveByKernels(tape, convolution, geometry);
  }
}

function fastestForm(geometry: Geometry): ConvolutionForm {
  return fitsTiles(geometry) && geometry.size.width <= MOST_TILED_EDGE ? 'tiles' : 'patches';
}

function convolveByPatches(tape: Tape, { input, weights }: Convolution, geometry: Geometry): Value {
  const { graph } = tape;
  const { batch, outputs, kernel, outSize } = geometry;
  const places = inputPlaces(geometry);
  const width = areaOf(kernel);
  const patches = gatherRows(graph, withZeroRow(graph, input), { places, width });
  const shape = [batch, areaOf(outSize), outputs];
  const output = graph.node('MatMul', [patches, weights], { shape });
  return tape.record([input, weights], output, (gradient, isWanted) => [
    isWanted(input) ? inputGradient(graph, geometry, [gradient, weights]) : null,
    isWanted(weights)
      ? graph.node('Gemm', [toMatrix(graph, patches), toMatrix(graph, gradient)], {
          shape: weights.shape,
          attributes: { transA: 1 },
        })
      : null,
  ]);
}

/** A convolution of the gradient for each phase of the stride, put together pixel by pixel. */
function inputGradient(
  graph: OnnxGraph,
  geometry: Geometry,
  [gradient, weights]: readonly [Value, Value],
): Value {
  const { channels, outputs, kernel, size } = geometry;
  const padded = withZeroRow(graph, gradient);
  const byTap = graph.transpose(
    graph.reshape(weights, [areaOf(kernel), channels, outputs]),
    [0, 2, 1],
  );
  const phases = phasesOf(geometry);
  const parts = phases.map((phase) => phaseGradient(graph, phase, [padded, byTap]));
  const order = phases.flatMap(({ pixels }) => pixels);
  const places = Array.from({ length: areaOf(size) }, (_, pixel) => order.indexOf(pixel));
  const joined = graph.concat(parts, 1);
  return parts.length === 1 ? joined : gatherRows(graph, joined, { places, width: 1 });
}

/** [batch, pixels of the phase, channels], given the weights as [taps, outputs, channels]. */
function phaseGradient(
  graph: OnnxGraph,
  { pixels, taps, places }: Phase,
  [padded, byTap]: readonly [Value, Value],
): Value {
  const [batch = 0] = padded.shape;
  const [, outputs = 0, channels = 0] = byTap.shape;
  const gathered = gatherRows(graph, padded, { places, width: taps.length });
  const used = graph.node('Gather', [byTap, graph.integers(taps)], {
    shape: [taps.length, outputs, channels],
    attributes: { axis: 0 },
  });
  const matrix = graph.reshape(used, [taps.length * outputs, channels]);
  return graph.node('MatMul', [gathered, matrix], { shape: [batch, pixels.length, channels] });
}
