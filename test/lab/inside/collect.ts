// Loaded by Node before a program of the suite: collects all garbage every half minute, where Node was told to let it.
const every = 30_000;

const { gc } = globalThis;
if (gc !== undefined) {
  setInterval(() => {
    gc();
  }, every).unref();
}
