// The one function of the library `ini` that value.ts calls; the library brings no types of its own.
declare module 'ini' {
  const ini: { readonly unsafe: (word: string) => unknown };
  export default ini;
}
