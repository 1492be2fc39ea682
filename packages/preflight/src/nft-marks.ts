// The marks that a statement of nft gives to packets.
import type { MarkWrite } from './firewall.ts';
import { at, list, number } from './json.ts';
import type { Json } from './json.ts';

const allBits = 0xffff_ffff;

/** None for a statement that sets no mark; `any` where the mark is not in the rule. */
export function markWrites(statement: Json): readonly MarkWrite[] | 'any' {
  const mangle = at(statement, 'mangle');
  return at(at(at(mangle, 'key'), 'meta'), 'key') === 'mark' ? valueOf(at(mangle, 'value')) : [];
}

function valueOf(value: Json): readonly MarkWrite[] | 'any' {
  const map = at(value, 'map');
  if (map === undefined) {
    const write = calculate(value);
    return write === undefined ? 'any' : [write];
  }
  const writes = list(at(at(map, 'data'), 'set')).map((entry) => calculate(list(entry)[1]));
  return writes.length > 0 && writes.every((write) => write !== undefined) ? writes : 'any';
}

const operators: Readonly<Record<string, (before: MarkWrite, bits: number) => MarkWrite>> = {
  '|': ({ value, mask }, bits) => ({ value: (value | bits) >>> 0, mask: (mask | bits) >>> 0 }),
  '&': ({ value, mask }, bits) => ({ value: (value & bits) >>> 0, mask: (mask | ~bits) >>> 0 }),
  '^': ({ value, mask }, bits) => ({ value: (value ^ bits) >>> 0, mask }),
};

/** Which bits are known afterwards; undefined where it is made of something else than marks and numbers. */
function calculate(value: Json): MarkWrite | undefined {
  const fixed = number(value);
  if (fixed !== undefined) return { value: fixed, mask: allBits };
  if (at(at(value, 'meta'), 'key') === 'mark') return { value: 0, mask: 0 };
  for (const [name, apply] of Object.entries(operators)) {
    const [first, ...rest] = list(at(value, name));
    if (first === undefined) continue;
    const bits = rest.map(number);
    const start = calculate(first);
    if (start === undefined || !bits.every((each) => each !== undefined)) return undefined;
    return bits.reduce(apply, start);
  }
  return undefined;
}
