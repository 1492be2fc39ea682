import { expect, test } from '@jest/globals';
import { parseIpAddress } from '@piranha/domain';
import fc from 'fast-check';
import { encodeLine } from './json.ts';
import { decodeLvsCommand } from './lvs-command.ts';
import { decodeLvsMessage } from './lvs-message.ts';
import { decodeNannyCommand } from './nanny-command.ts';
import { decodeNannyMessage } from './nanny-message.ts';
import { decodeSendArpCommand } from './send-arp-command.ts';

const decoders = {
  decodeLvsCommand,
  decodeLvsMessage,
  decodeNannyCommand,
  decodeNannyMessage,
  decodeSendArpCommand,
};

const watch = {
  type: 'watch',
  server: 'web/one',
  check: {
    virtual: '10.1.0.100:80',
    address: parseIpAddress('10.2.0.11'),
    port: 80,
    protocol: 'tcp',
    send: null,
    expect: null,
    useRegex: false,
    program: null,
    timeout: 1000,
    fall: 1,
    rise: 1,
  },
  known: 'unknown',
} as const;

test('a watch command survives the pipe', () => {
  expect(decodeNannyCommand(encodeLine(watch))).toEqual({ ok: true, value: watch });
});

test('a configure command survives the pipe with its names', () => {
  const command = { type: 'configure', file: '/etc/lvs.cf', text: 'primary = a\n', names: { a: '10.1.0.2' } };
  expect(decodeLvsCommand(encodeLine(command))).toEqual({ ok: true, value: command });
});

test('a command with a wrong field is refused and the field is named', () => {
  const broken = { ...watch, check: { ...watch.check, port: 70000 } };
  expect(decodeNannyCommand(encodeLine(broken))).toEqual({ ok: false, error: 'check.port: not a port' });
});

test.each(Object.entries(decoders))('%s refuses what is not one of its messages and never throws', (_name, decode) => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.json(),
        fc.jsonValue().map((value) => JSON.stringify({ type: value })),
      ),
      (line) => {
        expect(decode(line).ok).toBe(false);
      },
    ),
  );
});
