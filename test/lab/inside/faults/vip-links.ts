// Interfaces that carry a virtual address and nothing else.
import { addVipDevice, removeVipDevice, setVipCable } from '../vip-device.ts';
import type { FaultRow } from './row.ts';
import { faultSettings } from './settings.ts';

export const vipLinks: readonly FaultRow[] = [
  {
    name: 'interface of a virtual address out on the owner',
    deed: async ({ owner, standby }) => {
      await addVipDevice([owner, standby], owner, faultSettings);
      await setVipCable(owner, 'down');
    },
    observeMs: 3000,
    undo: ({ owner, standby }) => removeVipDevice([owner, standby], faultSettings),
    expect: { owner: 'other', outageAtMost: 1500, overlapAtMost: 0 },
    says: /the link of eth5 is down/,
    keepalived: 'its rows have one virtual address',
  },
];
