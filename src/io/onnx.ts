// ONNX files (onnx/onnx.proto of the ONNX project, IR version 8): a graph of operators as one protobuf message.
import { ProtobufMessage } from './protobuf.js';

const IR_VERSION = 8;
const OPERATOR_SET = 17;

/** Codes of element types. */
export const ONNX_TYPE = { f32: 1, i32: 6, i64: 7, bool: 9 } as const;

/** Codes of kinds of attributes. */
const ATTRIBUTE = { integer: 2, text: 3, integers: 7 } as const;

export interface OnnxTensor {
  readonly name: string;
  readonly shape: readonly number[];
  /** Row-major; bigints are i64. */
  readonly values: Float32Array | BigInt64Array;
}

export interface OnnxNode {
  readonly operator: string;
  /** Names of values; an empty name leaves an input out. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes?: Readonly<Record<string, number | string | readonly number[]>>;
}

/** An input or output; axes with a name instead of a size are of any length. */
export interface OnnxValue {
  readonly name: string;
  readonly type: keyof typeof ONNX_TYPE;
  readonly shape: readonly (number | string)[];
}

export interface OnnxModel {
  readonly name: string;
  readonly description: string;
  readonly producer: { readonly name: string; readonly version: string };
  /** Free text by key. */
  readonly metadata: Readonly<Record<string, string>>;
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
  readonly tensors: readonly OnnxTensor[];
  /** In an order in which they can run. */
  readonly nodes: readonly OnnxNode[];
}

/** The bytes of an ONNX file of operator set 17. Equal models give equal bytes. */
export function encodeOnnx(model: OnnxModel): Uint8Array {
  const graph = new ProtobufMessage();
  for (const node of model.nodes) graph.message(1, nodeMessage(node));
  graph.text(2, model.name);
  for (const tensor of model.tensors) graph.message(5, tensorMessage(tensor));
  for (const value of model.inputs) graph.message(11, valueMessage(value));
  for (const value of model.outputs) graph.message(12, valueMessage(value));
  const file = new ProtobufMessage()
    .integer(1, IR_VERSION)
    .text(2, model.producer.name)
    .text(3, model.producer.version)
    .text(6, model.description)
    .message(7, graph)
    .message(8, new ProtobufMessage().text(1, '').integer(2, OPERATOR_SET));
  for (const [key, value] of Object.entries(model.metadata)) file.message(14, new ProtobufMessage().text(1, key).text(2, value));
  return file.encode();
}

function nodeMessage({ operator, inputs, outputs, attributes = {} }: OnnxNode): ProtobufMessage {
  const node = new ProtobufMessage();
  for (const name of inputs) node.text(1, name);
  for (const name of outputs) node.text(2, name);
  node.text(3, outputs[0]!).text(4, operator);
  for (const [name, value] of Object.entries(attributes)) node.message(5, attributeMessage(name, value));
  return node;
}

function attributeMessage(name: string, value: number | string | readonly number[]): ProtobufMessage {
  const attribute = new ProtobufMessage().text(1, name);
  if (typeof value === 'number') return attribute.integer(3, value).integer(20, ATTRIBUTE.integer);
  if (typeof value === 'string') return attribute.text(4, value).integer(20, ATTRIBUTE.text);
  for (const element of value) attribute.integer(8, element);
  return attribute.integer(20, ATTRIBUTE.integers);
}

function tensorMessage({ name, shape, values }: OnnxTensor): ProtobufMessage {
  const tensor = new ProtobufMessage();
  for (const size of shape) tensor.integer(1, size);
  return tensor
    .integer(2, values instanceof BigInt64Array ? ONNX_TYPE.i64 : ONNX_TYPE.f32)
    .text(8, name)
    .bytes(9, new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
}

function valueMessage({ name, type, shape }: OnnxValue): ProtobufMessage {
  const axes = new ProtobufMessage();
  for (const size of shape) {
    axes.message(1, typeof size === 'number' ? new ProtobufMessage().integer(1, size) : new ProtobufMessage().text(2, size));
  }
  const tensor = new ProtobufMessage().integer(1, ONNX_TYPE[type]).message(2, axes);
  return new ProtobufMessage().text(1, name).message(2, new ProtobufMessage().message(1, tensor));
}
