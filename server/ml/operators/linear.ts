import type { Tape } from '../autodiff.ts';
import type { Value } from '../onnx-graph.ts';

export interface Linear {
  /** [batch, inputs] */
  readonly input: Value;
  /** [inputs, outputs] */
  readonly weights: Value;
  /** [outputs] */
  readonly bias: Value;
}

/** `input x weights + bias`. */
export function linear(tape: Tape, { input, weights, bias }: Linear): Value {
  const { graph } = tape;
  const [batch = 0] = input.shape;
  const [, outputs = 0] = weights.shape;
  const output = graph.node('Gemm', [input, weights, bias], { shape: [batch, outputs] });
  return tape.record([input, weights, bias], output, (gradient, isWanted) => [
    isWanted(input)
      ? graph.node('Gemm', [gradient, weights], { shape: input.shape, attributes: { transB: 1 } })
      : null,
    isWanted(weights)
      ? graph.node('Gemm', [input, gradient], { shape: weights.shape, attributes: { transA: 1 } })
      : null,
    isWanted(bias)
      ? graph.node('ReduceSum', [gradient, graph.integers([0])], {
          shape: bias.shape,
          attributes: { keepdims: 0 },
        })
      : null,
  ]);
}
