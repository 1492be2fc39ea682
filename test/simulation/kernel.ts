// One router's kernel as far as the suite uses it: the IPVS table, the floating addresses, and who changes them.
import type { Table, TableCommand } from '@piranha/ipvs';
import { applyCommands, emptyTable } from '@piranha/ipvs';

export type Kernel = {
  readonly table: () => Table;
  readonly write: (commands: readonly TableCommand[]) => void;
  /** From now on no line has an effect, and nothing of the table is left. */
  readonly breakTable: () => void;
  readonly mendTable: () => void;
  readonly broken: () => boolean;
  readonly hasAddresses: () => boolean;
  readonly setAddresses: (up: boolean) => void;
  /** All is gone, as after a power failure. */
  readonly reset: () => void;
};

/** `onChange`: an address or the table has come or gone. */
export function makeKernel(onChange: () => void): Kernel {
  let table = emptyTable;
  let addresses = false;
  let broken = false;
  const setTable = (next: Table): void => {
    if (next === table) return;
    table = next;
    onChange();
  };
  const setAddresses = (up: boolean): void => {
    if (addresses === up) return;
    addresses = up;
    onChange();
  };
  return {
    table: () => table,
    write: (commands) => {
      if (!broken && commands.length > 0) setTable(applyCommands(table, commands));
    },
    breakTable: () => {
      broken = true;
      setTable(emptyTable);
    },
    mendTable: () => {
      broken = false;
    },
    broken: () => broken,
    hasAddresses: () => addresses,
    setAddresses,
    reset: () => {
      setAddresses(false);
      setTable(emptyTable);
    },
  };
}
