import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readContainer } from '../../src/io/container.js';
import type { ModelContents } from '../../src/io/model-contents.js';
import { fingerprintOf, openModelFile, writeModelFile } from '../../src/io/model-file.js';

/** The model of the worked example in FORMAT.md: one word, one task, a weight matrix of six of which two are kept. */
const EXAMPLE: ModelContents = {
  numericsVersion: '1',
  config: { seed: 1 },
  corpora: [],
  vocabulary: { words: ['a'], characters: [] },
  tasks: [{ name: 'pos', type: 'tags', head: 'softmax', scheme: null, tags: ['X', 'Y'], network: 'n' }],
  networks: [
    {
      name: 'n',
      tensors: [{ name: 'w', shape: [2, 3], values: Float32Array.of(1, 0, 0, 0, -0.5, 0) }],
      masks: [{ task: 'pos', tensor: 'w', kept: 2, bits: Uint32Array.of(0b010001) }],
    },
  ],
  results: null,
};

/** 32 bytes a line: offset, hexadecimal, ASCII. */
function dump(bytes: Uint8Array): string {
  const lines: string[] = [];
  for (let at = 0; at < bytes.length; at += 32) {
    const row = [...bytes.subarray(at, at + 32)];
    const hex = row.map((byte) => byte.toString(16).padStart(2, '0')).join('');
    const ascii = row.map((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.')).join('');
    lines.push(`${at.toString(16).padStart(4, '0')}  ${hex.padEnd(64)}  ${ascii}`.trimEnd());
  }
  return lines.join('\n');
}

const document = readFileSync(new URL('../../FORMAT.md', import.meta.url), 'utf8');
const block = (language: string): string => new RegExp(`\`\`\`${language}\n(.*?)\n\`\`\``, 's').exec(document)?.[1] ?? 'no such block';

describe('the worked example in FORMAT.md', () => {
  const file = writeModelFile(EXAMPLE);

  it('is what the writer writes, to the byte', () => {
    expect(block('hexdump')).toBe(dump(file));
  });

  it('is what the reader reads', () => {
    expect(openModelFile(file)).toEqual({ contents: EXAMPLE, fingerprint: fingerprintOf(EXAMPLE) });
  });

  it('has the manifest and the fingerprint that are printed', () => {
    expect(JSON.parse(block('json'))).toEqual(JSON.parse(readContainer(file).metadata.get('manifest')!));
    expect(document).toContain(`\`${fingerprintOf(EXAMPLE)}\``);
  });
});

describe('the list of error codes in FORMAT.md', () => {
  const source = [
    'io/container.ts',
    'io/model-contents.ts',
    'io/model-file.ts',
    'io/model-manifest.ts',
    'io/stored-tensors.ts',
    'tagger/stored-network.ts',
  ]
    .map((name) => readFileSync(new URL(`../../src/${name}`, import.meta.url), 'utf8'))
    .join('');
  const codes = (text: string): string[] => [...new Set(text.match(/\bMODEL_[A-Z0-9_]+\b/g))].sort();

  it('is the list of codes in the source', () => {
    expect(codes(document)).toEqual(codes(source));
  });
});
