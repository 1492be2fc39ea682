// Tells when a processor ran no process: wakes every 20 ms and prints each wake that came much too late. To be
// run above all other priorities, once on each processor; then what is late is late for everybody.
const every = 20;
const noted = 50;

const now = (): number => Number(process.hrtime.bigint() / 1000n) / 1000;

let last = now();
setInterval(() => {
  const at = now();
  const stood = at - last - every;
  last = at;
  if (stood >= noted) process.stdout.write(`${JSON.stringify({ at, stood: Math.round(stood) })}\n`);
}, every);
process.stdout.on('error', () => process.exit(0));
