// Import this first in every main file: a Node process without a listener answers SIGUSR1 by opening its debugger.
process.on('SIGUSR1', () => undefined);
