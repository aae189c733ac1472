/**
 * The arithmetic of convolution as matrix products. "Rows" are [channels, pixels of the batch];
 * patches are [taps x channels, output pixels of the batch]: under each tap of the kernel, the
 * input's pixels.
 */
import type { OnnxGraph, Value } from '../onnx-graph.ts';

/** All sizes of a convolution whose padding is half its kernel. */
export interface Geometry {
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

interface Sized {
  readonly input: Value;
  readonly weights: Value;
  readonly stride: number;
}

export function geometryOf({ input, weights, stride }: Sized): Geometry {
  const [batch = 0, channels = 0, height = 0, width = 0] = input.shape;
  const [outputs = 0, , kernel = 0] = weights.shape;
  const pad = Math.floor(kernel / 2);
  const outSize = (size: number): number => Math.floor((size + 2 * pad - kernel) / stride) + 1;
  const [outHeight, outWidth] = [outSize(height), outSize(width)];
  return { batch, channels, outputs, kernel, stride, pad, height, width, outHeight, outWidth };
}

/** Writes the steps of one convolution by patches into a graph. */
export class Patches {
  readonly #graph: OnnxGraph;
  readonly #geometry: Geometry;
  readonly #taps: number;
  readonly #pixels: number;

  constructor(graph: OnnxGraph, geometry: Geometry) {
    this.#graph = graph;
    this.#geometry = geometry;
    this.#taps = geometry.kernel * geometry.kernel;
    this.#pixels = geometry.batch * geometry.outHeight * geometry.outWidth;
  }

  gather(input: Value): Value {
    const { batch, channels, kernel, stride, pad, outHeight, outWidth } = this.#geometry;
    const graph = this.#graph;
    const pads = graph.integers([0, 0, pad, pad, 0, 0, pad, pad]);
    const padded = graph.node('Pad', [graph.transpose(input, [1, 0, 2, 3]), pads], {
      shape: [channels, batch, this.#geometry.height + 2 * pad, this.#geometry.width + 2 * pad],
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
    return graph.reshape(graph.concat(taps), [this.#taps * channels, this.#pixels]);
  }

  /** Gradients of patches, added up at the input's pixels they came from: gather, backwards. */
  scatter(patches: Value): Value {
    const { batch, channels, height, width, outHeight, outWidth } = this.#geometry;
    const graph = this.#graph;
    const outPixels = outHeight * outWidth;
    const images = channels * batch;
    const byTap = graph.reshape(patches, [this.#taps, images, outPixels]);
    const byImage = graph.reshape(graph.transpose(byTap, [1, 0, 2]), [
      images,
      this.#taps * outPixels,
    ]);
    const sums = graph.node('MatMul', [byImage, this.#scatterMatrix()], {
      shape: [images, height * width],
    });
    return graph.transpose(graph.reshape(sums, [channels, batch, height, width]), [1, 0, 2, 3]);
  }

  /** [outputs, channels, kernel, kernel] to [outputs, taps x channels]. */
  weightsToMatrix(weights: Value): Value {
    const { channels, outputs } = this.#geometry;
    const byChannel = this.#graph.reshape(weights, [outputs, channels, this.#taps]);
    const byTap = this.#graph.transpose(byChannel, [0, 2, 1]);
    return this.#graph.reshape(byTap, [outputs, this.#taps * channels]);
  }

  multiply(matrix: Value, patches: Value): Value {
    const shape = [this.#geometry.outputs, this.#pixels];
    return this.#graph.node('MatMul', [matrix, patches], { shape });
  }

  multiplyTransposed(matrix: Value, rows: Value): Value {
    const shape = [this.#taps * this.#geometry.channels, this.#pixels];
    return this.#graph.node('Gemm', [matrix, rows], { shape, attributes: { transA: 1 } });
  }

  /** [outputs, pixels of the batch] to [batch, outputs, height, width]. */
  toImages(rows: Value): Value {
    const { batch, outputs, outHeight, outWidth } = this.#geometry;
    const images = this.#graph.reshape(rows, [outputs, batch, outHeight, outWidth]);
    return this.#graph.transpose(images, [1, 0, 2, 3]);
  }

  toRows(images: Value): Value {
    const rows = this.#graph.transpose(images, [1, 0, 2, 3]);
    return this.#graph.reshape(rows, [this.#geometry.outputs, this.#pixels]);
  }

  weightGradient(rows: Value, patches: Value): Value {
    const { channels, outputs, kernel } = this.#geometry;
    const product = this.#graph.node('Gemm', [rows, patches], {
      shape: [outputs, this.#taps * channels],
      attributes: { transB: 1 },
    });
    const byTap = this.#graph.reshape(product, [outputs, this.#taps, channels]);
    const byChannel = this.#graph.transpose(byTap, [0, 2, 1]);
    return this.#graph.reshape(byChannel, [outputs, channels, kernel, kernel]);
  }

  /** 1 where a tap of an output pixel lies on an input pixel: [taps x outputs, inputs]. */
  #scatterMatrix(): Value {
    const { kernel, stride, pad, height, width, outHeight, outWidth } = this.#geometry;
    const rows = this.#taps * outHeight * outWidth;
    const ones = new Float32Array(rows * height * width);
    for (let row = 0; row < rows; row++) {
      const tap = Math.floor(row / (outHeight * outWidth));
      const pixel = row % (outHeight * outWidth);
      const y = Math.floor(pixel / outWidth) * stride + Math.floor(tap / kernel) - pad;
      const x = (pixel % outWidth) * stride + (tap % kernel) - pad;
      const isInside = y >= 0 && y < height && x >= 0 && x < width;
      if (isInside) ones[row * height * width + y * width + x] = 1;
    }
    const name = `scatter_${[kernel, stride, height, width].join('_')}`;
    return this.#graph.tensorOnce(name, [rows, height * width], ones);
  }
}
