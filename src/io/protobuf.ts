// The wire format of Protocol Buffers (protobuf.dev/programming-guides/encoding), as much of it as ONNX files need.

const VARINT = 0;
const LENGTH_DELIMITED = 2;

/** A message under construction: fields in the order in which they are added. */
export class ProtobufMessage {
  readonly #parts: Uint8Array[] = [];
  #length = 0;

  /** An integer from 0 below 2^53, or an enum. */
  integer(field: number, value: number): this {
    return this.#add(varint(field * 8 + VARINT)).#add(varint(value));
  }

  bytes(field: number, value: Uint8Array): this {
    return this.#add(varint(field * 8 + LENGTH_DELIMITED))
      .#add(varint(value.length))
      .#add(value);
  }

  text(field: number, value: string): this {
    return this.bytes(field, new TextEncoder().encode(value));
  }

  message(field: number, value: ProtobufMessage): this {
    this.#add(varint(field * 8 + LENGTH_DELIMITED)).#add(varint(value.#length));
    for (const part of value.#parts) this.#add(part);
    return this;
  }

  /** The message by itself. */
  encode(): Uint8Array {
    const whole = new Uint8Array(this.#length);
    let at = 0;
    for (const part of this.#parts) {
      whole.set(part, at);
      at += part.length;
    }
    return whole;
  }

  #add(part: Uint8Array): this {
    this.#parts.push(part);
    this.#length += part.length;
    return this;
  }
}

/** Groups of seven bits, lowest first; the top bit says that another follows. Beyond 2^31 bits have no operators here. */
function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  bytes.push(rest);
  return Uint8Array.from(bytes);
}
