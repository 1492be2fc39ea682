// Files that others than root may change: neither lvs.cf nor what it names is taken from them.
import { spawnSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, jest, test } from '@jest/globals';
import { web } from '../lvs-cf.ts';
import { safeFolder } from '../safe-folder.ts';

jest.setTimeout(120_000);

const folder = await safeFolder('writable');
const stranger = 65_534;
const open = join(folder, 'open');
const safe = join(folder, 'safe');
for (const each of [open, safe]) mkdirSync(each);
chmodSync(open, 0o1777);
chmodSync(safe, 0o755);

afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** Root's own file, with this mode whatever the umask. */
function write(path: string, content: string, mode: number): string {
  writeFileSync(path, content);
  chmodSync(path, mode);
  return path;
}

const program = write(join(safe, 'check'), '#!/bin/sh\n', 0o755);
const text = (checked = program, more = ''): string =>
  `${more}primary = 127.0.0.1\nipvsadm = /bin/true\n${web.replace('active = 1', `active = 1\nsend_program = "${checked} %h"`)}`;

function run(name: 'pulse' | 'lvsctl' | 'lvs', ...args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [`build/lib/${name}.cjs`, ...args], {
    encoding: 'utf8',
    timeout: 60_000,
  });
  return { status, text: stdout + stderr };
}

const own = ['--lvsd', program, '--send-arp', program];
const starts = (path: string, ...more: readonly string[]) => run('pulse', '-t', ...own, ...more, '-c', path);

/** lvs.cf in the ways in which somebody else may change it, with what is said of each. */
const files: Readonly<Record<string, () => readonly [path: string, said: string]>> = {
  'everybody may write it': () => {
    const path = write(join(safe, 'all.cf'), text(), 0o666);
    return [path, `everybody may write ${path} (mode 0666) (chmod go-w ${path})`];
  },
  'a group may write it': () => {
    const path = write(join(safe, 'group.cf'), text(), 0o664);
    chownSync(path, 0, stranger);
    return [path, `group ${stranger} may write ${path} (mode 0664) (chmod go-w ${path})`];
  },
  'an access control list lets somebody else write it': () => {
    const path = write(join(safe, 'listed.cf'), text(), 0o644);
    expect(spawnSync('setfacl', ['-m', `u:${stranger}:rw`, path]).status).toBe(0);
    return [path, `an access control list lets others write ${path} (setfacl -b ${path})`];
  },
  'it belongs to somebody else': () => {
    const path = write(join(safe, 'owned.cf'), text(), 0o400);
    chownSync(path, stranger, 0);
    return [path, `${path} belongs to user ${stranger} (chown root ${path}, or keep it`];
  },
  'it lies in a folder like /tmp': () => [
    write(join(open, 'lvs.cf'), text(), 0o644),
    `everybody may write ${open} (mode 01777) (keep it below a folder that only root may write`,
  ],
  'a link leads to such a folder': () => {
    const path = join(safe, 'link.cf');
    symlinkSync(write(join(open, 'behind.cf'), text(), 0o644), path);
    return [path, `everybody may write ${open} (mode 01777)`];
  },
  'its way leads through a link in such a folder': () => {
    symlinkSync(safe, join(open, 'way'));
    write(join(safe, 'through.cf'), text(), 0o644);
    return [join(open, 'way', 'through.cf'), `everybody may write ${open} (mode 01777)`];
  },
};

describe('lvs.cf', () => {
  test.each(Object.entries(files))('%s', (_, make) => {
    const [path, said] = make();
    const started = starts(path);
    expect(started).toMatchObject({
      status: 78,
      text: expect.stringContaining(`${path}: error: others than root may`),
    });
    expect(started.text).toContain(said);
    expect(run('lvsctl', 'check', path)).toMatchObject({
      status: 0,
      text: expect.stringMatching(/: warning: others than root may change this file/),
    });
    expect(run('lvsctl', 'check', '--system', path)).toMatchObject({
      status: 1,
      text: expect.stringMatching(/: error: others than root may change this file/),
    });
    expect(run('lvs', '-n', '--nanny', program, '-c', path).text).toContain(`error: others than root may change this`);
  });

  test('a FIFO in its place, behind a link too, is refused at once', () => {
    const [fifo, link] = [join(safe, 'fifo'), join(safe, 'fifo.cf')];
    spawnSync('mkfifo', [fifo]);
    symlinkSync(fifo, link);
    for (const path of [fifo, link]) {
      expect(starts(path)).toMatchObject({ status: 78, text: `${path}: error: failed to open: not a file\n` });
    }
  });

  test('the key that allows programs does not allow it', () => {
    const path = write(join(safe, 'allowing.cf'), text(program, 'insecure_programs = 1\n'), 0o666);
    expect(starts(path).status).toBe(78);
  });

  test("root's group may write it, and links from one good place to another are good", () => {
    const path = write(join(safe, 'good.cf'), text(), 0o664);
    const link = join(safe, 'good-link.cf');
    symlinkSync('../safe/good.cf', link);
    expect([starts(path).status, starts(link).status]).toEqual([0, 0]);
  });
});

describe('a program', () => {
  const exposed = write(join(open, 'check'), '#!/bin/sh\n', 0o755);
  const path = write(join(safe, 'programs.cf'), text(exposed), 0o644);
  const complaint = (severity: string): string =>
    `${path}:5:16: ${severity}: send_program: others than root may change what is run here: everybody may write ${open}`;

  test('of the file keeps pulse from starting, and a check says so on a router of the file', () => {
    expect(starts(path)).toMatchObject({ status: 78, text: expect.stringContaining(complaint('error')) });
    expect(run('lvsctl', 'check', path)).toMatchObject({
      status: 1,
      text: expect.stringContaining(complaint('error')),
    });
    expect(run('lvsctl', 'check', '--system', path)).toMatchObject({
      status: 1,
      text: expect.stringContaining(complaint('error')),
    });
  });

  test('that only runs another one, and one whose first line names another one, are as safe as that', () => {
    const by = (command: string, name: string) =>
      starts(write(join(safe, name), text().replace(`"${program} %h"`, `"${command} %h"`), 0o644));
    const script = write(join(safe, 'script'), `#!${exposed}\n`, 0o755);
    expect(by(`/bin/sh ${exposed}`, 'by-shell.cf')).toMatchObject({ status: 78, text: expect.stringContaining(open) });
    expect(by(script, 'by-line.cf')).toMatchObject({ status: 78, text: expect.stringContaining(open) });
    expect(by(`/bin/sh ${program}`, 'good.cf').status).toBe(0);
  });

  test('is run all the same where the file says so, with a warning', () => {
    const allowing = write(join(safe, 'allow.cf'), text(exposed, 'insecure_programs = 1\n'), 0o644);
    expect(starts(allowing)).toMatchObject({ status: 0, text: expect.stringMatching(/warning: send_program: others/) });
  });

  test('of the command line counts, too', () => {
    const good = write(join(safe, 'options.cf'), text(), 0o644);
    expect(starts(good, '--lvsd', exposed)).toMatchObject({
      status: 78,
      text: expect.stringContaining(`${good}: error: --lvsd: others than root may change what is run here`),
    });
    expect(starts(good, '--send-arp', exposed).text).toContain('error: --send-arp: others than root may change');
    expect(run('lvs', '-n', '--nanny', exposed, '-c', good).text).toContain('error: --nanny: others than root may');
  });
});

describe('the options of the init script', () => {
  /** In a mount namespace with an /etc of its own. */
  const status = (prepare: string) =>
    spawnSync(
      'unshare',
      [
        ...['--mount', 'sh', '-c'],
        `mount -t tmpfs none /etc && mkdir /etc/sysconfig && cd /etc/sysconfig || exit 99
        echo 'echo options-were-read' >pulse; ${prepare}; cd "$0"; sh etc/init.d/pulse status`,
        process.cwd(),
      ],
      { encoding: 'utf8', timeout: 60_000 },
    );

  test.each([
    ['chmod 666 pulse', false],
    ['chmod 664 pulse; chgrp 65534 pulse', false],
    ['chown 65534 pulse', false],
    ['setfacl -m u:65534:rw pulse', false],
    ['chmod 640 pulse', true],
  ])('after %s: read %s', (prepare, read) => {
    const { stdout, stderr } = status(prepare);
    const refused = stderr.includes('/etc/sysconfig/pulse: others than root may change it, so it is not read');
    expect([stdout.includes('options-were-read'), refused]).toEqual([read, !read]);
  });
});
