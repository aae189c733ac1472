import { PATH_FEATURES } from '../../shared/pen-path.ts';
import { IMAGE_PLANES, RASTER_LINE_WIDTH } from '../../shared/rasterize.ts';
import type { ModelVersionRecord } from '../domain/learning-ports.ts';
import type { BlobStore } from '../domain/ports.ts';
import { modelGraph } from '../ml/model-graph.ts';
import type { Network } from '../ml/network.ts';
import { readBackbone } from './backbone-blob.ts';
import { readHead } from './project-model.ts';
import type { StarterModel } from './starter-model.ts';

const ATTRIBUTION =
  'Its starter model was trained on the Quick, Draw! Dataset, made available by Google, Inc. under ' +
  'the Creative Commons Attribution 4.0 International license ' +
  '(https://creativecommons.org/licenses/by/4.0/). What people taught it belongs to its project.';

/**
 * A version with all its weights as standard ONNX. What is needed to feed it and to read its
 * answers is in its metadata. Throws `model.unavailable` where its weights are not there any more.
 */
export async function exportOnnx(
  ports: { readonly starter: StarterModel; readonly blobs: BlobStore },
  version: ModelVersionRecord,
): Promise<Uint8Array> {
  const [backbone, head] = await Promise.all([
    readBackbone(ports, version),
    readHead(ports.blobs, version),
  ]);
  const { network, state, center } = backbone;
  const categories = version.categories.map(({ name }) => name);
  return modelGraph({ network, state, center, head, categories }, metadataOf(version, network));
}

function metadataOf(version: ModelVersionRecord, network: Network): Record<string, string> {
  return {
    modelVersion: version.id,
    modelVersionNumber: String(version.number),
    backbone: version.backboneId,
    layers: version.layers,
    categories: JSON.stringify(version.categories.map(({ id, name }) => ({ id, name }))),
    input: `raster: uint8 [N, ${network.planes}, ${network.pixels}, ${network.pixels}]`,
    preprocessing: describeRaster(network),
    outputs:
      'embedding: float [N, E]. probabilities: float [N, C], calibrated. label: string [N], the ' +
      'name of the likeliest category or "?". categories: string [C], the names of the columns.',
    unknown:
      'label is "?" where distance to the mean of the likeliest category and confidence speak ' +
      'against it. Ask only for sketches of more than a single point: a dot has no label.',
    license: 'MIT',
    // Weights that began at random owe the starter model nothing.
    ...(version.layers !== 'scratch' && { attribution: ATTRIBUTION }),
  };
}

/** What `rasterize` does, in words: enough to write it again. */
function describeRaster({ pixels, planes }: Network): string {
  const order =
    planes > 1
      ? ' The second plane shows the order: the grey of the first plane, times 1 where the pen began ' +
        'and falling evenly to 0.2 where it ended, with the share of the line drawn before.'
      : '';
  const direction =
    planes > 2
      ? ' The next four show where the pen went, to the right, to the left, down and up: the grey of ' +
        'the first plane times the part of the direction (a vector of length 1) that points there, 0 ' +
        'where it points the other way. Where lines cross, order and direction are those of the ' +
        'darker one, and of the first where both are alike.'
      : '';
  const path = planes > IMAGE_PLANES ? ` ${describePath(pixels ** 2 / PATH_FEATURES)}` : '';
  return (
    `A square of ${pixels} x ${pixels} bytes, row by row from the top, 0 is paper and 255 is ink. The ` +
    'strokes are smoothed: each point but the first and the last of a stroke moves to the mean of k ' +
    'points before it, itself and k points after it, weighted 1, 2, ... k + 1, ... 2, 1, for the ' +
    'largest k up to 32 with which all of these lie within 12/255 of the longer side of the box of ' +
    'all strokes, measured along the line. What comes out is scaled, with its aspect kept, so that ' +
    'the longer side of its box is 90 % of the edge, and centred by that box. Each stroke is a line through its points, ' +
    `${RASTER_LINE_WIDTH * 100} % of the edge wide (${RASTER_LINE_WIDTH * pixels} pixels) with round ` +
    'ends. A pixel has the grey 255 * min(1, max(0, half the width + 0.5 - distance from its ' +
    'centre to the nearest line)), in pixels; where lines cross, the darker wins. Colour and brush ' +
    `play no part.${order}${direction}${path} The same as rasterize() of shared/rasterize.ts in the project's source.`
  );
}

/** What `penPath` does, in words. */
function describePath(points: number): string {
  return (
    `The last plane is no image: ${PATH_FEATURES} rows of ${points} bytes, a column for each point of the ` +
    "pen's path, each byte 255 times a share cut to 0..1. Of each stroke only the corners are kept " +
    '(Douglas and Peucker, tolerance 2/255 of the longer side of the box of all strokes); the points lie ' +
    'evenly by number along all of them, between two corners of a stroke on the line, between two ' +
    'strokes on the nearer end. With lengths as shares of the longer side, the rows are: x and y from ' +
    'the middle of the box, plus 0.5; direction from the point before, a vector of length 1, to the ' +
    'right, left, down and up; whether a stroke begins; where one does, how far from the point before ' +
    '(right, left, down, up); 4 times the length of the step; width and height of the box; strokes ' +
    'before, of 16; points before, of all.'
  );
}
