/**
 * Convolution over square images as gathers of rows: an image is [pixels, channels], so the numbers
 * of a pixel lie together and a Gather copies them at once. A row of zeros behind the pixels stands
 * for all that lies outside the image.
 */
import type { OnnxGraph, Value } from '../onnx-graph.ts';

/** Sizes of a convolution over square images, padded by half its kernel. */
export interface Geometry {
  readonly batch: number;
  readonly channels: number;
  readonly outputs: number;
  readonly kernel: number;
  readonly stride: number;
  readonly pad: number;
  /** Edges of the input and of the output, in pixels. */
  readonly edge: number;
  readonly outEdge: number;
}

interface Sized {
  /** [batch, pixels, channels] */
  readonly input: Value;
  /** [taps x channels, outputs] */
  readonly weights: Value;
  readonly stride: number;
}

export function geometryOf({ input, weights, stride }: Sized): Geometry {
  const [batch = 0, pixels = 0, channels = 0] = input.shape;
  const [rows = 0, outputs = 0] = weights.shape;
  const [edge, kernel] = [Math.sqrt(pixels), Math.sqrt(rows / channels)];
  const pad = (kernel - 1) / 2;
  if (![edge, pad].every(Number.isInteger)) throw new Error('Images and kernels are square.');
  const outEdge = Math.floor((edge + 2 * pad - kernel) / stride) + 1;
  return { batch, channels, outputs, kernel, stride, pad, edge, outEdge };
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
  const { kernel, stride, pad, edge, outEdge } = geometry;
  return range(outEdge * outEdge).flatMap((pixel) =>
    range(kernel * kernel).map((tap) => {
      const y = Math.floor(pixel / outEdge) * stride + Math.floor(tap / kernel) - pad;
      const x = (pixel % outEdge) * stride + (tap % kernel) - pad;
      return placeOf(y, x, edge);
    }),
  );
}

/**
 * The way back: with a stride of 2, pixels in even and in odd rows and columns meet different taps,
 * so there are four phases; with a stride of 1 there is one.
 */
export function phasesOf(geometry: Geometry): Phase[] {
  const { stride, edge } = geometry;
  return range(stride * stride)
    .map((phase) => {
      const [top, left] = [Math.floor(phase / stride), phase % stride];
      const pixels = range(edge * edge).filter(
        (pixel) => Math.floor(pixel / edge) % stride === top && (pixel % edge) % stride === left,
      );
      return toPhase(geometry, pixels);
    })
    .filter(({ pixels }) => pixels.length > 0);
}

function toPhase({ kernel, stride, pad, edge, outEdge }: Geometry, pixels: number[]): Phase {
  // Where the kernel must begin, so that the tap lies on the pixel.
  const startOf = (pixel: number, tap: number): readonly [y: number, x: number] => [
    Math.floor(pixel / edge) + pad - Math.floor(tap / kernel),
    (pixel % edge) + pad - (tap % kernel),
  ];
  const [first = 0] = pixels;
  const taps = range(kernel * kernel).filter((tap) =>
    startOf(first, tap).every((start) => start % stride === 0),
  );
  const places = pixels.flatMap((pixel) =>
    taps.map((tap) => {
      const [y, x] = startOf(pixel, tap);
      return placeOf(y / stride, x / stride, outEdge);
    }),
  );
  return { pixels, taps, places };
}

function placeOf(y: number, x: number, edge: number): number {
  const isInside = y >= 0 && y < edge && x >= 0 && x < edge;
  return isInside ? y * edge + x : edge * edge;
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
