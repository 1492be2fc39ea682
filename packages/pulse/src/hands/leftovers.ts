// Addresses of a former file that an earlier life of pulse has left behind when it ended badly.
import type { FloatingAddress } from '@piranha/domain';
import type { Logger } from '@piranha/logging';
import type { AddressBatch, RaisedFile } from '@piranha/runtime/addresses';

/** Takes them down; those of the file in force are the business of the rules. */
export async function takeDownLeftovers(
  wanted: readonly FloatingAddress[],
  raised: Pick<RaisedFile, 'others'>,
  addresses: Pick<AddressBatch, 'lower'>,
  log: Logger,
): Promise<void> {
  const leftovers = raised.others(wanted);
  if (leftovers.length === 0) return;
  const text = leftovers.map(({ address, device }) => `${address} on ${device}`).join(', ');
  const result = await addresses.lower(leftovers, wanted);
  if (!result.ok) {
    log.error('an earlier life has left over addresses, and they could not be taken down', { problem: result.error });
    return;
  }
  log.notice(`of an earlier life, and not in the file any more: ${text}; taken down where it was still up`);
}
