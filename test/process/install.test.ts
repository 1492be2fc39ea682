// Installation and removal below DESTDIR: the layout, what is kept, and what is never touched.
import { spawnSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';

jest.setTimeout(60_000);

const root = mkdtempSync(join(tmpdir(), 'piranha-install-'));
const at = (path: string): string => join(root, path);
const lvm = 'belongs to LVM';

function script(name: 'install' | 'uninstall'): { status: number | null; stdout: string } {
  const { status, stdout } = spawnSync(`scripts/${name}`, { encoding: 'utf8', env: { ...process.env, DESTDIR: root } });
  return { status, stdout };
}

const files = (): string[] =>
  readdirSync(root, { recursive: true, encoding: 'utf8', withFileTypes: true })
    .filter((entry) => !entry.isDirectory() && !entry.parentPath.includes('node_modules'))
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length))
    .sort();

function modesBelow(folder: string): Readonly<Record<string, number>> {
  const entries = readdirSync(folder, { recursive: true, encoding: 'utf8', withFileTypes: true });
  const paths = entries
    .filter((entry) => !entry.isSymbolicLink())
    .map(({ parentPath, name }) => join(parentPath, name));
  return Object.fromEntries(paths.map((path) => [path.slice(folder.length), statSync(path).mode & 0o7777]));
}

beforeAll(() => {
  mkdirSync(at('usr/sbin'), { recursive: true });
  writeFileSync(at('usr/sbin/lvs'), lvm);
});

afterAll(() => {
  rmSync(root, { recursive: true });
});

describe('scripts/install', () => {
  test('puts everything where a router has it', () => {
    expect(script('install').status).toBe(0);
    expect(files()).toEqual([
      '/etc/init.d/pulse',
      '/etc/sysconfig/ha/lvs.cf',
      '/etc/sysconfig/pulse',
      '/usr/lib/piranha/LICENSE',
      ...['lvs', 'lvsctl', 'nanny', 'pulse', 'send_arp'].map((name) => `/usr/lib/piranha/bin/${name}`),
      // What is needed only by hand, or for a regular expression, is a file of its own.
      ...['lvs-re2js', 'lvs', 'lvsctl-re2js', 'lvsctl', 'nanny-by-hand', 'nanny-re2js', 'nanny'].map(
        (name) => `/usr/lib/piranha/${name}.cjs`,
      ),
      ...['pulse-re2js', 'pulse-run', 'pulse', 'send_arp'].map((name) => `/usr/lib/piranha/${name}.cjs`),
      '/usr/lib/systemd/system/pulse.service',
      ...['lvs', 'lvsctl', 'lvsd', 'nanny', 'pulse', 'send_arp'].map((name) => `/usr/sbin/${name}`),
      ...['SECURITY', 'connections', 'developing', 'faults', 'getting-started', 'pair', 'real-servers'].map(
        (name) => `/usr/share/doc/piranha-lvs/${name}.md`,
      ),
      '/usr/share/man/man5/lvs.cf.5',
      ...['lvsctl', 'lvsd', 'nanny', 'pulse', 'send_arp'].map((name) => `/usr/share/man/man8/${name}.8`),
    ]);
  });

  test('leaves /usr/sbin/lvs alone: the daemon is lvsd there', () => {
    expect(readFileSync(at('usr/sbin/lvs'), 'utf8')).toBe(lvm);
    expect(readlinkSync(at('usr/sbin/lvsd'))).toBe('../lib/piranha/bin/lvs');
  });

  test('names the Node that was there in every launcher', () => {
    for (const program of ['lvs', 'lvsctl', 'nanny', 'pulse', 'send_arp']) {
      const launcher = readFileSync(at(`usr/lib/piranha/bin/${program}`), 'utf8');
      expect(launcher).toContain(` ${process.execPath} --`);
      expect(launcher).toContain(`\nprogram=${program}\n`);
      expect(launcher).not.toMatch(/@\w+@/);
    }
  });

  test.each(['000', '077'])('gives every file and folder the same mode under umask %s', (mask) => {
    const other = mkdtempSync(join(tmpdir(), 'piranha-install-'));
    const before = process.umask(parseInt(mask, 8));
    const { status } = spawnSync('scripts/install', { encoding: 'utf8', env: { ...process.env, DESTDIR: other } });
    process.umask(before);
    const modes = modesBelow(other);
    rmSync(other, { recursive: true });
    expect(status).toBe(0);
    expect(Object.values(modes).every((mode) => [0o755, 0o644, 0o640].includes(mode))).toBe(true);
    expect(modes).toMatchObject({ '/usr/lib/piranha': 0o755, '/usr/lib/piranha/bin/pulse': 0o755, '/usr/sbin': 0o755 });
    expect(modes).toMatchObject({ '/usr/lib/piranha/pulse.cjs': 0o644, '/etc/sysconfig/ha/lvs.cf': 0o640 });
    expect(modes).toMatchObject({ '/etc/sysconfig/ha': 0o755, '/usr/share/man/man8/pulse.8': 0o644 });
  });

  test('lets only root read the configuration', () => {
    expect(statSync(at('etc/sysconfig/ha/lvs.cf')).mode & 0o777).toBe(0o640);
  });

  test('brings a sample that passes its own check but for being inactive', () => {
    const pulse = spawnSync(
      process.execPath,
      ['build/lib/pulse.cjs', '--test-start', '-c', at('etc/sysconfig/ha/lvs.cf')],
      {
        encoding: 'utf8',
      },
    );
    expect(pulse.stderr).toMatch(/^\S+lvs.cf: error: no active lvs services defined in .*\n$/);
  });

  test('a second time keeps what the administrator has written', () => {
    writeFileSync(at('etc/sysconfig/ha/lvs.cf'), 'mine\n');
    writeFileSync(at('etc/sysconfig/pulse'), 'OPTIONS=mine\n');
    const { status, stdout } = script('install');
    expect(status).toBe(0);
    expect(stdout).toMatch(/^Kept: .*lvs\.cf$/m);
    expect(readFileSync(at('etc/sysconfig/ha/lvs.cf'), 'utf8')).toBe('mine\n');
    expect(readFileSync(at('etc/sysconfig/pulse'), 'utf8')).toBe('OPTIONS=mine\n');
  });
});

describe('scripts/uninstall', () => {
  test('leaves the configuration, and what is not ours', () => {
    expect(script('uninstall').status).toBe(0);
    expect(files()).toEqual(['/etc/sysconfig/ha/lvs.cf', '/etc/sysconfig/pulse', '/usr/sbin/lvs']);
  });
});
