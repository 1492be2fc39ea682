// Finds a server's load of the last minute in what a program has written about it.

/** So many lines are looked at: enough for a greeting before the answer. */
const mostLines = 1000;

/** A longer line is not meant for people, and is cut. */
const longestLine = 400;

const decimal = String.raw`\d{1,6}[.,]\d{1,6}(?!\d)`;
const gap = String.raw`(?:,[ \t]{0,8}|[ \t]{1,8})`;

/** What uptime, rup and ruptime have in common, whatever their language: a line ends with three load averages. */
const threeAverages = new RegExp(`(?<![\\d.,-])(${decimal})${gap}${decimal}${gap}${decimal}$`);

/** One value with its name, such as `load: 0.5` or `load average: 1`. */
const named =
  /(?<![\w.-])load(?:[ \t]{1,8}averages?)?[ \t]{0,8}:?[ \t]{0,8}(?<![a-z])(\d{1,6}(?:[.,]\d{1,6})?)(?=[ \t,]|$)/i;

/** The first line is a number, or what /proc/loadavg has. */
const bare = new RegExp(
  String.raw`^(\d{1,6}(?:[.,]\d{1,6})?)(?:(?:[ \t]${decimal}){2}[ \t]\d{1,9}/\d{1,9}[ \t]\d{1,12})?$`,
);

/**
 * The load; undefined where there is none. Where a program tells of many hosts, `host` says whose line counts. Every
 * expression above is bounded, and so is what it is tried on: no output takes long, and none is an error.
 */
export function parseLoad(output: Uint8Array, host: string | null): number | undefined {
  const all = linesOf(output);
  const lines = host === null ? all : lineOf(host, all);
  const found = firstMatch(lines, threeAverages) ?? firstMatch(lines, named) ?? firstMatch(lines.slice(0, 1), bare);
  return found === undefined ? undefined : Number(found.replace(',', '.'));
}

const linesOf = (output: Uint8Array): readonly string[] =>
  Buffer.from(output)
    .toString('latin1')
    .split('\n', mostLines)
    .map((line) => line.slice(0, longestLine).trim());

function firstMatch(lines: readonly string[], pattern: RegExp): string | undefined {
  for (const line of lines) {
    const value = pattern.exec(line)?.[1];
    if (value !== undefined) return value;
  }
  return undefined;
}

/** ruptime of the rwho package cuts names to this length. */
const longestName = 12;

/** The line that begins with a host's name; none where that could be another host's. */
function lineOf(host: string, lines: readonly string[]): readonly string[] {
  const named = (same: (name: string) => boolean): readonly string[] =>
    lines.filter((line) => same(line.split(/[ \t]/, 1)[0] ?? ''));
  const exact = named((name) => name.toLowerCase() === host.toLowerCase());
  const similar = exact.length > 0 ? exact : named((name) => shortName(name) === shortName(host));
  return similar.length === 1 ? similar : [];
}

/** Without its domain. */
const shortName = (name: string): string => (name.split('.', 1)[0] ?? '').slice(0, longestName).toLowerCase();
