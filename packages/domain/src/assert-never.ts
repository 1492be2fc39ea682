// The last branch of a switch over a closed union.

/** Fails to compile while a member of the union is not handled; throws should one arrive all the same. */
export function assertNever(value: never, what: string): never {
  throw new Error(`unexpected ${what}: ${JSON.stringify(value)}`);
}
