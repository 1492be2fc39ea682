import { expect, test } from '@jest/globals';
import { findPort, parseServices, wellKnownServices } from './services.ts';

const services = parseServices(
  '# ports\nweb 8080/tcp www alt # the web\nweb\t8081/udp\ntime 37/udp\nbad x/tcp\nbig 99999/tcp\n',
);

test('a name means the port of its own protocol', () => {
  expect(findPort(services, 'web', 'tcp')).toBe(8080);
  expect(findPort(services, 'web', 'udp')).toBe(8081);
});

test('aliases count, and tcp stands in for udp but not the other way round', () => {
  expect(findPort(services, 'alt', 'udp')).toBe(8080);
  expect(findPort(services, 'time', 'tcp')).toBeUndefined();
});

test('lines that name no port are passed over', () => {
  expect([...services.keys()]).not.toContain('bad/tcp');
  expect([...services.keys()]).not.toContain('big/tcp');
});

test('usual names are known without /etc/services', () => {
  expect(findPort(parseServices(wellKnownServices), 'https', 'tcp')).toBe(443);
});
