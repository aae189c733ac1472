/**
 * Convolution as gathers of rows: an image is [pixels, channels], so the numbers of a pixel lie
 * together and a Gather copies them at once. A row of zeros behind the pixels stands for all that
 * lies outside the image. A line is an image of height 1.
 */
import type { OnnxGraph, Value } from '../onnx-graph.ts';

export interface Size {
  readonly height: number;
  readonly width: number;
}

/** Sizes of a convolution, padded by half its kernel. */
export interface Geometry {
  readonly batch: number;
  readonly channels: number;
  readonly outputs: number;
  readonly kernel: Size;
  readonly stride: number;
  readonly pad: Size;
  /** Of the input and of the output, in pixels. */
  readonly size: Size;
  readonly outSize: Size;
}

interface Sized {
  /** [batch, pixels, channels] */
  readonly input: Value;
  /** [taps x channels, outputs] */
  readonly weights: Value;
  readonly stride: number;
  readonly isLine?: boolean | undefined;
}

export function geometryOf({ input, weights, stride, isLine = false }: Sized): Geometry {
  const [batch = 0, pixels = 0, channels = 0] = input.shape;
  const [rows = 0, outputs = 0] = weights.shape;
  const sizeOf = (count: number): Size =>
    isLine ? { height: 1, width: count } : { height: Math.sqrt(count), width: Math.sqrt(count) };
  const [size, kernel] = [sizeOf(pixels), sizeOf(rows / channels)];
  const pad = { height: (kernel.height - 1) / 2, width: (kernel.width - 1) / 2 };
  if (![size.width, pad.width].every(Number.isInteger))
    throw new Error('Images and kernels are square, or lines with an odd number of taps.');
  const outSize = {
    height: Math.floor((size.height + 2 * pad.height - kernel.height) / stride) + 1,
    width: Math.floor((size.width + 2 * pad.width - kernel.width) / stride) + 1,
  };
  return { batch, channels, outputs, kernel, stride, pad, size, outSize };
}

/** How many pixels, or taps, it has. */
export function areaOf({ height, width }: Size): number {
  return height * width;
}

/** Input pixels that are reached by the same taps of the kernel, with where these put them. */
export interface Phase {
  readonly pixels: readonly number[];
  readonly taps: readonly number[];
  /** For each pixel and tap the output pixel it takes part in; `outPixels` where there is none. */
  readonly places: readonly number[];
}

/** For each output pixel and tap the input pixel under it; `pixels` outside the image. */
export function inputPlaces(geometry: Geometry): number[] {
  const { kernel, stride, pad, size, outSize } = geometry;
  return range(areaOf(outSize)).flatMap((pixel) =>
    range(areaOf(kernel)).map((tap) => {
      const [row, column] = rowAndColumn(pixel, outSize);
      const [down, right] = rowAndColumn(tap, kernel);
      return placeOf(row * stride + down - pad.height, column * stride + right - pad.width, size);
    }),
  );
}

/**
 * The way back: with a stride of 2, pixels in even and in odd rows and columns meet different taps,
 * so there are four phases, of a line two; with a stride of 1 there is one.
 */
export function phasesOf(geometry: Geometry): Phase[] {
  const { stride, size } = geometry;
  return range(stride * stride)
    .map((phase) => {
      const [top, left] = [Math.floor(phase / stride), phase % stride];
      const pixels = range(areaOf(size)).filter((pixel) => {
        const [row, column] = rowAndColumn(pixel, size);
        return row % stride === top && column % stride === left;
      });
      return toPhase(geometry, pixels);
    })
    .filter(({ pixels }) => pixels.length > 0);
}

function toPhase({ kernel, stride, pad, size, outSize }: Geometry, pixels: number[]): Phase {
  // Where the kernel must begin, so that the tap lies on the pixel.
  const startOf = (pixel: number, tap: number): readonly [y: number, x: number] => {
    const [row, column] = rowAndColumn(pixel, size);
    const [down, right] = rowAndColumn(tap, kernel);
    return [row + pad.height - down, column + pad.width - right];
  };
  const [first = 0] = pixels;
  const taps = range(areaOf(kernel)).filter((tap) =>
    startOf(first, tap).every((start) => start % stride === 0),
  );
  const places = pixels.flatMap((pixel) =>
    taps.map((tap) => {
      const [y, x] = startOf(pixel, tap);
      return placeOf(y / stride, x / stride, outSize);
    }),
  );
  return { pixels, taps, places };
}

function rowAndColumn(index: number, { width }: Size): readonly [row: number, column: number] {
  return [Math.floor(index / width), index % width];
}

function placeOf(y: number, x: number, { height, width }: Size): number {
  const isInside = y >= 0 && y < height && x >= 0 && x < width;
  return isInside ? y * width + x : height * width;
}

function range(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i);
}

/** The image with a row of zeros behind its pixels: [batch, pixels + 1, channels]. */
export function withZeroRow(graph: OnnxGraph, image: Value): Value {
  const [batch = 0, pixels = 0, channels = 0] = image.shape;
  const shape = [batch, pixels + 1, channels];
  return graph.node('Pad', [image, graph.integers([0, 0, 0, 0, 1, 0])], { shape });
}

/** The rows at `places`, `width` of them side by side: [batch, places / width, width x channels]. */
export function gatherRows(
  graph: OnnxGraph,
  image: Value,
  { places, width }: { readonly places: readonly number[]; readonly width: number },
): Value {
  const [batch = 0, , channels = 0] = image.shape;
  const rows = graph.node('Gather', [image, graph.integers(places)], {
    shape: [batch, places.length, channels],
    attributes: { axis: 1 },
  });
  return graph.reshape(rows, [batch, places.length / width, width * channels]);
}

/** All images' pixels under each other, as the general matrix product takes them. */
export function toMatrix(graph: OnnxGraph, image: Value): Value {
  const [batch = 0, pixels = 0, width = 0] = image.shape;
  return graph.reshape(image, [batch * pixels, width]);
}
