/** The table of the lab's usual pair (test/lab/inside/lab.ts), as `ipvsadm -S -n` prints it. */
export const natTable = [
  '-A -t 10.1.0.100:80 -s wrr',
  '-a -t 10.1.0.100:80 -r 10.2.0.11:80 -m -w 2',
  '-a -t 10.1.0.100:80 -r 10.2.0.12:80 -m -w 1',
];
