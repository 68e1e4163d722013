// ONNX models, made with the protobuf definition of the format.
import onnxProto from 'onnx-proto';

const { ModelProto, TensorProto } = onnxProto.onnx;
const FLOAT = TensorProto.DataType.FLOAT;

const value = (name, shape) => ({
  name,
  type: { tensorType: { elemType: FLOAT, shape: { dim: shape.map((dimValue) => ({ dimValue })) } } },
});
const attribute = (name, given) =>
  Array.isArray(given) ? { name, type: 7, ints: given } : { name, type: 2, i: given }; /* AttributeProto: INTS 7, INT 2 */

/** Builds a chain: each node takes the output of the one before, then tensors of its own. */
export class OnnxChain {
  #nodes = [];
  #tensors = [];
  #last = 'x';

  /** `tensors`: [values f32, shape] each. */
  node(opType, attributes = {}, tensors = []) {
    const names = tensors.map(([values, dims]) => {
      const name = `t${this.#tensors.length}`;
      this.#tensors.push({ name, dataType: FLOAT, dims, rawData: new Uint8Array(values.buffer, values.byteOffset, values.byteLength) });
      return name;
    });
    const output = `y${this.#nodes.length}`;
    const list = Object.entries(attributes).map(([name, given]) => attribute(name, given));
    this.#nodes.push({ opType, input: [this.#last, ...names], output: [output], attribute: list });
    this.#last = output;
    return this;
  }

  /** The bytes of a model from `x` to the last output. */
  bytes(inputShape, outputShape) {
    const graph = {
      name: 'bench',
      node: this.#nodes,
      initializer: this.#tensors,
      input: [value('x', inputShape)],
      output: [value(this.#last, outputShape)],
    };
    const opsetImport = [{ domain: '', version: 13 }];
    return ModelProto.encode(ModelProto.fromObject({ irVersion: 8, opsetImport, producerName: 'bitgauss-bench', graph })).finish();
  }
}
