"""`backspeak train`: rebuild the shipped weights from a recipe (extra `train`)."""

from __future__ import annotations

import json
from pathlib import Path

import click

from backspeak.errors import SettingsError


@click.group("train")
def command() -> None:
    """Rebuild the shipped weights from a recipe (pip install backspeak[train])."""


@command.command("pivot")
@click.option(
    "--recipe", type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Recipe JSON, of one language or several.",
)  # fmt: skip
@click.option(
    "--pivot", "languages", multiple=True, metavar="LANG", help="Language by the default recipe (repeatable)."
)
@click.option("--data", type=click.Path(path_type=Path, exists=True), required=True, help="Folder with parallel/.")
@click.option(
    "--work", type=click.Path(path_type=Path), required=True, help="Folder for checkpoints; resumes from them."
)
@click.option(
    "--out", type=click.Path(path_type=Path, file_okay=False), required=True,
    help="Folder that gets pivot-LANG/; models/ for use.",
)  # fmt: skip
@click.option("--device", metavar="NAME", help="cpu or cuda; the GPU if torch sees one.")
@click.option("--max-seconds", type=click.FloatRange(min=1), help="Stop after so long; the same command goes on.")
@click.option(
    "--wordnet", type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Folder with the data files of WordNet 3, for a recipe with rewriting.",
)  # fmt: skip
@click.option(
    "--moby", type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="The Moby Thesaurus (words.txt), for a recipe with rewriting; it does without.",
)  # fmt: skip
@click.option(
    "--documentation", type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Folder of unpacked documentation packages, for a recipe with terms.",
)  # fmt: skip
def pivot(
    recipe: Path | None,
    languages: tuple[str, ...],
    data: Path,
    work: Path,
    out: Path,
    device: str | None,
    max_seconds: float | None,
    wordnet: Path | None,
    moby: Path | None,
    documentation: Path | None,
) -> None:
    """Train the translators between English and pivot languages."""
    try:
        from backspeak.training import pivot as training
    except ImportError as error:
        raise SettingsError(f"{error}; pip install backspeak[train]") from error
    from backspeak.engines import bundled
    from backspeak.engines.gemma import GgufModel

    recipes = training.read_recipes(recipe) if recipe is not None else []
    recipes += [training.PivotRecipe(pivot=language) for language in languages]
    if not recipes:
        raise SettingsError("name a --recipe or a --pivot")
    work.mkdir(parents=True, exist_ok=True)
    path, vocabulary = bundled.training_base(work)
    base = GgufModel(path)
    for each in recipes:
        # One language keeps its checkpoint where the folder says, several each in its own.
        own_work = work if len(recipes) == 1 else work / f"pivot-{each.pivot}"
        folder = training.rebuild(
            each, data, base, vocabulary, own_work, out, click.echo,
            works=training.ReferenceWorks(wordnet, moby, documentation), device=device, max_seconds=max_seconds,
        )  # fmt: skip
        if folder is not None:
            click.echo(f"written: {folder}; now `backspeak train score-pivot --pivot {each.pivot} --record`")


_RECIPE = click.option(
    "--recipe", type=click.Path(path_type=Path, exists=True), help="Recipe JSON; the defaults without one."
)
_WORDNET = click.option(
    "--wordnet", type=click.Path(path_type=Path, exists=True, file_okay=False), required=True,
    help="Folder with the data files of WordNet 3 (data.noun and the others).",
)  # fmt: skip
_JUDGE_DATA = click.option(
    "--data", type=click.Path(path_type=Path, exists=True), required=True,
    help="Folder with mlqe-pe/, mt-outputs/ and parallel/.",
)  # fmt: skip


@command.command("encoder")
@_RECIPE
@_JUDGE_DATA
@_WORDNET
@click.option(
    "--base", type=click.Path(path_type=Path, exists=True),
    help="e5-small-q4.bin, or for English the folder of all-MiniLM-L6-v2; those of installed packages by default.",
)  # fmt: skip
@click.option(
    "--work", type=click.Path(path_type=Path), required=True, help="Folder for checkpoints; resumes from them."
)
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Folder for the encoder's files.")
@click.option(
    "--language", type=click.Choice(["multilingual", "english"]), default="multilingual", show_default=True,
    help="Which of the two networks, where no recipe says it.",
)  # fmt: skip
def encoder(
    recipe: Path | None, data: Path, wordnet: Path, base: Path | None, work: Path, out: Path, language: str
) -> None:
    """Train a network that the judge reads with, on human judgements, many systems, clean and damaged English."""
    try:
        from backspeak.training import encoder as training
    except ImportError as error:
        raise SettingsError(f"{error}; pip install backspeak[train]") from error

    work.mkdir(parents=True, exist_ok=True)
    settings = training.EncoderRecipe.read(recipe) if recipe else training.RECIPES[language]
    training.train(settings, base or training.packed_base(settings.language), data, wordnet, work, out, click.echo)
    click.echo(f"written: {out}; now fit the judge with `backspeak train judge --out {out}`")


@command.command("judge")
@_RECIPE
@_JUDGE_DATA
@_WORDNET
@click.option(
    "--pairs", type=click.Path(path_type=Path, exists=True), required=True, multiple=True, help="Tables of tests/pairs."
)
@click.option(
    "--out", type=click.Path(path_type=Path), required=True, help="Folder for the fitted judge; holds the encoder."
)
@click.option("--pivot", "pivots", multiple=True, default=("es",), show_default=True, help="Pivots of the round trip.")
def judge(
    recipe: Path | None, data: Path, wordnet: Path, pairs: tuple[Path, ...], out: Path, pivots: tuple[str, ...]
) -> None:
    """Fit the judge on what the encoder has not seen: development sentences, clean and damaged English."""
    try:
        from backspeak.training import judge as training
    except ImportError as error:
        raise SettingsError(f"{error}; pip install backspeak[train]") from error

    settings = (
        training.JudgeRecipe(**json.loads(recipe.read_text(encoding="utf-8"))) if recipe else training.JudgeRecipe()
    )
    scores = training.rebuild(settings, data, wordnet, pairs, out, pivots, click.echo)
    click.echo(json.dumps({"folds": scores["folds"], "ablation": scores["ablation"]}, indent=1))


@command.command("score-pivot")
@click.option("--pivot", required=True, metavar="LANG", help="Pivot language of the bundled engine.")
@click.option("--data", type=click.Path(path_type=Path, exists=True), required=True, help="Folder with parallel/.")
@click.option("--set", "test_set", default="flores-dev", show_default=True, help="Which sentences of the data.")
@click.option("--limit", type=click.IntRange(min=1), help="Only the first N sentences.")
@click.option(
    "--held-out",
    is_flag=True,
    help="Only sentences whose English hashes into no training part: a rewriter has seen none.",
)
@click.option("--untrained", is_flag=True, help="Score the base with four examples instead, for comparison.")
@click.option("--record", is_flag=True, help="Keep the scores in the pivot's folder, for docs/pivots.md.")
def score_pivot(
    pivot: str, data: Path, test_set: str, limit: int | None, held_out: bool, untrained: bool, record: bool
) -> None:
    """Translate a parallel set both ways with the bundled engine; BLEU and chrF with signatures."""
    from backspeak import resources
    from backspeak.engines import pivot_scores
    from backspeak.engines.base import Engine, no_pivot
    from backspeak.engines.bundled import BundledEngine, Preparation
    from backspeak.engines.decoder import Decoder
    from backspeak.evaluation import translation

    preparation = Preparation()
    bundled = BundledEngine(preparation)
    if not bundled.supports("en", pivot):
        raise no_pivot(bundled, pivot)
    decoder = Decoder(preparation.untrained(pivot)) if untrained else None
    results = []
    engine: Engine
    for source_lang, target_lang in (("en", pivot), (pivot, "en")):
        pairs = translation.read_parallel(data, source_lang, target_lang, test_set)
        if held_out:
            pairs = translation.held_out(pairs, source_lang)
        pairs = pairs[:limit]
        if decoder is not None:
            examples = translation.read_examples(data, source_lang, target_lang, test_set)
            engine = translation.Untrained(decoder, examples, (source_lang, target_lang))
        else:
            engine = bundled
        results.append(translation.score(engine, pairs, source_lang, target_lang))
        click.echo(json.dumps(results[-1]))
    if record:
        name = "untrained" if untrained else "directions"
        pivot_scores.record(resources.models_dir() / f"pivot-{pivot}", {name: results})
