import { zipSync } from 'fflate';

/** Writes pickles by hand, opcode by opcode, as PyTorch does: protocol 2. */
const latin = (text: string): Uint8Array => Uint8Array.from(text, (char) => char.charCodeAt(0));
const joined = (...parts: readonly (Uint8Array | readonly number[])[]): Uint8Array =>
  Uint8Array.from(parts.flatMap((part) => [...part]));

export const int32 = (value: number): number[] => [0, 8, 16, 24].map((shift) => (value >> shift) & 255);
const int64 = (value: number): number[] => [...int32(value), ...int32(0)];

export const op = {
  text: (text: string): Uint8Array => joined(latin('X'), int32(text.length), latin(text)),
  int: (value: number): Uint8Array => joined(latin('J'), int32(value)),
  global: (module: string, name: string): Uint8Array => latin(`c${module}\n${name}\n`),
  tuple: (...items: readonly Uint8Array[]): Uint8Array => joined(latin('('), ...items, latin('t')),
  call: (callee: Uint8Array, ...items: readonly Uint8Array[]): Uint8Array =>
    joined(callee, op.tuple(...items), latin('R')),
  dict: (entries: Readonly<Record<string, Uint8Array>>): Uint8Array =>
    joined(latin('}('), ...Object.entries(entries).flatMap(([k, v]) => [op.text(k), v]), latin('u')),
  list: (...items: readonly Uint8Array[]): Uint8Array => joined(latin(']('), ...items, latin('e')),
  persistent: (id: Uint8Array): Uint8Array => joined(id, latin('Q')),
  yes: latin('\x88'),
  no: latin('\x89'),
  none: latin('N'),
};

export const pickle = (value: Uint8Array): Uint8Array => joined([0x80, 2], value, latin('.'));

export interface WrittenTensor {
  readonly storage: string;
  /** Class of the storage, such as `FloatStorage`. */
  readonly storageClass: string;
  readonly values: number;
  readonly offset?: number;
  readonly dims: readonly number[];
  readonly strides: readonly number[];
}

export function tensor({
  storage,
  storageClass,
  values,
  offset = 0,
  dims,
  strides,
}: WrittenTensor): Uint8Array {
  const id = op.tuple(
    op.text('storage'),
    op.global('torch', storageClass),
    op.text(storage),
    op.text('cpu'),
    op.int(values),
  );
  const orderedDict = op.call(op.global('collections', 'OrderedDict'));
  const whole = (numbers: readonly number[]): Uint8Array => op.tuple(...numbers.map(op.int));
  return op.call(
    op.global('torch._utils', '_rebuild_tensor_v2'),
    op.persistent(id),
    op.int(offset),
    whole(dims),
    whole(strides),
    op.no,
    orderedDict,
  );
}

export const parameter = (data: Uint8Array): Uint8Array =>
  op.call(
    op.global('torch._utils', '_rebuild_parameter'),
    data,
    op.yes,
    op.call(op.global('collections', 'OrderedDict')),
  );

type Storages = Readonly<Record<string, Uint8Array>>;

/** The format from PyTorch 1.6 on. */
export function zipFile(
  value: Uint8Array,
  storages: Storages,
  options: { level?: 0 | 6; order?: string } = {},
) {
  const entries = Object.entries(storages).map(([key, bytes]) => [`model/data/${key}`, bytes] as const);
  return zipSync(
    {
      'model/data.pkl': pickle(value),
      'model/byteorder': latin(options.order ?? 'little'),
      ...Object.fromEntries(entries),
    },
    { level: options.level ?? 0 },
  );
}

const magic = joined(
  [0x80, 2, 0x8a, 10],
  [0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19],
  latin('.'),
);

/** The format before PyTorch 1.6. */
export function legacyFile(
  value: Uint8Array,
  storages: Readonly<Record<string, { readonly bytes: Uint8Array; readonly values: number }>>,
  options: { magic?: Uint8Array; version?: number; littleEndian?: boolean } = {},
): Uint8Array {
  return joined(
    options.magic ?? magic,
    pickle(op.int(options.version ?? 1001)),
    pickle(op.dict({ little_endian: (options.littleEndian ?? true) ? op.yes : op.no })),
    pickle(value),
    pickle(op.list(...Object.keys(storages).map(op.text))),
    ...Object.values(storages).flatMap(({ bytes, values }) => [int64(values), bytes]),
  );
}
