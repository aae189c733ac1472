import type { Tape } from '../autodiff.ts';
import type { Value } from '../onnx-graph.ts';

function assertSameShape(a: Value, b: Value): void {
  if (a.shape.join() !== b.shape.join()) {
    throw new Error(`Shapes ${a.shape.join('x')} and ${b.shape.join('x')} differ.`);
  }
}

/** The sum of two tensors of one shape. */
export function add(tape: Tape, a: Value, b: Value): Value {
  assertSameShape(a, b);
  const sum = tape.graph.node('Add', [a, b], { shape: a.shape });
  return tape.record([a, b], sum, (gradient) => [gradient, gradient]);
}

/** The product, number by number, of two tensors of one shape. */
export function multiply(tape: Tape, a: Value, b: Value): Value {
  assertSameShape(a, b);
  const { graph } = tape;
  const { shape } = a;
  const times = (x: Value, y: Value): Value => graph.node('Mul', [x, y], { shape });
  return tape.record([a, b], times(a, b), (gradient, isWanted) => [
    isWanted(a) ? times(gradient, b) : null,
    isWanted(b) ? times(gradient, a) : null,
  ]);
}

/** SiLU: x * sigmoid(x), smooth where ReLU has a kink (Elfwing and others 2017). */
export function silu(tape: Tape, x: Value): Value {
  const { graph } = tape;
  const { shape } = x;
  const gate = graph.node('Sigmoid', [x], { shape });
  const output = graph.node('Mul', [x, gate], { shape });
  return tape.record([x], output, (gradient) => {
    // The slope is gate + output * (1 - gate).
    const closed = graph.node('Sub', [graph.scalar(1), gate], { shape });
    const bend = graph.node('Mul', [output, closed], { shape });
    const slope = graph.node('Add', [gate, bend], { shape });
    return [graph.node('Mul', [gradient, slope], { shape })];
  });
}
