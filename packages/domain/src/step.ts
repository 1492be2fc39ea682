// What a pure machine answers to an event, and how rules follow each other.

/** The next state and what is to be done. */
export type Step<State, Action> = { readonly state: State; readonly actions: readonly Action[] };

/** Applies rules one after the other, each to the state that the one before left; the actions come in the same order. */
export function chain<State, Action>(
  state: State,
  ...rules: readonly ((state: State) => Step<State, Action>)[]
): Step<State, Action> {
  const actions: Action[] = [];
  let now = state;
  for (const rule of rules) {
    const done = rule(now);
    now = done.state;
    actions.push(...done.actions);
  }
  return { state: now, actions };
}
