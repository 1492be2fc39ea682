// Host names in lvs.cf that have no address: at start, at a reload, and when they get one.
import { must, until } from '../command.ts';
import { systemLog } from '../host.ts';
import { lvsCf, makeLab, usualSettings } from '../lab.ts';
import { ipvsTable, service, untilServing } from '../router.ts';
import { startWebServers } from '../web-server.ts';

/** A name that nobody has given an address (RFC 2606 keeps its domain for that). */
const name = 'later.example.invalid';

/** What a router does with such a name. */
export async function names() {
  const lab = await makeLab(usualSettings);
  const { r1 } = lab;
  try {
    await startWebServers(lab);
    const named = lvsCf(usualSettings).replace('address = 10.2.0.12', `address = ${name}`);
    const allLost = lvsCf(usualSettings).replace('address = 10.1.0.100', `address = ${name}`);
    const startWith = async (file: string) => {
      await r1.write('/etc/sysconfig/ha/lvs.cf', file);
      return service(r1, 'start');
    };
    const refused = await startWith(allLost);
    const started = await startWith(named);
    await untilServing(r1, 1, 30_000);
    const without = await ipvsTable(r1);
    await r1.write('/etc/sysconfig/ha/lvs.cf', named.replace('weight = 2', 'weight = 9'));
    await service(r1, 'reload');
    const log = await until('the refusal', 20_000, async () => {
      const lines = await systemLog(r1);
      return lines.some((line) => line.includes('the configuration in force is kept')) ? lines : undefined;
    });
    const afterReload = await ipvsTable(r1);
    await must(['sh', '-c', `echo '10.2.0.12 ${name}' >>/etc/hosts`]);
    await untilServing(r1, 2, 40_000);
    return {
      refused: { code: refused.code, stderr: refused.stderr },
      started: started.code,
      without,
      afterReload,
      warnings: log.filter((line) => line.includes(name)),
      withName: await ipvsTable(r1),
    };
  } finally {
    await lab.destroy();
  }
}
