// JSON whose shape nobody promises: read piece by piece, each of which may be something else or missing.

export type Json = unknown;

/** Undefined for what is no JSON. */
export function parseJson(source: string): Json {
  try {
    return JSON.parse(source) as Json;
  } catch {
    return undefined;
  }
}

/** A field of an object; undefined where there is none. One that is null is there. */
export const at = (value: Json, name: string): Json =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? (value as Readonly<Record<string, Json>>)[name]
    : undefined;

/** The elements of a list; none of anything else. */
export const list = (value: Json): readonly Json[] => (Array.isArray(value) ? (value as readonly Json[]) : []);

/** A text; an empty one for anything else. */
export const text = (value: Json): string => (typeof value === 'string' ? value : '');

export const number = (value: Json): number | undefined => (typeof value === 'number' ? value : undefined);
