import type { StoredData, StoredTensor } from '../safetensors.js';
import { elementCount } from '../tensor.js';
import type { Fail } from './byte-reader.js';
import { describe, itemsOf, ofKind, type PickleValue } from './pickle-value.js';
import { storageClasses, storageReference, type StorageReference } from './storage.js';

const rebuildTensor = ['torch._utils._rebuild_tensor', 'torch._utils._rebuild_tensor_v2'];
const rebuildParameter = 'torch._utils._rebuild_parameter';

/** Classes and functions that a state dict names. */
const stateDictGlobals = new Set([
  'collections.OrderedDict',
  'torch.Size',
  rebuildParameter,
  ...rebuildTensor,
  ...storageClasses,
]);
export const allowedInStateDict = (name: string): boolean => stateDictGlobals.has(name);

/** Gives the values of a storage. */
export type OpenStorage = (reference: StorageReference) => StoredData;

/** The tensors of a dict from names to tensors; other entries of it are left out. */
export function tensorsOf(
  value: PickleValue,
  openStorage: OpenStorage,
  fail: Fail,
): ReadonlyMap<string, StoredTensor> {
  const dict =
    ofKind(value, 'dict') ?? fail(`expected a state dict (names to tensors), got ${describe(value)}`);
  const tensors = new Map<string, StoredTensor>();
  for (const [name, entry] of dict.entries) {
    const parts = tensorParts(entry);
    if (parts === undefined || typeof name !== 'string') continue;
    tensors.set(
      name,
      rebuild(parts, openStorage, (what) => fail(`tensor ${name}: ${what}`)),
    );
  }
  if (tensors.size === 0) {
    const names = [...dict.entries.keys()].slice(0, 5).map(String).join(', ');
    fail(`expected a state dict (names to tensors), got a dict without tensors (${names})`);
  }
  return tensors;
}

/** What a tensor or parameter is made of: storage, offset, sides, strides. */
function tensorParts(value: PickleValue): readonly PickleValue[] | undefined {
  const object = ofKind(value, 'object');
  if (object?.of === rebuildParameter) return tensorParts(object.parts[0] ?? null);
  return object !== undefined && rebuildTensor.includes(object.of) ? object.parts : undefined;
}

function rebuild(parts: readonly PickleValue[], openStorage: OpenStorage, fail: Fail): StoredTensor {
  const [stored, offset, sides, steps] = parts;
  const id = ofKind(stored, 'persistent')?.id ?? fail(`expected a storage, got ${describe(stored)}`);
  const reference = storageReference(id, fail);
  const dims = wholeNumbers(sides) ?? fail('expected its sides as whole numbers');
  const strides = wholeNumbers(steps) ?? fail('expected its strides as whole numbers');
  const start =
    wholeNumbers({ kind: 'tuple', items: [offset] })?.[0] ?? fail('expected a whole number as offset');
  const count = elementCount(dims);
  const last = dims.reduce((sum, dim, axis) => sum + (dim - 1) * strides[axis], start);
  if (strides.length !== dims.length || count > reference.values || (count > 0 && last >= reference.values)) {
    fail(
      `sides ${dims.join('×')} with strides ${strides.join(', ')} from ${start} on do not fit into ` +
        `the ${reference.values} values of its storage`,
    );
  }
  const { dtype } = reference.type;
  return { dtype, dims, data: gather(openStorage(reference), start, dims, strides, count) };
}

function wholeNumbers(value: PickleValue | undefined): readonly number[] | undefined {
  const whole = (item: PickleValue): item is number =>
    typeof item === 'number' && Number.isSafeInteger(item) && item >= 0;
  const size = ofKind(value, 'object');
  const items = itemsOf(size?.of === 'torch.Size' ? size.parts[0] : value);
  return items?.every(whole) ? items : undefined;
}

/** The values in row-major order, copied out of the storage. */
function gather(
  storage: StoredData,
  start: number,
  dims: readonly number[],
  strides: readonly number[],
  count: number,
): StoredData {
  const dense = dims.every((dim, axis) => dim === 1 || strides[axis] === elementCount(dims.slice(axis + 1)));
  if (dense || count === 0) return storage.slice(start, start + count);
  const values = storage.slice(0, count);
  const index = dims.map(() => 0);
  let source = start;
  for (let i = 0; i < count; i++) {
    values[i] = storage[source];
    for (let axis = dims.length - 1; axis >= 0; axis--) {
      source += strides[axis];
      if (++index[axis] < dims[axis]) break;
      source -= strides[axis] * dims[axis];
      index[axis] = 0;
    }
  }
  return values;
}
