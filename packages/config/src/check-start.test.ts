import { expect, test } from '@jest/globals';
import { formatDiagnostic } from './diagnostic.ts';
import { loadText } from './hands/load.ts';

const one = 'server one {\nactive = 1\naddress = 10.2.0.11\n}\n';
const web = `virtual web {\nactive = 1\naddress = 10.1.0.100 eth0:1\n${one}}\n`;

/** Why a text is refused. */
async function refusal(text: string, options = {}): Promise<readonly string[]> {
  const loaded = await loadText('f', text, { services: '', ...options });
  return loaded.ok ? [] : loaded.error.map((each) => formatDiagnostic('f', each));
}

test('failover services are refused where the file asks for them', async () => {
  expect(await refusal(`\nservice = fos\n${web}`)).toEqual([
    'f:2:11: error: service = fos: failover services are not built yet',
  ]);
  expect(await refusal(`service = lvs\n${web}`)).toEqual([]);
});

test.each(['serial_no = 1', web.replace('active = 1', 'active = 0'), web.replace('active = 1\n', '')])(
  '%j is refused for want of a service',
  async (text) => {
    expect(await refusal(text)).toEqual([
      'f: error: no active lvs services defined in f (pulse does not start with this file; a virtual block needs active = 1)',
    ]);
  },
);

test('a file with other mistakes is not called empty as well', async () => {
  expect(await refusal('virtual web {\nactiv = 1\n}')).toEqual([expect.stringContaining('unknown key "activ"')]);
});

test('so is one whose services all lack their addresses', async () => {
  const lookup = () => Promise.resolve(undefined);
  const text = web.replace('10.1.0.100', 'vip.example');
  expect(await refusal(text, { lookup, lostNames: 'leave-out' })).toEqual([
    expect.stringMatching(/^f:3:11: warning: no address was found for the host name "vip.example"/),
    'f: error: no active lvs services defined in f but those that need the addresses of vip.example, and there are none',
  ]);
  const other = web.replace('10.1.0.100', '10.1.0.101');
  expect(await refusal(text + other, { lookup, lostNames: 'leave-out' })).toEqual([]);
});
