// Lint rules. Pure files may not reach for a clock, a timer, the process or any other part of the world: see `pure` below.
import js from '@eslint/js';
import jest from 'eslint-plugin-jest';
import globals from 'globals';
import tseslint from 'typescript-eslint';

const pure = [
  'packages/*/src/rules/**',
  'packages/*/src/{step,state,state-parts,events,keeper,news,order-book}.ts',
  'packages/{config,domain,ipvs,preflight,protocol}/src/**',
];
const world = ['**/*.test.ts', 'packages/*/src/{hands,testing}/**', 'packages/*/src/index.ts'];
const impureGlobals = [
  ...['Date', 'setTimeout', 'setInterval', 'setImmediate', 'clearTimeout', 'clearInterval', 'queueMicrotask'],
  ...['process', 'performance', 'fetch', 'crypto'],
];
/** Types may come from anywhere. Of Node, nothing but functions that answer the same question always alike. */
const impureImports = [
  { regex: '^@piranha/(runtime|logging|libc)(/|$)', message: 'a rule takes what it needs as an argument' },
  { regex: '(^|/)(hands|testing)/|/(main|run|perform)\\.ts$', message: 'rules do not know the hands' },
  { regex: '^node:(?!(util|net|crypto)$)', message: 'a rule does not touch the world' },
  { regex: '^node:net$', allowImportNames: ['isIP', 'isIPv4', 'isIPv6', 'BlockList', 'SocketAddress'] },
  { regex: '^node:crypto$', allowImportNames: ['createHash', 'createHmac', 'timingSafeEqual'] },
].map((pattern) => ({ ...pattern, allowTypeImports: true }));

export default tseslint.config(
  { ignores: ['**/dist/**', '**/build/**', '**/node_modules/**'] },
  js.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [...tseslint.configs.strictTypeChecked, ...tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/consistent-type-definitions': ['error', 'type'],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      'max-lines': ['error', 300],
      'max-lines-per-function': ['error', { max: 50, skipBlankLines: true, skipComments: true }],
      // A switch over a closed union counts once, however many members it has.
      complexity: ['error', { max: 12, variant: 'modified' }],
      'no-empty': ['error', { allowEmptyCatch: false }],
    },
  },
  {
    files: pure,
    ignores: world,
    rules: {
      'no-restricted-globals': ['error', ...impureGlobals],
      '@typescript-eslint/no-restricted-imports': ['error', { patterns: impureImports }],
    },
  },
  {
    files: ['**/*.test.ts', 'test/**'],
    ...jest.configs['flat/recommended'],
    rules: {
      ...jest.configs['flat/recommended'].rules,
      'jest/no-standalone-expect': ['error', { additionalTestBlockFunctions: ['check', 'test', 'test.each'] }],
      'jest/expect-expect': ['error', { assertFunctionNames: ['expect', 'expect*', 'fc.assert'] }],
      'max-lines': 'off',
      'max-lines-per-function': 'off',
    },
  },
  { files: ['**/*.js', '**/*.mjs'], languageOptions: { globals: globals.node } },
);
