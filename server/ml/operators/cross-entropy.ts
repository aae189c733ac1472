import type { Tape } from '../autodiff.ts';
import type { Value } from '../onnx-graph.ts';

/**
 * The mean over the batch of the cross-entropy between softmax(logits) and soft targets, both
 * [batch, categories]. A row of targets need not sum to 1: its sum is the example's weight.
 */
export function crossEntropy(tape: Tape, logits: Value, targets: Value): Value {
  const { graph } = tape;
  const { shape } = logits;
  const [batch = 1] = shape;
  const reduce = (opType: string, value: Value): Value =>
    graph.node(opType, [value, graph.integers([1])], {
      shape: [batch, 1],
      attributes: { keepdims: 1 },
    });
  const each = (opType: string, ...inputs: Value[]): Value => graph.node(opType, inputs, { shape });

  // Out of simple operators, because WebGPU has no kernel for LogSoftmax.
  const shifted = each('Sub', logits, reduce('ReduceMax', logits));
  const sum = reduce('ReduceSum', each('Exp', shifted));
  const logSoftmax = each('Sub', shifted, graph.node('Log', [sum], { shape: [batch, 1] }));
  const total = graph.node(
    'ReduceSum',
    [each('Mul', logSoftmax, targets), graph.integers([0, 1])],
    {
      shape: [],
      attributes: { keepdims: 0 },
    },
  );
  const loss = graph.node('Mul', [total, graph.scalar(-1 / batch)], { shape: [] });
  return tape.record([logits], loss, (gradient) => {
    const expected = each('Mul', each('Exp', logSoftmax), reduce('ReduceSum', targets));
    const share = graph.node('Mul', [gradient, graph.scalar(1 / batch)], { shape: [] });
    return [each('Mul', each('Sub', expected, targets), share)];
  });
}
