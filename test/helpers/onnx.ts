// Reads ONNX files, as much of them as tests look at: fields of protobuf messages by number.

interface Field {
  readonly number: number;
  /** Of an integer. */
  readonly value: number;
  /** Of text, bytes or a message. */
  readonly bytes: Uint8Array;
}

class Message {
  readonly #fields: Field[] = [];

  constructor(bytes: Uint8Array) {
    let at = 0;
    const varint = (): number => {
      for (let value = 0, scale = 1; ; scale *= 128) {
        const byte = bytes[at++]!;
        value += (byte & 127) * scale;
        if (byte < 128) return value;
      }
    };
    while (at < bytes.length) {
      const tag = varint();
      const value = varint();
      if (tag % 8 !== 0 && tag % 8 !== 2) throw new Error(`wire type ${tag % 8} before byte ${at}`);
      const isLong = tag % 8 === 2;
      this.#fields.push({ number: Math.floor(tag / 8), value, bytes: bytes.subarray(at, isLong ? at + value : at) });
      if (isLong) at += value;
    }
    if (at !== bytes.length) throw new Error(`a field ends at byte ${at} of ${bytes.length}`);
  }

  integers(field: number): number[] {
    return this.#of(field).map(({ value }) => value);
  }

  texts(field: number): string[] {
    return this.#of(field).map(({ bytes }) => new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  }

  messages(field: number): Message[] {
    return this.#of(field).map(({ bytes }) => new Message(bytes));
  }

  /** The bytes of the first such field, on an address of their own. */
  data(field: number): ArrayBuffer {
    return new Uint8Array(this.#of(field)[0]!.bytes).buffer;
  }

  #of(field: number): Field[] {
    return this.#fields.filter(({ number }) => number === field);
  }
}

export interface OnnxFile {
  readonly irVersion: number;
  readonly operatorSet: number;
  readonly metadata: ReadonlyMap<string, string>;
  /** Axes by name or size. */
  readonly inputs: ReadonlyMap<string, readonly (string | number)[]>;
  readonly outputs: ReadonlyMap<string, readonly (string | number)[]>;
  /** f32 tensors. */
  readonly tensors: ReadonlyMap<string, { readonly shape: readonly number[]; readonly values: Float32Array }>;
  readonly nodes: readonly { readonly operator: string; readonly inputs: readonly string[]; readonly outputs: readonly string[] }[];
  /** Names of all initialisers, i64 ones included. */
  readonly initialisers: readonly string[];
}

export function readOnnx(bytes: Uint8Array): OnnxFile {
  const model = new Message(bytes);
  const graph = model.messages(7)[0]!;
  const axes = (value: Message) =>
    value
      .messages(2)[0]!
      .messages(1)[0]!
      .messages(2)[0]!
      .messages(1)
      .map((axis) => axis.texts(2)[0] ?? axis.integers(1)[0]!);
  const named = (field: number) => new Map(graph.messages(field).map((value) => [value.texts(1)[0]!, axes(value)]));
  const tensors = graph.messages(5);
  return {
    irVersion: model.integers(1)[0]!,
    operatorSet: model.messages(8)[0]!.integers(2)[0]!,
    metadata: new Map(model.messages(14).map((entry) => [entry.texts(1)[0]!, entry.texts(2)[0]!])),
    inputs: named(11),
    outputs: named(12),
    tensors: new Map(
      tensors
        .filter((tensor) => tensor.integers(2)[0] === 1)
        .map((tensor) => [tensor.texts(8)[0]!, { shape: tensor.integers(1), values: new Float32Array(tensor.data(9)) }]),
    ),
    nodes: graph.messages(1).map((node) => ({ operator: node.texts(4)[0]!, inputs: node.texts(1), outputs: node.texts(2) })),
    initialisers: tensors.map((tensor) => tensor.texts(8)[0]!),
  };
}
