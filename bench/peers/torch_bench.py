"""PyTorch's side of the benchmark: the base model from its own modules.

Started as `torch_bench.py WORKLOAD CELL`, both JSON. Says it is ready in one line of JSON; then, for each line
`SECONDS` on standard input, works for about that long and answers with `{"tokens", "seconds"}`.
"""
import json
import re
import sys
import time

import torch
from torch import nn
from torch.nn.functional import cross_entropy
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence

PAD, UNKNOWN = 0, 1


class BaseModel(nn.Module):
    """Word rows and character CNN -> BiLSTM -> a linear head a task; the sizes come with the workload."""

    def __init__(self, model, tags):
        super().__init__()
        self.word_dropout = model["wordDropout"]
        rates = model["dropout"]
        self.words = nn.Embedding(model["wordRows"], model["wordDimension"], padding_idx=PAD)
        self.characters = nn.Embedding(model["characterRows"], model["charDimension"], padding_idx=PAD)
        width = model["charWidth"]
        self.filters = nn.Conv1d(model["charDimension"], model["charFilters"], width, padding=width // 2)
        self.linear = nn.Linear(model["charFilters"], model["charOutput"])
        inputs = model["wordDimension"] + model["charOutput"]
        self.encoder = nn.LSTM(inputs, model["hidden"], model["layers"], batch_first=True, bidirectional=True)
        self.heads = nn.ModuleList(nn.Linear(2 * model["hidden"], count) for count in tags)
        self.drop_words = nn.Dropout(rates["word"])
        self.drop_characters = nn.Dropout(rates["charEmbedding"])
        self.drop_features = nn.Dropout(rates["charOutput"])
        self.drop_output = nn.Dropout(rates["output"])

    def forward(self, batch, tasks):
        words = batch["words"]
        if self.training and self.word_dropout > 0:
            words = torch.where(torch.rand(words.shape) < self.word_dropout, UNKNOWN, words)
        embedded = self.drop_characters(self.characters(batch["characters"])).transpose(1, 2)
        filtered = torch.relu(self.filters(embedded)) * batch["real"]
        features = self.linear(filtered.amax(2))
        x = torch.cat([self.drop_words(self.words(words)), self.drop_features(features)], 1)
        encoded, _ = self.encoder(PackedSequence(x, batch["sizes"]))
        y = self.drop_output(encoded.data)
        return [self.heads[task](y) for task in tasks]


def pack(sentences):
    """A batch as the encoder wants it: real tokens only, time-major, longest sentence first."""
    sentences = sorted(sentences, key=lambda sentence: -len(sentence["words"]))
    lengths = torch.tensor([len(sentence["words"]) for sentence in sentences])
    width = max(len(word) for sentence in sentences for word in sentence["characters"])

    def packed(rows):
        padded = nn.utils.rnn.pad_sequence([torch.tensor(row) for row in rows], batch_first=True)
        return pack_padded_sequence(padded, lengths, batch_first=True)

    characters = packed([[word + [PAD] * (width - len(word)) for word in sentence["characters"]] for sentence in sentences]).data
    words = packed([sentence["words"] for sentence in sentences])
    return {
        "words": words.data,
        "sizes": words.batch_sizes,
        "characters": characters,
        "real": (characters != PAD).unsqueeze(1).float(),
        "tags": [packed([sentence["tags"][task] for sentence in sentences]).data for task in range(len(sentences[0]["tags"]))],
        "tokens": int(lengths.sum()),
    }


def training(model, batches, cell):
    """One step of SGD with momentum a call; tasks take turns."""
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    model.train()
    step = 0

    def run(batch):
        nonlocal step
        task = step % cell["tasks"]
        step += 1
        optimizer.zero_grad(set_to_none=True)
        (scores,) = model(batch, [task])
        cross_entropy(scores, batch["tags"][task]).backward()
        nn.utils.clip_grad_norm_(model.parameters(), 5)
        optimizer.step()

    return run


def tagging(model, batches, cell):
    """Best tags of the first `tasks` heads."""
    model.eval()
    tasks = list(range(cell["tasks"]))

    def run(batch):
        with torch.inference_mode():
            return [scores.argmax(1) for scores in model(batch, tasks)]

    return run


def blas():
    """The library that multiplies matrices, as it is mapped into this process."""
    with open("/proc/self/maps") as maps:
        names = set(re.findall(r"/(lib(?:open)?blas[^/\s]*|libmkl_rt[^/\s]*|libblis[^/\s]*)", maps.read()))
    return " ".join(sorted(names)) or "built in"


def main():
    with open(sys.argv[1]) as file:
        workload = json.load(file)
    cell = json.loads(sys.argv[2])
    torch.manual_seed(1)
    torch.set_num_threads(cell["threads"])
    sentences = workload["sentences"]
    batches = [pack([sentences[i] for i in batch]) for batch in workload["batches"][cell["order"]]]
    model = BaseModel(workload["model"], [len(task["tags"]) for task in workload["tasks"]])
    run = (training if cell["work"] == "train" else tagging)(model, batches, cell)
    for batch in batches[:4]:
        run(batch)
    print(json.dumps({"ready": f"PyTorch {torch.__version__}, BLAS: {blas()}"}), flush=True)
    place = 0
    for line in sys.stdin:
        limit = float(line)
        tokens = 0
        begun = time.perf_counter()
        while True:
            run(batches[place])
            tokens += batches[place]["tokens"]
            place = (place + 1) % len(batches)
            seconds = time.perf_counter() - begun
            if seconds >= limit:
                break
        print(json.dumps({"tokens": tokens, "seconds": seconds}), flush=True)


main()
