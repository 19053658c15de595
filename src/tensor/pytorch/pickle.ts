import { byteReader, type Fail } from './byte-reader.js';
import { opcodes as op } from './pickle-opcodes.js';
import { describe, itemsOf, ofKind, type PickleObject, type PickleValue } from './pickle-value.js';

export interface PickleOptions {
  /** Whether a class or function may be named in the pickle; any other is an error that names it. */
  readonly allows: (globalName: string) => boolean;
  readonly fail: Fail;
}

export interface Unpickled {
  readonly value: PickleValue;
  /** Index of the byte after the pickle. */
  readonly end: number;
  /** Ids of things kept outside, in the order they were met. */
  readonly persistentIds: readonly PickleValue[];
}

const newestProtocol = 4;

/** Little-endian two's complement of any length. */
function longOf(bytes: Uint8Array): number | bigint {
  const unsigned = bytes.reduceRight((value, byte) => value * 256n + BigInt(byte), 0n);
  const value = BigInt.asIntN(8 * bytes.length, unsigned);
  return BigInt(Number(value)) === value && Number.isSafeInteger(Number(value)) ? Number(value) : value;
}

/** Reads one pickle from byte `start` on. Nothing of it is run: see `PickleValue`. */
export function readPickle(bytes: Uint8Array, start: number, { allows, fail }: PickleOptions): Unpickled {
  const read = byteReader(bytes, start, fail);
  const stack: PickleValue[] = [];
  const marks: number[] = [];
  const memo = new Map<number, PickleValue>();
  const persistentIds: PickleValue[] = [];
  const damaged = (what: string): never =>
    fail(`its pickle is damaged before byte ${read.position()}: ${what}`);

  const bottom = (): number => marks.at(-1) ?? 0;
  const pop = (): PickleValue => {
    const value = stack.length > bottom() ? stack.pop() : undefined;
    return value === undefined ? damaged('a value is wanted and none is there') : value;
  };
  const sinceMark = (): PickleValue[] => {
    const mark = marks.pop();
    return mark === undefined ? damaged('a mark is wanted and none is there') : stack.splice(mark);
  };
  const top = (): PickleValue => {
    const value = stack.length > bottom() ? stack.at(-1) : undefined;
    return value === undefined ? damaged('a value is wanted and none is there') : value;
  };
  const recall = (index: number): PickleValue => {
    const value = memo.get(index);
    return value === undefined ? damaged(`entry ${index} of its memo is wanted and was never put`) : value;
  };
  const pushTuple = (count: number): void => {
    const items = Array.from({ length: count }, pop).reverse();
    stack.push({ kind: 'tuple', items });
  };
  const pushGlobal = (name: string): void => {
    if (!allows(name)) {
      fail(
        `it names ${name}, which is neither a tensor nor a plain container, so it is refused; expected the state dict of a model, not the model`,
      );
    }
    stack.push({ kind: 'global', name });
  };
  const append = (items: readonly PickleValue[]): void => {
    const list =
      ofKind(top(), 'list') ?? ofKind(top(), 'set') ?? damaged(`items are added to ${describe(top())}`);
    list.items.push(...items);
  };
  const setItems = (pairs: readonly PickleValue[]): void => {
    const dict = ofKind(top(), 'dict') ?? damaged(`entries are set in ${describe(top())}`);
    if (pairs.length % 2 !== 0) damaged('a key has no value');
    for (let i = 0; i < pairs.length; i += 2) dict.entries.set(pairs[i], pairs[i + 1]);
  };
  const construct = (): void => {
    const parts = itemsOf(pop()) ?? damaged('arguments are wanted as a tuple');
    const callee = pop();
    const of = ofKind(callee, 'global')?.name ?? damaged(`${describe(callee)} is to be called`);
    stack.push(of === 'collections.OrderedDict' ? orderedDict(parts) : { kind: 'object', of, parts });
  };
  /** Either empty, to be filled later, or from a list of pairs as Python 2 wrote it. */
  const orderedDict = (parts: readonly PickleValue[]): PickleValue => {
    const pairs =
      parts.length === 0 ? [] : (itemsOf(parts[0]) ?? damaged('an OrderedDict is made of no list'));
    const entries = pairs.map((pair): [PickleValue, PickleValue] => {
      const [key, value] = itemsOf(pair) ?? [];
      return key === undefined || value === undefined ? damaged('a key has no value') : [key, value];
    });
    return { kind: 'dict', entries: new Map(entries) };
  };
  const build = (): void => {
    const state = pop();
    const target = top();
    const object: PickleObject | undefined = ofKind(target, 'object');
    if (object !== undefined) object.state = state;
    else if (ofKind(target, 'dict') === undefined) damaged(`a state is given to ${describe(target)}`);
  };

  for (;;) {
    const code = read.unsigned(1);
    switch (code) {
      case op.PROTO: {
        const protocol = read.unsigned(1);
        if (protocol > newestProtocol)
          fail(`pickle protocol ${protocol}: expected at most ${newestProtocol}`);
        break;
      }
      case op.FRAME:
        read.take(8);
        break;
      case op.MARK:
        marks.push(stack.length);
        break;
      case op.POP:
        pop();
        break;
      case op.POP_MARK:
        sinceMark();
        break;
      case op.DUP:
        stack.push(top());
        break;
      case op.NONE:
        stack.push(null);
        break;
      case op.NEWTRUE:
      case op.NEWFALSE:
        stack.push(code === op.NEWTRUE);
        break;
      case op.BININT:
        stack.push(read.int32());
        break;
      case op.BININT1:
        stack.push(read.unsigned(1));
        break;
      case op.BININT2:
        stack.push(read.unsigned(2));
        break;
      case op.LONG1:
        stack.push(longOf(read.take(read.unsigned(1))));
        break;
      case op.BINFLOAT:
        stack.push(read.float64BigEndian());
        break;
      case op.BINUNICODE:
      case op.BINSTRING:
        stack.push(read.utf8(read.unsigned(4)));
        break;
      case op.SHORT_BINUNICODE:
      case op.SHORT_BINSTRING:
        stack.push(read.utf8(read.unsigned(1)));
        break;
      case op.BINBYTES:
        stack.push(read.take(read.unsigned(4)));
        break;
      case op.SHORT_BINBYTES:
        stack.push(read.take(read.unsigned(1)));
        break;
      case op.EMPTY_TUPLE:
        pushTuple(0);
        break;
      case op.TUPLE1:
      case op.TUPLE2:
      case op.TUPLE3:
        pushTuple(code - op.TUPLE1 + 1);
        break;
      case op.TUPLE:
        stack.push({ kind: 'tuple', items: sinceMark() });
        break;
      case op.EMPTY_LIST:
        stack.push({ kind: 'list', items: [] });
        break;
      case op.EMPTY_SET:
        stack.push({ kind: 'set', items: [] });
        break;
      case op.EMPTY_DICT:
        stack.push({ kind: 'dict', entries: new Map() });
        break;
      case op.APPEND:
        append([pop()]);
        break;
      case op.APPENDS:
      case op.ADDITEMS:
        append(sinceMark());
        break;
      case op.SETITEM: {
        const value = pop();
        setItems([pop(), value]);
        break;
      }
      case op.SETITEMS:
        setItems(sinceMark());
        break;
      case op.GLOBAL: {
        const module = read.line();
        pushGlobal(`${module}.${read.line()}`);
        break;
      }
      case op.STACK_GLOBAL: {
        const [name, module] = [pop(), pop()];
        if (typeof name !== 'string' || typeof module !== 'string') return damaged('a name is wanted');
        pushGlobal(`${module}.${name}`);
        break;
      }
      case op.REDUCE:
      case op.NEWOBJ:
        construct();
        break;
      case op.BUILD:
        build();
        break;
      case op.BINPERSID: {
        const id = pop();
        persistentIds.push(id);
        stack.push({ kind: 'persistent', id });
        break;
      }
      case op.BINPUT:
        memo.set(read.unsigned(1), top());
        break;
      case op.LONG_BINPUT:
        memo.set(read.unsigned(4), top());
        break;
      case op.MEMOIZE:
        memo.set(memo.size, top());
        break;
      case op.BINGET:
        stack.push(recall(read.unsigned(1)));
        break;
      case op.LONG_BINGET:
        stack.push(recall(read.unsigned(4)));
        break;
      case op.STOP:
        return { value: pop(), end: read.position(), persistentIds };
      default:
        return damaged(`unknown opcode 0x${code.toString(16).padStart(2, '0')}`);
    }
  }
}
