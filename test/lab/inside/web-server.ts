// A real web server on a host: Debian's nginx, answering every request with the host's name.
import type { Host } from './host.ts';
import type { Running } from './command.ts';
import { until } from './command.ts';

const configuration = (ports: readonly number[]): string => `
daemon off;
master_process off;
pid /run/nginx.pid;
error_log /run/nginx-error.log;
worker_rlimit_nofile 8192;
events { worker_connections 4096; }
http {
  access_log off;
  keepalive_timeout 600s;
  client_body_temp_path /run/nginx-body;
  proxy_temp_path /run/nginx-proxy;
  fastcgi_temp_path /run/nginx-fastcgi;
  uwsgi_temp_path /run/nginx-uwsgi;
  scgi_temp_path /run/nginx-scgi;
  server {
    ${ports.map((port) => `listen ${port} backlog=8192; listen [::]:${port};`).join(' ')}
    client_max_body_size 10m;
    location / { return 200 "$hostname\\n"; }
    location = /where { return 200 "$hostname $server_addr $server_port\\n"; }
    location /paced { root /usr/lib/piranha-lab; limit_rate 100k; }
    location /long { root /usr/lib/piranha-lab; limit_rate 80k; }
  }
}
`;

/** Starts nginx and waits until it accepts connections. It tells its name and, asked `/where`, how it was reached. */
export async function startWebServer(host: Host, ports: readonly number[] = [80]): Promise<Running> {
  await host.write('/run/nginx.conf', configuration(ports));
  const running = host.start(['nginx', '-e', '/run/nginx-error.log', '-c', '/run/nginx.conf'], (line) => {
    process.stderr.write(`nginx on ${host.name}: ${line}\n`);
  });
  await until(`nginx on ${host.name}`, 10_000, async () => {
    const listening = await host.run(['ss', '-Hltn', 'sport = :80']);
    return listening.stdout.includes(':80');
  });
  return running;
}

/** Starts the web servers of both real servers. */
export const startWebServers = (lab: { readonly s1: Host; readonly s2: Host }): Promise<[Running, Running]> =>
  Promise.all([startWebServer(lab.s1), startWebServer(lab.s2)]);
