/**
 * Writes ONNX models of standard operators (opset 18) by hand: values with static shapes, nodes,
 * constants. Two rules keep the graphs on a GPU through WebGPU: few tensors per node (Slice and
 * small Concats instead of wide ones, a shader binds at most 8 to 12 buffers) and no operator
 * without a WebGPU kernel (such as LogSoftmax).
 */
import { create, toBinary, type MessageInitShape } from '@bufbuild/protobuf';
import {
  AttributeProto_AttributeType as AttributeType,
  ModelProtoSchema,
  TensorProto_DataType as DataType,
  type AttributeProtoSchema,
  type NodeProtoSchema,
  type TensorProtoSchema,
  type ValueInfoProtoSchema,
} from 'onnx-buf';

const OPSET = 18n;
const IR_VERSION = 9n;
const MAX_CONCAT_INPUTS = 6;

/** Sizes of a tensor's dimensions; -1 stands for the batch of a graph that takes any. */
export type Shape = readonly number[];

/** A tensor in the graph. */
export interface Value {
  readonly name: string;
  readonly shape: Shape;
  readonly dataType: DataType;
}

/** An attribute is an integer, a list of integers, or (wrapped, to tell it apart) a float. */
export type Attribute = number | readonly number[] | { readonly float: number };

export interface NodeResult {
  readonly shape: Shape;
  readonly attributes?: Readonly<Record<string, Attribute>>;
  readonly dataType?: DataType;
}

/** How many numbers a tensor of this shape holds. */
export function sizeOf(shape: Shape): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** A graph under construction; `toBytes` gives the model. */
export class OnnxGraph {
  readonly #nodes: MessageInitShape<typeof NodeProtoSchema>[] = [];
  readonly #initializers: MessageInitShape<typeof TensorProtoSchema>[] = [];
  readonly #inputs: Value[] = [];
  readonly #outputs: Value[] = [];
  readonly #constants = new Map<string, Value>();

  input(name: string, shape: Shape, dataType: DataType = DataType.FLOAT): Value {
    const value = { name, shape, dataType };
    this.#inputs.push(value);
    return value;
  }

  /** Names a value as an output of the model. */
  output(name: string, value: Value): void {
    this.#nodes.push({ opType: 'Identity', input: [value.name], output: [name] });
    this.#outputs.push({ ...value, name });
  }

  /** A constant tensor, copied into the model. */
  tensor(name: string, shape: Shape, numbers: Float32Array): Value {
    if (numbers.length !== sizeOf(shape)) throw new Error(`${name} does not fill its shape.`);
    return this.#initializer({ name, shape, dataType: DataType.FLOAT }, numbers);
  }

  /** A constant tensor that several operators share by its name. */
  tensorOnce(name: string, shape: Shape, numbers: Float32Array): Value {
    const known = this.#constants.get(name);
    if (known) return known;
    const value = this.tensor(name, shape, numbers);
    this.#constants.set(name, value);
    return value;
  }

  /** A float constant without dimensions. */
  scalar(number: number): Value {
    const key = `scalar_${number}`;
    const known = this.#constants.get(key);
    if (known) return known;
    const value = { name: key, shape: [], dataType: DataType.FLOAT };
    this.#constants.set(key, value);
    return this.#initializer(value, Float32Array.of(number));
  }

  /** A list of integers, as operators take for axes, shapes and the like. */
  integers(numbers: readonly number[]): Value {
    const key = `integers_${numbers.join('_')}`;
    const known = this.#constants.get(key);
    if (known) return known;
    const name = `integers_${this.#constants.size}`;
    const value = { name, shape: [numbers.length], dataType: DataType.INT64 };
    this.#constants.set(key, value);
    return this.#initializer(value, BigInt64Array.from(numbers.map(BigInt)));
  }

  /** A constant list of texts. */
  strings(name: string, texts: readonly string[]): Value {
    const value = { name, shape: [texts.length], dataType: DataType.STRING };
    this.#initializers.push({
      ...{ name, dataType: DataType.STRING, dims: [BigInt(texts.length)] },
      stringData: texts.map((text) => new TextEncoder().encode(text)),
    });
    return value;
  }

  node(opType: string, inputs: readonly Value[], result: NodeResult): Value {
    const name = `${opType}_${this.#nodes.length}`;
    this.#nodes.push({
      opType,
      name,
      input: inputs.map((input) => input.name),
      output: [name],
      attribute: Object.entries(result.attributes ?? {}).map(toAttribute),
    });
    return { name, shape: result.shape, dataType: result.dataType ?? DataType.FLOAT };
  }

  reshape(value: Value, shape: Shape): Value {
    return this.node('Reshape', [value, this.integers(shape)], { shape });
  }

  transpose(value: Value, permutation: readonly number[]): Value {
    return this.node('Transpose', [value], {
      shape: permutation.map((axis) => value.shape[axis] ?? 1),
      attributes: { perm: permutation },
    });
  }

  /** What lies from `start` to `end` on one axis; of a flat vector these numbers. */
  slice(value: Value, [start, end]: readonly [start: number, end: number], axis = 0): Value {
    const bounds = [[start], [end], [axis]].map((numbers) => this.integers(numbers));
    const shape = value.shape.with(axis, end - start);
    return this.node('Slice', [value, ...bounds], { shape, dataType: value.dataType });
  }

  /** Joins along one axis, as a tree of small joins. */
  concat(values: readonly Value[], axis = 0): Value {
    const [first] = values;
    if (!first) throw new Error('Nothing to join.');
    if (values.length === 1) return first;
    if (values.length > MAX_CONCAT_INPUTS) {
      const groups: Value[] = [];
      for (let i = 0; i < values.length; i += MAX_CONCAT_INPUTS) {
        groups.push(this.concat(values.slice(i, i + MAX_CONCAT_INPUTS), axis));
      }
      return this.concat(groups, axis);
    }
    const size = values.reduce((sum, value) => sum + (value.shape[axis] ?? 0), 0);
    const shape = first.shape.with(axis, size);
    return this.node('Concat', values, { shape, attributes: { axis } });
  }

  toBytes(metadata: Readonly<Record<string, string>> = {}): Uint8Array {
    const model = create(ModelProtoSchema, {
      irVersion: IR_VERSION,
      producerName: 'training-canvas',
      opsetImport: [{ domain: '', version: OPSET }],
      metadataProps: Object.entries(metadata).map(([key, value]) => ({ key, value })),
      graph: {
        name: 'graph',
        node: this.#nodes,
        initializer: this.#initializers,
        input: this.#inputs.map(toValueInfo),
        output: this.#outputs.map(toValueInfo),
      },
    });
    return toBinary(ModelProtoSchema, model);
  }

  #initializer(value: Value, numbers: Float32Array | BigInt64Array): Value {
    const { buffer, byteOffset, byteLength } = numbers;
    this.#initializers.push({
      name: value.name,
      dims: value.shape.map(BigInt),
      dataType: value.dataType,
      rawData: new Uint8Array(buffer, byteOffset, byteLength).slice(),
    });
    return value;
  }
}

function toAttribute([name, attribute]: [string, Attribute]): MessageInitShape<
  typeof AttributeProtoSchema
> {
  if (typeof attribute === 'number') {
    return { name, type: AttributeType.INT, i: BigInt(attribute) };
  }
  if ('float' in attribute) return { name, type: AttributeType.FLOAT, f: attribute.float };
  return { name, type: AttributeType.INTS, ints: attribute.map(BigInt) };
}

function toValueInfo({
  name,
  shape,
  dataType,
}: Value): MessageInitShape<typeof ValueInfoProtoSchema> {
  const dim = shape.map((size) =>
    size < 0
      ? { value: { case: 'dimParam' as const, value: 'N' } }
      : { value: { case: 'dimValue' as const, value: BigInt(size) } },
  );
  const tensorType = { elemType: dataType, shape: { dim } };
  return { name, type: { value: { case: 'tensorType', value: tensorType } } };
}
