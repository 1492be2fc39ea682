import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { configurationFromText } from '@piranha/config';
import { gatherFacts } from './gather.ts';

test('what can be learnt of this machine is learnt, and what cannot says why', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'preflight-'));
  const script = join(folder, 'check');
  writeFileSync(script, '#!/bin/sh\n', { mode: 0o644 });
  const text = `ipvsadm = ${folder}/ipvsadm
    virtual web {
      active = 1
      address = 10.0.0.1 nosuch0:1
      send_program = "${script} %h"
    }`;
  const loaded = configurationFromText('lvs.cf', text, {});
  if (!loaded.ok) throw new Error('refused');
  const facts = await gatherFacts(loaded.value.configuration);
  rmSync(folder, { recursive: true });
  expect(facts.sysctls.get('net/ipv4/ip_forward')).toEqual(expect.any(Number));
  expect(facts.sysctls.has('net/ipv4/conf/nosuch0/rp_filter')).toBe(false);
  const interfaces = facts.interfaces.ok ? facts.interfaces.value.map((each) => each.name) : facts.interfaces.error;
  expect(interfaces).toEqual(expect.arrayContaining(['lo']));
  expect(facts.firewalls.map((each) => each.tool)).toEqual(['nft', 'iptables-save', 'ip6tables-save']);
});
