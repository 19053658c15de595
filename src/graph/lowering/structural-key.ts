import type { Matrix, Node } from '../ops.js';

/** FNV-1a over raw bytes, 2 × 32 bits from two offsets: enough to tell constants apart with their shape beside it. */
function digest(bytes: Uint8Array): string {
  let a = 0x811c9dc5;
  let b = 0x1b873593;
  for (const byte of bytes) {
    a = Math.imul(a ^ byte, 0x01000193);
    b = Math.imul(b ^ byte, 0x85ebca6b) ^ (b >>> 13);
  }
  return `${(a >>> 0).toString(16)}.${(b >>> 0).toString(16)}`;
}

const digests = new WeakMap<object, string>();

function digestOf(values: ArrayBufferView): string {
  let known = digests.get(values);
  if (known === undefined) {
    known = digest(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
    digests.set(values, known);
  }
  return known;
}

const showMatrix = ({ rows, columns, values }: Matrix): string => `${rows}x${columns}:${digestOf(values)}`;

function showAttributes(node: Node): string {
  switch (node.op) {
    case 'Constant': {
      const { name = '', value } = node.attributes;
      return `${name}|${value.dtype}[${value.dims.join()}]${digestOf(value.data)}`;
    }
    case 'SpatialMap': {
      const { axis, left, right, again = false } = node.attributes;
      return `${axis}|${showMatrix(left)}|${showMatrix(right)}|${again}`;
    }
    default:
      return JSON.stringify(node.attributes);
  }
}

/** Two nodes with the same key compute the same value. */
export function structuralKey(node: Node, identityOf: (input: Node) => number): string {
  return `${node.op}(${node.inputs.map(identityOf).join()})${showAttributes(node)}`;
}
