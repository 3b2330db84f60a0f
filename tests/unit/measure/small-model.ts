import { makeModel, makeOperator, makeSubgraph, makeTensor } from '../../../src/core/model/edit';
import { makeOperatorCode } from '../../../src/core/model/operators';
import { writeModel } from '../../../src/core/model/write';

/** A `.tflite` file of one RELU6 from float32 [1, 3] to [1, 3]. */
export function smallModel(): Uint8Array {
  const tensor = (name: string) =>
    makeTensor({ name, type: 'FLOAT32', shape: Int32Array.of(1, 3), buffer: 0 });
  return writeModel(
    makeModel({
      operatorCodes: [makeOperatorCode('RELU6')],
      subgraphs: [
        makeSubgraph({
          name: 'main',
          tensors: [tensor('x'), tensor('y')],
          inputs: Int32Array.of(0),
          outputs: Int32Array.of(1),
          operators: [makeOperator({ opcodeIndex: 0, inputs: Int32Array.of(0), outputs: Int32Array.of(1) })],
        }),
      ],
    }),
  );
}
