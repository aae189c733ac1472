/**
 * One step of training as one ONNX graph: forward pass, backward pass, AdamW (Loshchilov and
 * Hutter 2017) and the running statistics of batch norm. Weights and optimizer state are flat
 * inputs and outputs, so the same graph trains on any device and a checkpoint is plain numbers.
 */
import { TensorProto_DataType as DataType } from 'onnx-buf';
import {
  countStatistics,
  countWeights,
  embeddingSizeOf,
  parametersOf,
  type Network,
} from './network.ts';
import { OnnxGraph, type Value } from './onnx-graph.ts';
import { crossEntropy } from './operators/cross-entropy.ts';
import {
  forwardPass,
  sliceParameters,
  tensorOf,
  type BlockStatistics,
  type ForwardOptions,
} from './forward-pass.ts';
import { adamW, type AdamState } from './adam.ts';

/** Share of the batch's statistics in the running ones, at each step. */
const STATISTICS_MOMENTUM = 0.05;

/** `frozenBlocks` from the first stay as they are; with all of them only the head learns. */
export interface TrainStepOptions extends ForwardOptions {
  readonly batch: number;
  /** Adds the output `gradient`, for tests. */
  readonly withGradient?: boolean;
}

/** The first weight that is trained; what lies before belongs to frozen blocks. */
export function firstTrainedWeight(network: Network, frozenBlocks: number): number {
  return parametersOf(network).find(({ block }) => block >= frozenBlocks)?.offset ?? 0;
}

/**
 * The model of one step.
 *
 * Inputs: `weights`, `statistics`, `mean` and `square` (Adam's moments of the trained weights),
 * `decay` (mask over the trained weights), `raster` uint8 [batch, planes, pixels, pixels], `targets`
 * [batch, categories], `dropout` [batch, embedding] (0, or 1 / share kept) and `rates` [4]:
 * learning rate, both bias corrections of Adam, weight decay.
 * Outputs: `next_weights`, `next_statistics`, `next_mean`, `next_square` and `loss`.
 */
export function trainStepGraph(options: TrainStepOptions): Uint8Array {
  const { network, frozenBlocks = 0 } = options;
  const graph = new OnnxGraph();
  const inputs = declareInputs(graph, options);
  const tensors = sliceParameters(graph, network, inputs.weights);
  const forward = forwardPass(graph, options, { ...inputs, tensors });
  const loss = crossEntropy(forward.tape, forward.logits, inputs.targets);

  const trained = parametersOf(network).filter(({ block }) => block >= frozenBlocks);
  const wanted = trained.map(({ name }) => tensorOf(tensors, name));
  const gradients = forward.tape
    .gradients(loss, wanted)
    .map((gradient, i) => graph.reshape(gradient, [trained[i]?.size ?? 0]));
  const gradient = graph.concat(gradients);
  const next = updateWeights(graph, options, { ...inputs, gradient });

  graph.output('next_weights', next.weights);
  graph.output('next_mean', next.mean);
  graph.output('next_square', next.square);
  graph.output('next_statistics', updateStatistics(graph, inputs.statistics, forward.statistics));
  graph.output('loss', loss);
  if (options.withGradient) graph.output('gradient', gradient);
  return graph.toBytes();
}

interface StepInputs extends AdamState {
  readonly weights: Value;
  readonly statistics: Value;
  readonly decay: Value;
  readonly raster: Value;
  readonly targets: Value;
  readonly dropout: Value;
  readonly rates: Value;
}

function declareInputs(graph: OnnxGraph, options: TrainStepOptions): StepInputs {
  const { network, batch, frozenBlocks = 0 } = options;
  const { pixels, planes, categories } = network;
  const trained = countWeights(network) - firstTrainedWeight(network, frozenBlocks);
  return {
    weights: graph.input('weights', [countWeights(network)]),
    statistics: graph.input('statistics', [countStatistics(network)]),
    mean: graph.input('mean', [trained]),
    square: graph.input('square', [trained]),
    decay: graph.input('decay', [trained]),
    raster: graph.input('raster', [batch, planes, pixels, pixels], DataType.UINT8),
    targets: graph.input('targets', [batch, categories]),
    dropout: graph.input('dropout', [batch, embeddingSizeOf(network)]),
    rates: graph.input('rates', [4]),
  };
}

/** The running statistics, moved towards those of the batch; frozen blocks keep theirs exactly. */
function updateStatistics(
  graph: OnnxGraph,
  running: Value,
  blocks: readonly BlockStatistics[],
): Value {
  const momenta: Value[] = [];
  const current = blocks.flatMap(({ mean, variance, isFrozen }) =>
    [mean, variance].map((value) => {
      const size = value.shape[1] ?? 0;
      const momentum = new Float32Array(size).fill(isFrozen ? 0 : STATISTICS_MOMENTUM);
      momenta.push(graph.tensor(`momentum${momenta.length}`, [size], momentum));
      return graph.reshape(value, [size]);
    }),
  );
  const { shape } = running;
  const difference = graph.node('Sub', [graph.concat(current), running], { shape });
  const step = graph.node('Mul', [difference, graph.concat(momenta)], { shape });
  return graph.node('Add', [running, step], { shape });
}

/** Adam on the trained tail of the weights; the frozen start is passed through. */
function updateWeights(
  graph: OnnxGraph,
  { network, frozenBlocks = 0 }: TrainStepOptions,
  inputs: StepInputs & { readonly gradient: Value },
): AdamState & { readonly weights: Value } {
  const first = firstTrainedWeight(network, frozenBlocks);
  const total = countWeights(network);
  const trained = first > 0 ? graph.slice(inputs.weights, [first, total]) : inputs.weights;
  const next = adamW(graph, { ...inputs, weights: trained });
  if (first === 0) return next;
  return {
    ...next,
    weights: graph.concat([graph.slice(inputs.weights, [0, first]), next.weights]),
  };
}
