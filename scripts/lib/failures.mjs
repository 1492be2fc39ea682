// Prints what has failed in a report of jest: a line with the test's name, then the first lines of what went wrong.
import { readFileSync } from 'node:fs';
import { stripVTControlCharacters } from 'node:util';

const shownLines = 12;

const indented = (text) => {
  const lines = stripVTControlCharacters(text).split('\n');
  return lines
    .filter((line) => line.trim() !== '')
    .slice(0, shownLines)
    .map((line) => `    ${line}`)
    .join('\n');
};

for (const file of JSON.parse(readFileSync(process.argv[2], 'utf8')).testResults) {
  const failed = file.assertionResults.filter(({ status }) => status === 'failed');
  for (const { fullName, failureMessages } of failed)
    console.log(`${fullName}\n${indented(failureMessages.join('\n'))}`);
  if (file.status === 'failed' && failed.length === 0) console.log(`${file.name}\n${indented(file.message)}`);
}
