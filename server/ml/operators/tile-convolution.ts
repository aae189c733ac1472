/**
 * 3x3 convolution with stride 1 by the minimal filtering of Winograd, as Lavin and Gray (2015) use
 * it: a tile of 4x4 output pixels takes 36 multiplications for each pair of channels instead of
 * 144. Input, kernel and product are each transformed by a constant matrix; in between lies one
 * matrix product for each of the 36 places of a transformed tile.
 */
import type { Tape } from '../autodiff.ts';
import { sizeOf, type OnnxGraph, type Shape, type Value } from '../onnx-graph.ts';
import type { Geometry } from './patches.ts';
import {
  inputTransform,
  kernelTransform,
  outputTransform,
  PLACES,
  tilesOf,
  transposed,
  type Transform,
} from './tile-transforms.ts';

interface Operands {
  readonly input: Value;
  readonly weights: Value;
}

export function fitsTiles({ stride, kernel }: Geometry): boolean {
  return stride === 1 && kernel.height === 3 && kernel.width === 3;
}

/** See `convolve`. */
export function convolveByTiles(
  tape: Tape,
  { input, weights }: Operands,
  geometry: Geometry,
): Value {
  if (!fitsTiles(geometry)) throw new Error('Tiles are for 3x3 kernels with stride 1.');
  const { graph } = tape;
  const { batch, channels, outputs } = geometry;
  const { width: edge } = geometry.size;
  const [pixels, rows] = [edge * edge, batch * tilesOf(edge)];
  const [onInput, onOutput] = [inputTransform(edge), outputTransform(edge)];
  const onKernel = kernelTransform();

  const kernels = apply(graph, onKernel, { value: weights, shape: [PLACES, channels, outputs] });
  const tiles = apply(graph, onInput, {
    value: swapped(graph, input),
    shape: [PLACES, rows, channels],
  });
  const value = multiply(graph, tiles, kernels);
  const output = apply(graph, onOutput, { value, shape: [pixels, batch, outputs] });
  return tape.record([input, weights], swapped(graph, output), (gradient, isWanted) => {
    const slopes = apply(graph, transposed(onOutput), {
      value: swapped(graph, gradient),
      shape: [PLACES, rows, outputs],
    });
    const toInput = (): Value => {
      const back = multiply(graph, slopes, graph.transpose(kernels, [0, 2, 1]));
      const shape = [pixels, batch, channels];
      return swapped(graph, apply(graph, transposed(onInput), { value: back, shape }));
    };
    const toWeights = (): Value => {
      const back = multiply(graph, graph.transpose(tiles, [0, 2, 1]), slopes);
      return apply(graph, transposed(onKernel), { value: back, shape: weights.shape });
    };
    return [isWanted(input) ? toInput() : null, isWanted(weights) ? toWeights() : null];
  });
}

interface Applied {
  /** Its leading dimensions are the matrix's columns. */
  readonly value: Value;
  /** Of the result. */
  readonly shape: Shape;
}

function apply(graph: OnnxGraph, { name, matrix }: Transform, { value, shape }: Applied): Value {
  const [rows, columns] = [matrix.length, matrix[0]?.length ?? 1];
  const constant = graph.tensorOnce(name, [rows, columns], Float32Array.from(matrix.flat()));
  const width = sizeOf(value.shape) / columns;
  const flat = graph.reshape(value, [columns, width]);
  return graph.reshape(graph.node('MatMul', [constant, flat], { shape: [rows, width] }), shape);
}

/** One matrix product for each place. */
function multiply(graph: OnnxGraph, a: Value, b: Value): Value {
  return graph.node('MatMul', [a, b], { shape: [PLACES, a.shape[1] ?? 0, b.shape[2] ?? 0] });
}

/** [batch, pixels, channels] to [pixels, batch, channels] and back. */
function swapped(graph: OnnxGraph, image: Value): Value {
  return graph.transpose(image, [1, 0, 2]);
}
