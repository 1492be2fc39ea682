export * from './address.ts';
export * from './assert-never.ts';
export type * from './brand.ts';
export * from './clock.ts';
export * from './device.ts';
export * from './duration.ts';
export * from './mac-address.ts';
export * from './outcome.ts';
export * from './port.ts';
