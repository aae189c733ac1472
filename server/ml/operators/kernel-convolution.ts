/** Convolution with the runtime's own operators, whose images are [channels, height, width]. */
import type { Tape } from '../autodiff.ts';
import type { OnnxGraph, Value } from '../onnx-graph.ts';
import { areaOf, type Geometry, type Size } from './patches.ts';

interface Operands {
  readonly input: Value;
  readonly weights: Value;
}

/** See `convolve`. */
export function convolveByKernels(
  tape: Tape,
  { input, weights }: Operands,
  geometry: Geometry,
): Value {
  const { graph } = tape;
  const { batch, outputs, size, outSize } = geometry;
  const images = toImages(graph, input, size);
  const kernels = toKernels(graph, weights, geometry);
  const output = graph.node('Conv', [images, kernels], {
    shape: [batch, outputs, outSize.height, outSize.width],
    attributes: attributesOf(geometry),
  });
  return tape.record([input, weights], toRows(graph, output), (gradient, isWanted) => {
    const flowing = toImages(graph, gradient, outSize);
    return [
      isWanted(input) ? inputGradient(graph, geometry, [flowing, kernels]) : null,
      isWanted(weights) ? weightGradient(graph, geometry, [images, flowing]) : null,
    ];
  });
}

type Pair = readonly [Value, Value];

function attributesOf({ kernel, stride, pad }: Geometry): Record<string, number[]> {
  return {
    kernel_shape: [kernel.height, kernel.width],
    strides: [stride, stride],
    pads: [pad.height, pad.width, pad.height, pad.width],
  };
}

/** [batch, pixels, channels] to [batch, channels, height, width]. */
function toImages(graph: OnnxGraph, rows: Value, { height, width }: Size): Value {
  const [batch = 0, , channels = 0] = rows.shape;
  return graph.reshape(graph.transpose(rows, [0, 2, 1]), [batch, channels, height, width]);
}

function toRows(graph: OnnxGraph, images: Value): Value {
  const [batch = 0, channels = 0, height = 0, width = 0] = images.shape;
  return graph.transpose(graph.reshape(images, [batch, channels, height * width]), [0, 2, 1]);
}

/** [taps x channels, outputs] to [outputs, channels, height, width]. */
function toKernels(graph: OnnxGraph, weights: Value, geometry: Geometry): Value {
  const { channels, outputs, kernel } = geometry;
  const byTap = graph.reshape(weights, [kernel.height, kernel.width, channels, outputs]);
  return graph.transpose(byTap, [3, 2, 0, 1]);
}

function inputGradient(graph: OnnxGraph, geometry: Geometry, inputs: Pair): Value {
  const { batch, channels, size } = geometry;
  const unused = unusedOf(geometry);
  const images = graph.node('ConvTranspose', inputs, {
    shape: [batch, channels, size.height, size.width],
    attributes: { ...attributesOf(geometry), output_padding: [unused.height, unused.width] },
  });
  return toRows(graph, images);
}

/** The input, convolved with the gradient as a kernel whose taps lie a stride apart. */
function weightGradient(graph: OnnxGraph, geometry: Geometry, pair: Pair): Value {
  const { channels, outputs, kernel, stride, pad, outSize } = geometry;
  const unused = unusedOf(geometry);
  const swapped = pair.map((value) => graph.transpose(value, [1, 0, 2, 3]));
  const product = graph.node('Conv', swapped, {
    shape: [channels, outputs, kernel.height, kernel.width],
    attributes: {
      kernel_shape: [outSize.height, outSize.width],
      dilations: [stride, stride],
      pads: [pad.height, pad.width, pad.height - unused.height, pad.width - unused.width],
    },
  });
  const byTap = graph.transpose(product, [2, 3, 0, 1]);
  return graph.reshape(byTap, [areaOf(kernel) * channels, outputs]);
}

/** Rows and columns at the end of the padded input that the stride never reaches. */
function unusedOf({ kernel, stride, pad, size, outSize }: Geometry): Size {
  return {
    height: size.height + 2 * pad.height - kernel.height - stride * (outSize.height - 1),
    width: size.width + 2 * pad.width - kernel.width - stride * (outSize.width - 1),
  };
}
