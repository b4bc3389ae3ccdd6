// Batches as the inputs of our ONNX graphs.

/** Padded inputs of every batch: `{ words, characters, lengths }`, each with its shape, and the number of tokens. */
export function makeFeeds({ sentences, batches }, order) {
  return batches[order].map((batch) => {
    const rows = batch.map((i) => sentences[i]);
    const lengths = Int32Array.from(rows, ({ words }) => words.length);
    const time = Math.max(...lengths);
    const width = Math.max(...rows.flatMap(({ characters }) => characters.map((word) => word.length)));
    const words = new Int32Array(rows.length * time);
    const characters = new Int32Array(rows.length * time * width);
    rows.forEach((row, b) => {
      words.set(row.words, b * time);
      row.characters.forEach((word, t) => {
        characters.set(word, (b * time + t) * width);
      });
    });
    return {
      tokens: lengths.reduce((sum, length) => sum + length, 0),
      inputs: {
        words: [words, [rows.length, time]],
        characters: [characters, [rows.length, time, width]],
        lengths: [lengths, [rows.length]],
      },
    };
  });
}

/** An engine on either build of ONNX Runtime; `cell.onnx` lists one graph a task, which run one after the other. */
export async function openSessions(ort, workload, cell, options) {
  const sessions = [];
  for (const file of cell.onnx) sessions.push(await ort.InferenceSession.create(file, options));
  const feeds = makeFeeds(workload, cell.order).map(({ tokens, inputs }) => ({
    tokens,
    inputs: Object.fromEntries(Object.entries(inputs).map(([name, [data, shape]]) => [name, new ort.Tensor('int32', data, shape)])),
  }));
  return async (i) => {
    for (const session of sessions) await session.run(feeds[i].inputs);
    return feeds[i].tokens;
  };
}
