import { expect, test } from '@jest/globals';
import { descriptorShortage, descriptorsNeeded } from './descriptors.ts';

test('what is too little is told, with what to do', () => {
  const needed = descriptorsNeeded({ servers: 1000, children: 0 });
  expect(descriptorShortage(needed, needed)).toBeUndefined();
  expect(descriptorShortage(1024, needed)).toMatch(
    /up to 4064 open files may be needed and 1024 are allowed: .*LimitNOFILE/,
  );
});
