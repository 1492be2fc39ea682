// Five kinds of tests; `--selectProjects NAME` runs one. The lab needs the guest: scripts/test runs it after the others. What
// is about the programs and not about IPVS itself is played in namespaces of the machine's own kernel, several at a time.
const project = (displayName, testMatch, more = {}) => ({
  displayName,
  testMatch,
  testEnvironment: 'node',
  // Names replace the defaults: the source condition lets tests run without a build.
  testEnvironmentOptions: { customExportConditions: ['@piranha/source', 'node', 'node-addons'], globalsCleanup: 'off' },
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '^.+\\.ts$': ['@swc/jest', { jsc: { target: 'es2023', parser: { syntax: 'typescript' } } }] },
  modulePathIgnorePatterns: ['<rootDir>/build/', '<rootDir>/packages/[^/]+/dist/'],
  injectGlobals: false,
  ...more,
});

export default {
  projects: [
    project('unit', ['<rootDir>/packages/*/src/**/*.test.ts', '<rootDir>/test/*.test.ts']),
    project('simulation', ['<rootDir>/test/simulation/**/*.test.ts']),
    project('process', ['<rootDir>/test/process/**/*.test.ts']),
    project('namespaces', ['<rootDir>/test/lab/**/*.namespaces.test.ts']),
    project('lab', ['<rootDir>/test/lab/**/*.test.ts'], { testPathIgnorePatterns: ['[.]namespaces[.]test[.]ts$'] }),
  ],
};
