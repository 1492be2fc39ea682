// Tells how fast the machine works for a program of usual priority: twice a second it does the same piece of work and prints
// how long that took (ms).
const rounds = 200_000;

const now = (): number => Number(process.hrtime.bigint() / 1000n) / 1000;

function work(): number {
  let sum = 1;
  for (let done = 0; done < rounds; done += 1) sum = (sum * 48_271) % 2_147_483_647;
  return sum;
}

setInterval(() => {
  const began = now();
  const sum = work();
  const at = now();
  process.stdout.write(`${JSON.stringify({ at, took: at - began, sum })}\n`);
}, 500);
process.stdout.on('error', () => process.exit(0));
