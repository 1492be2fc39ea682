// Whether the nanny can use the texts of checks. Only this rule needs an expression compiled, so only this one takes time.
import { setImmediate as others } from 'node:timers/promises';
import { escapeProblem, knownEscapes } from '@piranha/protocol';
import { readExpectation } from '@piranha/protocol/expectation';
import { isActive } from '../draft-blocks.ts';
import type { Place, Report } from '../diagnostic.ts';
import type { Draft, DraftVirtual } from '../draft-blocks.ts';

/** Complains about send and expect, in active blocks with errors. Other work goes on meanwhile. */
export async function checkTexts({ virtuals, failovers }: Draft, report: Report): Promise<void> {
  const known = new Map<string, string | undefined>();
  const blocks = [
    ...virtuals.map((virtual) => ({ virtual, complain: isActive(virtual) ? report.error : report.warning })),
    ...failovers.map((virtual) => ({ virtual, complain: report.warning })),
  ];
  for (const { virtual, complain } of blocks) {
    checkEscapes(virtual, 'send', complain);
    if (!virtual.values.use_regex) checkEscapes(virtual, 'expect', complain);
    else await checkExpression(virtual, known, complain);
  }
}

type Complain = Report['error'];

function checkEscapes({ values, given, bad }: DraftVirtual, key: 'send' | 'expect', complain: Complain): void {
  const text = bad.has(key) ? undefined : values[key];
  const at = given.get(key);
  const found = text === undefined ? undefined : escapeProblem(text);
  if (text === undefined || found === undefined || at === undefined) return;
  // Columns count characters, and a text that is not ASCII has fewer of them than units.
  const column = at.value.column + (at.quoted ? 1 : 0) + Array.from(text.slice(0, found.at)).length;
  complain({ line: at.value.line, column }, 'bad-escape', `${key}: ${found.problem}`, knownEscapes);
}

/** `known` has what is wrong with each expression that was compiled already. */
async function checkExpression(
  { values, given, place, bad }: DraftVirtual,
  known: Map<string, string | undefined>,
  complain: Complain,
): Promise<void> {
  const { expect } = values;
  if (expect === undefined || bad.has('expect')) return;
  if (!known.has(expect)) {
    const read = await readExpectation({ expect, useRegex: true }, 'beginning');
    known.set(expect, read.ok ? undefined : read.error);
    await others();
  }
  const problem = known.get(expect);
  const at: Place = given.get('expect')?.value ?? place;
  if (problem !== undefined) complain(at, 'bad-expression', problem, 'use_regex = 1: see nanny(8)');
}
