/** What a pickle describes, as data. Classes and functions are names only: nothing is looked up, called or run. */
export type PickleValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | PickleGlobal
  | PickleSequence<'tuple'>
  | PickleSequence<'list'>
  | PickleSequence<'set'>
  | PickleDict
  | PickleObject
  | PicklePersistent;

/** The name of a class or function. */
export interface PickleGlobal {
  readonly kind: 'global';
  /** `module.name` */
  readonly name: string;
}

export interface PickleSequence<K extends 'tuple' | 'list' | 'set'> {
  readonly kind: K;
  readonly items: PickleValue[];
}

export interface PickleDict {
  readonly kind: 'dict';
  readonly entries: Map<PickleValue, PickleValue>;
}

/** What Python would make by calling `of` with `parts` and then handing it `state`. */
export interface PickleObject {
  readonly kind: 'object';
  readonly of: string;
  readonly parts: readonly PickleValue[];
  state?: PickleValue;
}

/** Something kept outside the pickle. */
export interface PicklePersistent {
  readonly kind: 'persistent';
  readonly id: PickleValue;
}

type Kind = 'global' | 'tuple' | 'list' | 'set' | 'dict' | 'object' | 'persistent';

/** The value where it is of that kind. */
export function ofKind<K extends Kind>(
  value: PickleValue | undefined,
  kind: K,
): Extract<PickleValue, { readonly kind: K }> | undefined {
  const has = typeof value === 'object' && value !== null && 'kind' in value && value.kind === kind;
  return has ? (value as Extract<PickleValue, { readonly kind: K }>) : undefined;
}

/** A tuple's or list's items. */
export function itemsOf(value: PickleValue | undefined): readonly PickleValue[] | undefined {
  const sequence = ofKind(value, 'tuple') ?? ofKind(value, 'list');
  return sequence?.items;
}

/** For messages: what kind of thing it is. */
export function describe(value: PickleValue | undefined): string {
  if (value === null || value === undefined) return 'nothing';
  if (typeof value !== 'object') return `the ${typeof value} ${String(value)}`;
  if (!('kind' in value)) return `${value.length} bytes`;
  if (value.kind === 'object') return `a ${value.of}`;
  return value.kind === 'global' ? value.name : `a ${value.kind}`;
}
