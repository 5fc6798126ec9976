/** Order of evaluation. ONNX asks for topological order; some exporters do not keep it. */
import { malformed } from './errors.ts';
import type { NodeProto } from './proto/onnx_pb.js';

/**
 * Nodes such that each comes after those whose outputs it reads, otherwise in the file's order.
 *
 * @throws {AssayError} `ASSAY_MODEL_MALFORMED` for cycles and for values that two nodes make.
 */
export const sortNodes = (nodes: readonly NodeProto[]): number[] => {
  const producer = new Map<string, number>();
  for (const [i, node] of nodes.entries()) {
    for (const name of node.output) {
      if (name === '') continue;
      if (producer.has(name)) throw malformed(`value "${name}" is the output of two nodes`);
      producer.set(name, i);
    }
  }
  const order: number[] = [];
  const state = new Uint8Array(nodes.length); // 0 new, 1 waits for its operands, 2 placed
  const stack: number[] = [];
  for (let root = 0; root < nodes.length; root += 1) {
    stack.push(root);
    while (stack.length > 0) {
      const i = stack.at(-1) ?? 0;
      if (state[i] === 2) {
        stack.pop();
        continue;
      }
      const sources = (nodes[i]?.input ?? []).flatMap((name) => producer.get(name) ?? []);
      const waiting = sources.filter((s) => state[s] !== 2);
      if (waiting.length === 0) {
        state[i] = 2;
        order.push(i);
        stack.pop();
      } else {
        if (state[i] === 1 || waiting.includes(i)) {
          throw malformed(`the nodes form a cycle through "${nodes[i]?.output[0] ?? ''}"`);
        }
        state[i] = 1;
        stack.push(...waiting.reverse());
      }
    }
  }
  return order;
};
