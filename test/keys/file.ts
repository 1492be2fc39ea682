// Small files of lvs.cf, and what is read from them.
import type { LoadedConfiguration } from '@piranha/config';
import { configurationFromText } from '@piranha/config';

export function load(text: string): LoadedConfiguration {
  const loaded = configurationFromText('lvs.cf', text, {});
  if (!loaded.ok) throw new Error(loaded.error.map(({ line, message }) => `${line}: ${message}`).join('\n'));
  return loaded.value;
}

export const server = (...lines: readonly string[]): string =>
  ['server s {', 'address = 10.0.1.1', 'active = 1', ...lines, '}'].join('\n');
export const virtual = (...lines: readonly string[]): string =>
  ['virtual v {', 'address = 10.0.0.1 eth0:1', 'active = 1', ...lines, '}', ''].join('\n');
