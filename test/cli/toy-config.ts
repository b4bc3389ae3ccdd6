/** Two tasks of the synthetic corpus and a network for them that trains in a moment; how long it trains is up to each test. */
export const TOY_CONFIG = {
  corpora: [{ name: 'toy', train: 'train.txt', dev: 'dev.txt', test: 'test.txt' }],
  tasks: [
    { name: 'pos', column: 1 },
    { name: 'ner', column: 3, type: 'spans', head: 'crf' },
  ],
  model: { wordDimension: 8, charDimension: 4, charFilters: 4, charOutput: 4, layers: 1, hidden: 8 },
};
