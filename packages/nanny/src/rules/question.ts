// What a check asks over the network.
import type { IpAddress, Port } from '@piranha/domain';
import type { Expectation } from '@piranha/protocol/expectation';

/** Whom to ask, what to send, and which answer is right; undefined where nothing is sent or expected. */
export type Question = {
  readonly address: IpAddress;
  readonly port: Port;
  readonly send: Buffer | undefined;
  readonly expectation: Expectation | undefined;
};
