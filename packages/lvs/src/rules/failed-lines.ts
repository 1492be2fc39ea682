// Lines that ipvsadm could not carry out: whose each is, and why as far as it can be told.
import type { TableCommand } from '@piranha/ipvs';
import { keyOf, restoreLine, serviceKey } from '@piranha/ipvs';
import type { FailedLine, TableResult } from '../keeper.ts';
import type { LvsState } from '../state.ts';
import { lineProblem } from './words.ts';

/** Every line of `left` with what was said of it. `sent` has all lines in the order in which ipvsadm read them. */
export function describeFailed(
  { configuration }: LvsState,
  left: readonly TableCommand[],
  sent: readonly string[],
  { complaint }: TableResult,
): ReadonlyMap<string, FailedLine> {
  const names = new Map(configuration?.virtualServers.map((each) => [keyOf(each), each.name]));
  const inOrder = left.toSorted((a, b) => sent.indexOf(restoreLine(a)) - sent.indexOf(restoreLine(b)));
  const said = complaintsOf(inOrder.length, complaint);
  return new Map(
    inOrder.map((command, index) => {
      const key = serviceKey('service' in command ? command.service.identity : command.identity);
      const scheduler = 'service' in command ? command.service.scheduler : undefined;
      const problem = lineProblem(said(index), scheduler);
      return [restoreLine(command), { virtual: names.get(key) ?? key, problem }];
    }),
  );
}

/** Of a long complaint about many lines. */
const longestComplaint = 300;

/** ipvsadm says one sentence a line but not of which: where the counts agree, the first is of the first. */
function complaintsOf(count: number, complaint: string): (index: number) => string {
  const sentences = complaint.split('; ');
  const all = [...new Set(sentences)].join('; ').slice(0, longestComplaint);
  return (index) => (sentences.length === count ? (sentences[index] ?? all) : all);
}
