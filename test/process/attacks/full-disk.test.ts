// A key that does not fit on the disk: nothing may be left that looks like one.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, jest, test } from '@jest/globals';

jest.setTimeout(60_000);

const folder = mkdtempSync(join(tmpdir(), 'piranha-full-'));

afterAll(() => {
  rmSync(folder, { recursive: true });
});

test('a key that does not fit on the disk leaves nothing behind', () => {
  const script = `mount -t tmpfs -o size=4k,nr_inodes=10 none ${folder} && dd if=/dev/zero of=${folder}/full bs=4k count=1 2>&-
node build/lib/lvsctl.cjs key new ${folder}/key; echo "status $?"; ls ${folder}`;
  const { stdout, stderr } = spawnSync('unshare', ['--mount', 'sh', '-c', script], { encoding: 'utf8' });
  expect(stdout).toBe('status 1\nfull\n');
  expect(stderr).toMatch(/key cannot be written: .*ENOSPC/);
});
