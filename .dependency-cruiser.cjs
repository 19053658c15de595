/** The rooms in the order of ARCHITECTURE.md: a room imports only from itself and from rooms before it. */
const rooms = [
  'tensor',
  'graph',
  'runtime',
  'flow',
  'backbone',
  'csflow',
  'view',
  'data',
  'training',
  'evaluation',
  'inspector',
  'report',
  'bench',
  'cli',
];

const downward = rooms.slice(0, -1).map((room, i) => ({
  name: `${room}-imports-only-earlier-rooms`,
  severity: 'error',
  from: { path: `^src/${room}/` },
  to: { path: `^src/(${rooms.slice(i + 1).join('|')})/` },
}));

/** What belongs to Node sits in files named *.node.ts; `data`, `report`, `bench` and `cli` run on Node only. */
const browserSafe = 'tensor|graph|runtime|flow|backbone|csflow|view|training|evaluation|inspector';

module.exports = {
  forbidden: [
    ...downward,
    {
      name: 'only-known-rooms',
      severity: 'error',
      from: { path: '^src/[^/]+/', pathNot: `^src/(${rooms.join('|')})/` },
      to: {},
    },
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    { name: 'no-orphans', severity: 'error', from: { orphan: true, pathNot: '^src/index\\.ts$' }, to: {} },
    {
      name: 'browser-safe-rooms-use-no-node',
      severity: 'error',
      from: { path: `^src/(${browserSafe})/`, pathNot: '\\.node\\.ts$' },
      to: { path: ['\\.node\\.ts$', '^node_modules/(onnxruntime-node|sharp)'] },
    },
    {
      name: 'browser-safe-rooms-use-no-node-builtins',
      severity: 'error',
      from: { path: `^src/(${browserSafe})/`, pathNot: '\\.node\\.ts$' },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'browser-safe-rooms-know-only-the-types-of-data',
      severity: 'error',
      from: { path: `^src/(${browserSafe})/`, pathNot: '\\.node\\.ts$' },
      to: { path: '^src/(data|report|bench|cli)/', pathNot: '^src/data/types\\.ts$' },
    },
    {
      name: 'no-undeclared-packages',
      severity: 'error',
      from: { path: '^src/' },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'unknown'] },
    },
    { name: 'not-to-unresolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
      extensions: ['.ts', '.js', '.json'],
    },
  },
};
