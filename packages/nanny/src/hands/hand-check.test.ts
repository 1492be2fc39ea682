import { expect, test } from '@jest/globals';
import { handCheck } from './hand-check.ts';
import { nannyCommand, readOptions } from './options.ts';

/** The check that a command line asks for. A wrong command line throws what commander says. */
function check(...args: string[]) {
  const command = nannyCommand('nanny 0')
    .exitOverride()
    .configureOutput({ writeErr: () => undefined, writeOut: () => undefined });
  return handCheck(readOptions(command, args));
}

const plain = ['-h', '10.2.0.11', '-p', '25'];

test('the address is enough', () => {
  expect(check('-h', '10.2.0.11').check).toEqual({
    kind: 'dialogue',
    virtual: '0.0.0.0:80',
    address: '10.2.0.11',
    port: 80,
    protocol: 'tcp',
    send: 'GET / HTTP/1.0\\r\\n\\r\\n',
    expect: 'HTTP',
    useRegex: false,
    timeout: 10_000,
    fall: 1,
    rise: 18,
    load: null,
  });
});

test('the command line of the original is understood', () => {
  const args = '-c -h 10.2.0.11 -p 25 -r 2525 -f 7 -u -s hello -x 220 -q --regex -v -a 30 -I /sbin/ipvsadm -t 10 -w 1';
  const { check: made, remarks } = check(...args.split(' '), '-V', '10.1.0.100', '-M', '-m', '-U', 'none', '--lvs');
  expect(made).toMatchObject({ virtual: 'fwmark 7', port: 2525, protocol: 'udp', send: 'hello', expect: '220' });
  expect(made).toMatchObject({ useRegex: true, timeout: 10_000, rise: 3 });
  expect(remarks).toEqual([
    'lvs is the one writer of the IPVS table, nothing is written here; without effect: ' +
      '--ipvsadm /sbin/ipvsadm, --method -m, --weight 1, --loadcmd none, --quiesce_server',
  ]);
});

test('a web page is asked for on port 80 of the virtual server only where nothing is configured', () => {
  expect(check('-h', '10.2.0.11', '-r', '8080').check).toMatchObject({ kind: 'dialogue', expect: 'HTTP' });
  expect(check('-h', '10.2.0.11', '-r', '80', '-p', '81').check).toMatchObject({ kind: 'connect', protocol: 'tcp' });
  expect(check('-h', '10.2.0.11', '-u').check).toMatchObject({ kind: 'connect', protocol: 'udp' });
  expect(check('-h', '10.2.0.11', '-x', '*').check).toMatchObject({ kind: 'dialogue', send: null });
  expect(check('-h', '10.2.0.11', '-e', 'true').check).toMatchObject({ kind: 'program', expect: null });
});

test('a program is split at blanks, and displaces what is to be sent', () => {
  const { check: made, remarks } = check(...plain, '-e', ' /etc/check  %h:%p', '-s', 'hello', '-x', 'OK');
  expect(made).toMatchObject({ kind: 'program', program: ['/etc/check', '%h:%p'], expect: 'OK' });
  expect(remarks).toHaveLength(1);
});

test('--suppress keeps backslashes through the decoding that follows', () => {
  expect(check(...plain, '-s', 'a\\n').check).toMatchObject({ send: 'a\\n' });
  expect(check(...plain, '-T', '-s', 'a\\n').check).toMatchObject({ send: 'a\\\\n' });
});

test('a reentry time of 0 means 180 s, and a short one means one good check', () => {
  expect(check(...plain, '-t', '6', '-a', '0').check.rise).toBe(30);
  expect(check(...plain, '-t', '6', '-a', '1').check.rise).toBe(1);
  expect(check(...plain, '-t', '0.5', '-a', '2').check).toMatchObject({ timeout: 500, rise: 4 });
});

test.each([
  ['no address', ['-p', '80'], 'is missing'],
  ['a host name', ['-h', 'www'], 'no address'],
  ['an address that names no host', ['-h', '0.0.0.0'], 'no address'],
  ['an address with leading zeros', ['-h', '10.2.0.011'], 'no address'],
  ['port 0', [...plain, '-r', '0'], 'no port'],
  ['port 65536', [...plain, '-r', '65536'], 'no port'],
  ['an interval of 0', [...plain, '-t', '0'], 'above 0'],
  ['a negative interval', [...plain, '-t', '-1'], 'above 0'],
  ['an interval that is no number', [...plain, '-t', '1e3'], 'above 0'],
  ['a reentry time that is no number', [...plain, '-a', 'x'], 'seconds'],
  ['a firewall mark with decimals', [...plain, '-f', '1.5'], 'mark'],
  ['failover services', [...plain, '--fos'], 'not built yet'],
  ['a pipe and a terminal at once', [...plain, '--commands'], 'no other option'],
  ['an unknown option', [...plain, '-z'], 'unknown option'],
  ['a stray word', [...plain, 'x'], 'too many arguments'],
])('%s is refused', (_what, args, problem) => {
  expect(() => check(...args)).toThrow(problem);
});
