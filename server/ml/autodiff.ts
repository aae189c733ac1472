/**
 * Reverse-mode differentiation over an ONNX graph. Operators record how a gradient flows back
 * through them; `gradients` then writes the backward pass as further nodes of the same graph.
 */
import type { OnnxGraph, Value } from './onnx-graph.ts';

/** Whether the gradient of a value is needed: frozen parts of a network cost no backward pass. */
export type IsWanted = (value: Value) => boolean;

/** The gradient of each input, given that of the output; null for an input that has none. */
export type Backward = (gradient: Value, isWanted: IsWanted) => readonly (Value | null)[];

interface Step {
  readonly inputs: readonly Value[];
  readonly output: Value;
  readonly backward: Backward;
}

/** The forward pass as it was written, so that it can be walked backwards. */
export class Tape {
  readonly graph: OnnxGraph;
  readonly #steps: Step[] = [];

  constructor(graph: OnnxGraph) {
    this.graph = graph;
  }

  /** Remembers how `output` came from `inputs`, and returns it. */
  record(inputs: readonly Value[], output: Value, backward: Backward): Value {
    this.#steps.push({ inputs, output, backward });
    return output;
  }

  /** The gradients of a loss (a value without dimensions) with respect to the wanted values. */
  gradients(loss: Value, wanted: readonly Value[]): Value[] {
    const dependent = new Set(wanted);
    for (const { inputs, output } of this.#steps) {
      if (inputs.some((input) => dependent.has(input))) dependent.add(output);
    }
    const gradients = new Map([[loss, this.graph.scalar(1)]]);
    for (const step of this.#steps.toReversed()) {
      const gradient = gradients.get(step.output);
      if (!gradient || !dependent.has(step.output)) continue;
      const flowing = step.backward(gradient, (value) => dependent.has(value));
      step.inputs.forEach((input, i) => this.#add(gradients, input, flowing[i] ?? null));
    }
    return wanted.map((value) => {
      const gradient = gradients.get(value);
      if (!gradient) throw new Error(`The loss does not depend on ${value.name}.`);
      return gradient;
    });
  }

  /** A value that is used twice receives the sum of both gradients. */
  #add(gradients: Map<Value, Value>, value: Value, gradient: Value | null): void {
    if (!gradient) return;
    const known = gradients.get(value);
    const { shape } = value;
    gradients.set(value, known ? this.graph.node('Add', [known, gradient], { shape }) : gradient);
  }
}
