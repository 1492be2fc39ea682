import { expect, test } from '@jest/globals';
import { canonicalJson, digestOf } from './digest.ts';
import { parseConfiguration } from './parse-configuration.ts';

function digest(text: string): string {
  const { configuration } = parseConfiguration(text);
  if (configuration === undefined) throw new Error(`refused: ${text}`);
  return digestOf(configuration);
}

test('a digest is 8 bytes in hexadecimal', () => {
  expect(digest('\n')).toMatch(/^[0-9a-f]{16}$/);
});

test('what means the same has the same digest', () => {
  expect(digest('deadtime=0x12 # seconds\nkeepalive = "6"\n')).toBe(
    digest('keepalive = 6\ndeadtime = 18\nserial_no = 9'),
  );
  expect(digest('keepalive = 2')).toBe(digest('\n'));
});

test('another setting makes another digest', () => {
  expect(digest('keepalive = 1')).not.toBe(digest('\n'));
});

test('what each router has for itself does not count', () => {
  const signed =
    'heartbeat_key_file = /a\nheartbeat_auth = accept\nnotify_cmd = /b\ninsecure_programs = 1\ncheck_user = nobody\n';
  expect(digest(signed)).toBe(digest('\n'));
});

test('canonical JSON sorts the keys of every object and leaves lists alone', () => {
  expect(canonicalJson({ b: [{ d: 1, c: 2 }, 1], a: undefined })).toBe('{"b":[{"c":2,"d":1},1]}');
});
