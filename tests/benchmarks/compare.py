"""Comparisons side by side, one after another in one run, printed as figures and ratios.

    python tests/benchmarks/compare.py                    all of them
    python tests/benchmarks/compare.py translation jobs   only these
    ... --sentences 32 --segments 1000 20000 --long 200000 --data outputs.jsonl --tier fast
    ... translation --sentences 200 --parallel DATA --threads 2 --dtype float32 bfloat16 --whole

translation   the bundled translator against transformers' generate: same weights, sentences and beam;
              transformers with the vocabulary that ours is cut to and, with --whole, with all of it
peak          its arithmetic against the int8 matrix product that this machine reaches
tiers         sentences a second, end to end, of both tiers (--data: JSON lines with "text")
jobs          the fast tier on one core and on two
linear        cost and memory of a small and a large run
again         a second run with other thresholds, over the cache of the first
long          a long run: checked, killed half way and resumed, rendered

`peak` needs `translation`'s figures and runs it; both count the seconds that the cores worked (--threads), so
that other programs on the machine do not matter. All other times are wall-clock seconds of whole commands,
loading included; "CPU" is what the command used of all cores. Prepared models are those of
BACKSPEAK_CACHE, findings are cached in a folder of the run's own.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

PROGRAM = "from backspeak.cli import main; main()"
BEAM = 2
BATCH = 16  # of transformers: the fastest of 1, 4, 16 and 64 for these sentences

_WHO = ("The council", "A retired sailor", "My neighbour", "The lighthouse keeper", "Nobody", "The mayor's aunt")
_DOES = ("counts", "has painted", "forgets", "carries", "will mend", "hides", "describes", "complained about")
_WHAT = ("the blue door", "a wooden box", "every boat in the harbour", "the price of bread", "the old bell", "a map")
_WHEN = ("on Sunday", "before the rain comes", "while the square is empty", "in the evening", "after the last bus")


def sentences(count: int, seed: int = 1) -> list[str]:
    """English of 6 to 50 words, every sentence another."""
    draw = random.Random(seed)
    return [
        " and ".join(
            f"{draw.choice(_WHO)} {draw.choice(_DOES)} {draw.choice(_WHAT)} {draw.choice(_WHEN)}"
            for _ in range(draw.randint(1, 4))
        )
        + f", for the {at + 1}th time."
        for at in range(count)
    ]


def english(options: argparse.Namespace) -> list[str]:
    """What is translated: the first sentences of FLORES dev where --parallel names a folder, ours otherwise."""
    if options.parallel is None:
        return sentences(options.sentences)
    from backspeak.evaluation.translation import read_parallel

    return [source for source, _ in read_parallel(options.parallel, "en", "es", "flores-dev")[: options.sentences]]


def show(name: str, value: float, unit: str, note: str = "") -> None:
    print(f"{name:<58} {value:>12,.2f} {unit:<18} {note}".rstrip(), flush=True)


@dataclass(frozen=True)
class Ran:
    """A finished command: wall and CPU seconds, megabytes of its main process, its summary."""

    seconds: float
    cpu: float
    megabytes: float
    summary: dict[str, Any]


class Bench:
    """The options of the run and a folder of its own."""

    def __init__(self, options: argparse.Namespace, folder: Path) -> None:
        self.options = options
        self.folder = folder
        self._number = 0

    def write(self, texts: Sequence[str]) -> Path:
        self._number += 1
        path = self.folder / f"in-{self._number}.jsonl"
        path.write_text("".join(json.dumps({"text": text}) + "\n" for text in texts), encoding="utf-8")
        return path

    def start(self, source: Path, out: Path, *arguments: str) -> subprocess.Popen[bytes]:
        # The evidence cache lies in the cache folder: another one, with the prepared models linked in.
        cache = self.folder / "cache"
        if not cache.exists():
            from backspeak import resources

            cache.mkdir()
            for models in ("bundled", "judge"):
                resources.cache_dir().joinpath(models).mkdir(parents=True, exist_ok=True)
                (cache / models).symlink_to(resources.cache_dir() / models)
        command = [sys.executable, "-c", PROGRAM, "check", str(source), "--out", str(out), "--quiet", *arguments]
        environment = {
            **os.environ,
            "BACKSPEAK_CACHE": str(cache),
            "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
        }
        return subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)

    def check(self, source: Path, *arguments: str, out: Path | None = None) -> Ran:
        self._number += 1
        out = out or self.folder / f"out-{self._number}"
        began = time.monotonic()
        process = self.start(source, out, *arguments)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.monotonic() - began
        if os.waitstatus_to_exitcode(status) != 0:
            raise SystemExit(f"the run over {source} failed")
        summary = json.loads((out / "summary.json").read_text(encoding="utf-8"))
        return Ran(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, summary)


# Back-translation against transformers, and against the machine


def _prompts(texts: Sequence[str]) -> list[str]:
    from backspeak.engines.translation import prompt

    return [prompt("en", text, "es") for text in texts]


def _of_transformers(folder: Path, *, whole: bool):
    """The same translator as a transformers model in float32, from the shipped weights.

    With `whole`, the pieces that ours does without are there as well, behind the others.
    """
    import torch
    from transformers import Gemma3ForCausalLM, Gemma3TextConfig

    from backspeak import resources
    from backspeak.engines.bundled import piece_ids, training_base
    from backspeak.engines.delta import Delta
    from backspeak.engines.gemma import LOCAL_ROTARY_BASE, GgufModel

    path, vocabulary = training_base(folder)
    base, delta = GgufModel(path), Delta(resources.models_dir() / "pivot-es" / "delta.safetensors")
    kept = piece_ids(base, vocabulary)
    if whole:
        kept = [*kept, *sorted(set(range(len(base.pieces))) - set(kept))]
    shape = base.shape
    kinds = ["full_attention" if shape.is_global(layer) else "sliding_attention" for layer in range(shape.layers)]
    config = Gemma3TextConfig(
        vocab_size=len(kept), hidden_size=shape.hidden, intermediate_size=shape.feed_forward,
        num_hidden_layers=shape.layers, num_attention_heads=shape.heads, num_key_value_heads=shape.heads_kv,
        head_dim=shape.head_dim, query_pre_attn_scalar=shape.head_dim, rms_norm_eps=shape.rms_epsilon,
        sliding_window=shape.sliding_window, layer_types=kinds, tie_word_embeddings=True,
        rope_parameters={
            "full_attention": {"rope_type": "default", "rope_theta": shape.rotary_base},
            "sliding_attention": {"rope_type": "default", "rope_theta": LOCAL_ROTARY_BASE},
        },
        bos_token_id=2, eos_token_id=1, pad_token_id=0,
    )  # fmt: skip
    names = {
        "attn_norm": "input_layernorm", "post_attention_norm": "post_attention_layernorm",
        "ffn_norm": "pre_feedforward_layernorm", "post_ffw_norm": "post_feedforward_layernorm",
        "attn_q_norm": "self_attn.q_norm", "attn_k_norm": "self_attn.k_norm", "attn_q": "self_attn.q_proj",
        "attn_k": "self_attn.k_proj", "attn_v": "self_attn.v_proj", "attn_output": "self_attn.o_proj",
        "ffn_gate": "mlp.gate_proj", "ffn_up": "mlp.up_proj", "ffn_down": "mlp.down_proj",
    }  # fmt: skip

    def tensor(name: str):
        values = np.ascontiguousarray(delta.apply(name, base.tensor(name)), np.float32)
        # GGUF holds a norm's factor, transformers what is added to one.
        return torch.from_numpy(values - 1 if "norm" in name else values)

    weights = {"model.norm.weight": tensor("output_norm.weight")}
    weights["model.embed_tokens.weight"] = torch.from_numpy(np.ascontiguousarray(base.embeddings(kept), np.float32))
    for layer in range(shape.layers):
        for theirs, ours in names.items():
            weights[f"model.layers.{layer}.{ours}.weight"] = tensor(f"blk.{layer}.{theirs}.weight")
    model = Gemma3ForCausalLM(config).eval()
    missing, unexpected = model.load_state_dict(weights, strict=False)
    if set(missing) - {"lm_head.weight"} or unexpected:
        raise SystemExit(f"transformers names the weights otherwise: {missing} {unexpected}")
    return model


def _generate(model, prompts: Sequence[list[int]], limits: Sequence[int]) -> list[list[int]]:
    """Ids after each prompt, in batches of like length, padded on the left."""
    import torch

    order = sorted(range(len(prompts)), key=lambda i: len(prompts[i]))
    results: list[list[int]] = [[] for _ in prompts]
    for start in range(0, len(order), BATCH):
        some = order[start : start + BATCH]
        longest = max(len(prompts[i]) for i in some)
        ids = torch.tensor([[0] * (longest - len(prompts[i])) + list(prompts[i]) for i in some])
        with torch.inference_mode():
            output = model.generate(
                ids, attention_mask=(ids != 0).long(), num_beams=BEAM, do_sample=False,
                max_new_tokens=max(limits[i] for i in some), pad_token_id=0, eos_token_id=1,
            )  # fmt: skip
        for i, row in zip(some, output[:, longest:].tolist(), strict=True):
            results[i] = row[: row.index(1)] if 1 in row else [token for token in row if token != 0]
    return results


def translation(bench: Bench) -> tuple[float, int]:
    """Prints the rates; returns tokens that ours computes a second, prompts and beams too, and products a token."""
    import sacrebleu
    import torch

    from backspeak.engines.bundled import BundledEngine

    options = bench.options
    torch.set_num_threads(options.threads)
    texts, where = english(options), f"{options.threads} core{'s'[: options.threads > 1]}"
    decoder = BundledEngine(threads=options.threads).translator("es")
    prompts = _prompts(texts)
    heads = [decoder._encode(each, "")[0] for each in prompts]
    limits = [2 * decoder.count_tokens(text) + 12 for text in texts]

    def ours() -> list[str]:
        return [each[0] for each in decoder.continuations(prompts, max_tokens=limits, beam_size=BEAM, hypotheses=1)]

    decoder.continuations(prompts[:2], max_tokens=limits[:2], beam_size=BEAM, hypotheses=1)
    written, seconds, wall = _timed(ours)
    tokens = sum(decoder.count_tokens(" " + each) for each in written)
    show(f"back-translation, ours, int8, {where}", tokens / seconds, "tokens/CPU s", f"{len(texts)} sentences")
    show("  by the clock", tokens / wall, "tokens/s")
    linear = 0
    for whole in (False, True)[: 1 + options.whole]:
        model = _of_transformers(bench.folder, whole=whole)
        for kind in options.dtype:
            model.to(getattr(torch, kind))
            _generate(model, heads[:2], limits[:2])
            theirs, their_seconds, their_wall = _timed(lambda model=model: _generate(model, heads, limits))
            count = sum(map(len, theirs))
            name = f"transformers, {kind}, {'whole' if whole else 'our'} vocabulary, {where}"
            show(name, count / their_seconds, "tokens/CPU s", f"batches of {BATCH}, beam {BEAM}")
            show("  by the clock", count / their_wall, "tokens/s")
            show("  ratio", tokens / seconds / (count / their_seconds), "times", "wanted: 5")
            show("  ratio by the clock", tokens / wall / (count / their_wall), "times", "wanted: 5")
            alike = sacrebleu.corpus_chrf(written, [[decoder._text.decode(ids).strip() for ids in theirs]]).score
            show("  how alike the translations are (chrF)", alike, "of 100", "int8 chooses another word here and there")
        linear = linear or sum(weight.numel() for name, weight in model.named_parameters() if "norm" not in name)
    return (sum(map(len, heads)) + BEAM * tokens) / seconds * options.threads, linear


def _timed(work: Callable[[], Any]) -> tuple[Any, float, float]:
    """The result, the seconds that all cores worked together, and those on the clock."""
    clock, cpu = time.perf_counter(), time.process_time()
    result = work()
    return result, time.process_time() - cpu, time.perf_counter() - clock


def peak(bench: Bench) -> None:
    """The share of the int8 peak that translating reaches; a multiplication and an addition are two operations."""
    import torch

    computed, linear = translation(bench)
    cores = bench.options.threads
    torch.set_num_threads(1)
    a = torch.randint(-127, 127, (2048, 2048), dtype=torch.int8)
    b = torch.randint(-127, 127, (2048, 2048), dtype=torch.int8)
    torch._int_mm(a, b)
    times = []
    for _ in range(5):
        began = time.process_time()
        torch._int_mm(a, b)
        times.append(time.process_time() - began)
    most = cores * 2 * 2048**3 / min(times)
    reached = 2 * linear * computed
    show(f"int8 matrix product of 2048 x 2048, {cores} times", most / 1e9, "Gop/s", "torch._int_mm on one core")
    show("reached while translating", reached / 1e9, "Gop/s", f"{linear / 1e6:.0f} M multiplications a token")
    show("  share of the peak", 100 * reached / most, "%")


# Whole runs


def tiers(bench: Bench) -> None:
    texts = sentences(bench.options.sentences)
    if bench.options.data is not None:
        lines = bench.options.data.read_text(encoding="utf-8").splitlines()
        rows = [json.loads(line) for line in lines[: bench.options.rows]]
        texts = [row.get("text") or row.get("translation") or row["mt"] for row in rows]
    source = bench.write(texts)
    for tier, wanted in (("fast", 60), ("full", 2)):
        ran = bench.check(source, "--tier", tier, "--no-reuse")
        rate = len(texts) / ran.seconds
        show(f"{tier} tier, all cores, {len(texts):,} sentences", rate, "sentences/s", f"wanted: {wanted}")


def jobs(bench: Bench) -> None:
    source = bench.write(sentences(bench.options.segments[0]))
    one = bench.check(source, "--tier", bench.options.tier, "--no-reuse", "--jobs", "1")
    two = bench.check(source, "--tier", bench.options.tier, "--no-reuse", "--jobs", "2")
    show(f"{bench.options.tier} tier, --jobs 1", one.seconds, "s", f"{bench.options.segments[0]:,} sentences")
    show(f"{bench.options.tier} tier, --jobs 2", two.seconds, "s")
    show("  ratio", one.seconds / two.seconds, "times", "wanted: 1.7")


def linear(bench: Bench) -> None:
    small, large = bench.options.segments
    ran = [
        bench.check(bench.write(sentences(count)), "--tier", bench.options.tier, "--no-reuse", "--jobs", "1")
        for count in (small, large)
    ]
    for count, each in zip((small, large), ran, strict=True):
        work = each.summary["timings"]["check_seconds"]
        show(f"{count:,} segments, checking", 1000 * work / count, "ms a segment", f"CPU {each.cpu:.1f} s in all")
        show(f"{count:,} segments, memory", each.megabytes, "MB")
    per = [each.cpu / count for count, each in zip((small, large), ran, strict=True)]
    show("  CPU a segment, large to small", per[1] / per[0], "times", "wanted: at most 1.1")
    show("  memory, large to small", ran[1].megabytes / ran[0].megabytes, "times", "wanted: at most 1.1")


def again(bench: Bench) -> None:
    source = bench.write(sentences(bench.options.segments[0]))
    first = bench.check(source, "--tier", bench.options.tier)
    second = bench.check(source, "--tier", bench.options.tier, "--sensitive")
    assert second.summary["work"]["computed"] == 0
    show(f"{bench.options.tier} tier, first run", first.seconds, "s", f"{bench.options.segments[0]:,} sentences")
    show("  again with --sensitive, from the cache", second.seconds, "s")
    show("  ratio", first.seconds / second.seconds, "times")


def long(bench: Bench) -> None:
    count = bench.options.long
    source, out = bench.write(sentences(count)), bench.folder / "long"
    arguments = ("--tier", bench.options.tier, "--no-reuse")
    began = time.monotonic()
    process = bench.start(source, out, *arguments)
    while process.poll() is None and time.monotonic() - began < bench.options.kill_after:
        time.sleep(0.1)
    process.send_signal(signal.SIGKILL)
    process.wait()
    killed = time.monotonic() - began
    ran = bench.check(source, *arguments, out=out)
    show(f"{count:,} segments, killed after", killed, "s")
    show("  resumed with so many finished", ran.summary["work"]["resumed"], "segments")
    show("  checked the rest in", ran.summary["timings"]["check_seconds"], "s")
    show("  record written in", ran.summary["timings"]["record_seconds"], "s")
    show("  in all, report and start included", ran.seconds, "s")
    show("  memory", ran.megabytes, "MB")
    show("  segments.jsonl", (out / "segments.jsonl").stat().st_size / 1e6, "MB")
    show("  report.html", (out / "report.html").stat().st_size / 1e6, "MB")


COMPARISONS: dict[str, Callable[[Bench], Any]] = {
    "peak": peak, "tiers": tiers, "jobs": jobs, "linear": linear, "again": again, "long": long,
}  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="COMPARISON", help=f"translation, {', '.join(COMPARISONS)}")
    parser.add_argument("--sentences", type=int, default=32, help="of translation and tiers")
    parser.add_argument("--parallel", type=Path, help="folder with parallel/: translation is of FLORES dev")
    parser.add_argument("--threads", type=int, default=1, help="cores of translation and peak, for both sides")
    parser.add_argument("--dtype", nargs="+", default=["float32"], help="of transformers, one after another")
    parser.add_argument("--whole", action="store_true", help="transformers with the whole vocabulary as well")
    parser.add_argument("--segments", type=int, nargs=2, default=[1000, 20000], help="of jobs, linear and again")
    parser.add_argument("--long", type=int, default=200_000, help="segments of the long run")
    parser.add_argument("--kill-after", type=float, default=600.0, help="seconds into the long run")
    parser.add_argument("--data", type=Path, help="texts of tiers, as JSON lines")
    parser.add_argument("--rows", type=int, default=1000, help="so many lines of --data")
    parser.add_argument("--tier", choices=("fast", "full"), default="fast", help="of the whole runs")
    options = parser.parse_args()
    known = {"translation": translation, **COMPARISONS}
    for name in options.names:
        if name not in known:
            parser.error(f"no comparison {name!r}; there is {', '.join(known)}")
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(options, Path(folder))
        for name in options.names or COMPARISONS:
            known[name](bench)


if __name__ == "__main__":
    main()
