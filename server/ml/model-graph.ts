/**
 * A model version as one file that any ONNX runtime takes: from raster to embedding, confidences
 * and the name of the category, or "?" by the same rule as on the server.
 */
import { TensorProto_DataType as DataType } from 'onnx-buf';
import type { Head } from './head.ts';
import type { Network, NetworkState } from './network.ts';
import { OnnxGraph, type Value } from './onnx-graph.ts';
import { embeddingOf } from './serving-graph.ts';

/** Everything that a version is. */
export interface CompleteModel {
  readonly network: Network;
  readonly state: NetworkState;
  /** Subtracted from every embedding before it is scaled to length 1. */
  readonly center: Float32Array;
  readonly head: Head;
  /** Names in the order of the head's columns. */
  readonly categories: readonly string[];
}

const ANY_BATCH = -1;
/** As in `normalizeEmbeddings` and `evidenceOf`. */
const LEAST = 1e-12;

/** Of a batch of sketches, one row each. */
interface Outputs {
  readonly normalized: Value;
  readonly logits: Value;
  readonly probabilities: Value;
}

/**
 * `raster` uint8 [N, planes, pixels, pixels] to `embedding` float [N, E], `probabilities` float
 * [N, C] and `label` string [N]; `categories` are the names of the C columns.
 */
export function modelGraph(
  model: CompleteModel,
  metadata: Readonly<Record<string, string>>,
): Uint8Array {
  const graph = new OnnxGraph();
  const embedding = embeddingOf(graph, model.network, model.state);
  const normalized = normalize(graph, embedding, model.center);
  const outputs = { normalized, ...classify(graph, normalized, model.head) };
  graph.output('embedding', embedding);
  graph.output('probabilities', outputs.probabilities);
  const names = graph.strings('names', model.categories);
  graph.output('label', nameOf(graph, { ...outputs, names }, model.head));
  graph.output('categories', names);
  return graph.toBytes(metadata);
}

function normalize(graph: OnnxGraph, embedding: Value, center: Float32Array): Value {
  const { shape } = embedding;
  const mean = graph.tensor('center', [center.length], center);
  const centred = graph.node('Sub', [embedding, mean], { shape });
  const squares = graph.node('Mul', [centred, centred], { shape });
  const perSketch = { shape: [ANY_BATCH, 1] };
  const sum = graph.node('ReduceSum', [squares, graph.integers([1])], {
    ...perSketch,
    attributes: { keepdims: 1 },
  });
  const length = graph.node('Sqrt', [sum], perSketch);
  const safe = graph.node('Add', [length, graph.scalar(LEAST)], perSketch);
  return graph.node('Div', [centred, safe], { shape });
}

function classify(
  graph: OnnxGraph,
  normalized: Value,
  { weights, bias, temperature }: Head,
): Omit<Outputs, 'normalized'> {
  const categories = bias.length;
  const kernel = graph.tensor('headWeights', [weights.length / categories, categories], weights);
  const offsets = graph.tensor('headBias', [categories], bias);
  const output = { shape: [ANY_BATCH, categories] };
  const logits = graph.node('Gemm', [normalized, kernel, offsets], output);
  const scaled = graph.node('Div', [logits, graph.scalar(temperature)], output);
  const probabilities = graph.node('Softmax', [scaled], { ...output, attributes: { axis: 1 } });
  return { logits, probabilities };
}

/** The best category's name where the evidence for it reaches the threshold. */
function nameOf(
  graph: OnnxGraph,
  { names, ...outputs }: Outputs & { readonly names: Value },
  head: Head,
): Value {
  const perSketch = { shape: [ANY_BATCH] };
  const best = graph.node('ArgMax', [outputs.probabilities], {
    ...{ shape: [ANY_BATCH, 1], dataType: DataType.INT64 },
    attributes: { axis: 1, keepdims: 1 },
  });
  const flat = graph.node('Squeeze', [best, graph.integers([1])], {
    ...perSketch,
    dataType: DataType.INT64,
  });
  const name = graph.node('Gather', [names, flat], { ...perSketch, dataType: DataType.STRING });
  // Without a threshold the answer is never "?".
  if (!Number.isFinite(head.unknown.threshold)) return name;
  const threshold = graph.scalar(head.unknown.threshold);
  const isKnown = graph.node(
    'GreaterOrEqual',
    [weigh(graph, { ...outputs, best }, head), threshold],
    {
      ...{ shape: [ANY_BATCH, 1], dataType: DataType.BOOL },
    },
  );
  const perRow = graph.node('Squeeze', [isKnown, graph.integers([1])], {
    ...perSketch,
    dataType: DataType.BOOL,
  });
  const unknown = graph.strings('unknown', ['?']);
  return graph.node('Where', [perRow, name, unknown], { ...perSketch, dataType: DataType.STRING });
}

/** The same sum as `weigh` of `unknown.ts`, of the best category of each row. */
function weigh(
  graph: OnnxGraph,
  { best, ...outputs }: Outputs & { readonly best: Value },
  { means, support, bias, unknown }: Head,
): Value {
  const categories = bias.length;
  const perSketch = { shape: [ANY_BATCH, 1] };
  const ofBest = (rows: Value): Value =>
    graph.node('GatherElements', [rows, best], { ...perSketch, attributes: { axis: 1 } });
  const times = (value: Value, weight: number): Value =>
    graph.node('Mul', [value, graph.scalar(weight)], perSketch);
  const directions = graph.tensor('means', [categories, means.length / categories], means);
  const cosines = graph.node('Gemm', [outputs.normalized, directions], {
    shape: [ANY_BATCH, categories],
    attributes: { transB: 1 },
  });
  const least = graph.scalar(LEAST);
  const confidence = graph.node('Add', [ofBest(outputs.probabilities), least], perSketch);
  const fewness = Float32Array.from(support, (count) => 1 / Math.sqrt(Math.max(1, count)));
  const perCategory = fewness.map(
    (few) => unknown.fewness * few + unknown.categories * Math.log(categories),
  );
  const terms = [
    times(ofBest(cosines), unknown.cosine),
    times(ofBest(outputs.logits), unknown.logit),
    times(graph.node('Log', [confidence], perSketch), unknown.confidence),
    graph.node('Gather', [graph.tensor('prior', [categories], perCategory), best], perSketch),
  ];
  return terms.reduce((sum, term) => graph.node('Add', [sum, term], perSketch));
}
