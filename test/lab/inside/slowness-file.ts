// Where scenarios leave how slow the machine was meanwhile (times the usual), by their names.
export const slownessFile = 'slowness.json';
