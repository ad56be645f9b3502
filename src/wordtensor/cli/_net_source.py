"""From the command line's NET to a network, and to what its files say of word, group and split."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from .._extras import room_of
from .._files import damage_as, read_json
from .._kinds import DECOMPOSITION, NET, RUN, expecting
from .._layouts._limits import table_digest
from .._layouts._maps import mapped
from .._text import listed
from ..errors import FileFormatError, NetworkError, WordTensorError
from ..groups import Group, group
from ..words import ValueTable, Word, value_table, word
from ..words._formula import looks_like_formula
from ._output import say
from ._run_files import (
    ShownNet,
    best_instance,
    check_one_run,
    checkpoints_of_run,
    group_of_run,
    history_of_run,
    net_of_run,
    of_instance,
    state_of_run,
    values_of_run,
)

if TYPE_CHECKING:
    from ..compare._sources import Read
    from ..nets.files import WeightsFile

# Files of torch.save.
_OF_TORCH: Final = (".pt", ".pth", ".ckpt", ".bin")


@dataclass(frozen=True, slots=True, eq=False)
class NetSource:
    """A network from a file or a folder, and what is known of it."""

    net: Any  # what `wordtensor.compare` takes
    name: str  # for titles
    word: Word | None = None  # what it was trained on, where its file says so
    group: Group | None = None  # over which group
    unknown: str = ""  # why the group is not known; empty if it is
    about: Mapping[str, Any] = field(default_factory=dict)  # what a net's file says
    split: tuple[float, int] | None = None  # fraction and seed of a run's training pairs
    checkpoints: tuple[tuple[int, Path], ...] = ()  # steps and files of a run
    history: Mapping[str, NDArray[Any]] | None = None  # a run's metrics over training
    instances: int = 1  # how many networks there are
    instance: int = 0  # which one this is
    told: tuple[str, ...] = ()  # what else is to be said of the file
    shown: ShownNet | None = None  # which of a run's nets this is
    table: ValueTable | None = None  # in place of word and group, where its file says so

    def steps(self) -> Iterator[tuple[int, Any]]:
        """Yield steps and networks of the checkpoints, one after the other."""
        nets = room_of("nets", "This command")
        for step, path in self.checkpoints:
            if nets.about(path).get("step") != step:
                raise FileFormatError(
                    f"File {str(path)!r} is not of step {step}, by its own header"
                )
            yield step, nets.load(path).instance(self.instance)


@dataclass(frozen=True, slots=True)
class Asked:
    """What the command says of NET."""

    instance: int | None = None
    activation: str | None = None
    maps: tuple[str, ...] = ()
    step: int | None = None
    last: bool = False


def read_net(path: Path, asked: Asked, table: ValueTable | None = None) -> NetSource:
    """Read what NET names: a file of weights or of logits, or the folder of a run."""
    if not path.exists():
        raise FileFormatError(f"There is no file or folder {str(path)!r}")
    with expecting(path, NET, RUN, DECOMPOSITION):
        if table is not None and path.suffix.lower() == ".npz" and not asked.maps:
            # Arrays may be rectangular, as the table is.
            from ..compare._rectangular import rectangular

            net = rectangular(path, asked.activation)
            if net is not None:
                _one_only(path, asked)
                return NetSource(net, path.name)
        return _read(path, asked)


def _read(path: Path, asked: Asked) -> NetSource:
    """Read what exists, by the ending of its name."""
    if path.is_dir():
        _refuse_options(path, asked)
        return _from_folder(path, asked)
    if asked.last:
        raise NetworkError(
            f"Option --last chooses one of the nets in the folder of a run, and {str(path)!r} is a "
            "file"
        )
    kind = path.suffix.lower()
    if kind in (".npz", ".npy"):
        return _from_arrays(path, asked)
    if kind in (".safetensors", *_OF_TORCH):
        found = room_of("nets.files", f"Reading {str(path)!r}").read_weights(path, asked.step)
        if isinstance(found.weights, dict):
            return _from_weights(path, found.weights, found, asked)
        _refuse_options(path, asked)
        return _from_file(path, asked.instance or 0)
    known = ", ".join((".npz", ".npy", ".safetensors", *_OF_TORCH))
    raise FileFormatError(
        f"File {str(path)!r} is no network; give a file {known}, or the folder of a run"
    )


def tell_reading(source: NetSource, reading: str) -> None:
    """Say on stderr what was taken of the file, and how it was read."""
    for line in source.told:
        say(line, err=True)
    if reading:
        say(f"read as {reading}", err=True)


def of_run(source: NetSource) -> dict[str, Any]:
    """Return what JSON says of a run's net besides: which one of the run it is."""
    return {} if source.shown is None else {"run": source.shown.to_dict()}


def split_mask(w: Word, G: Group, fraction: float, seed: int) -> NDArray[np.bool_] | None:
    """Return the table of training pairs, shape (n, n), or None if these are all pairs."""
    if fraction == 1:
        return None
    if fraction * G.order**2 < 1:
        raise NetworkError(
            f"Option --train-fraction must be at least 1/{G.order**2}, one pair, not {fraction}"
        )
    mask: NDArray[np.bool_] = (
        room_of("nets", "This command").word_task(w, G, fraction, seed).train_mask()
    )
    return mask


def _refuse_options(path: Path, asked: Asked) -> None:
    """Refuse what is said of arrays where there is a net of ours."""
    for option, given in (
        ("--activation", asked.activation),
        ("--map", asked.maps or None),
        ("--step", asked.step),
    ):
        if given is not None:
            raise NetworkError(
                f"Option {option} is for weights of others; {str(path)!r} is a net or run of ours, "
                "which says its own"
            )


def _one_only(path: Path, asked: Asked) -> None:
    if asked.instance:
        raise NetworkError(
            f"File {str(path)!r} holds one network, and there is no instance {asked.instance}"
        )


def _from_arrays(path: Path, asked: Asked) -> NetSource:
    from ..compare._sources import file_arrays
    from ..rank.files import load_of_word

    if asked.step is not None:
        raise NetworkError(f"File {str(path)!r} holds one network, and no step {asked.step}")
    arrays = file_arrays(path)
    _one_only(path, asked)
    net = _readings(path, arrays, True, asked)
    if "header" not in arrays or asked.maps:
        told = tuple(_of_maps(arrays, asked))
        return NetSource(net, path.name, unknown="the file does not say", told=told)
    saved = load_of_word(path)
    return NetSource(net, path.name, saved.word, saved.group)


def _from_weights(
    path: Path, arrays: Mapping[str, NDArray[Any]], found: "WeightsFile", asked: Asked
) -> NetSource:
    """Read arrays of a state dict, or of plain safetensors."""
    _one_only(path, asked)
    name, told = path.name, list(_of_maps(arrays, asked))
    if found.steps:
        name += f", step {found.step}"
        told.append(
            f"{path} holds {len(found.steps)} checkpoints; this is step {found.step} (--step)"
        )
    if found.beside:
        told.append(f"{path} holds {listed(found.beside)} besides, which was passed over")
    net = _readings(path, arrays, found.ordered, asked)
    return NetSource(net, name, unknown="the file does not say", told=tuple(told))


def _of_maps(arrays: Mapping[str, NDArray[Any]], asked: Asked) -> Iterator[str]:
    """Say which arrays the maps name, and which they pass over."""
    if asked.maps:
        named = [text.partition("=")[2].strip() for text in asked.maps]
        others = [name for name in arrays if not any(text.startswith(name) for text in named)]
        yield f"mapped {', '.join(asked.maps)}; not mapped: {listed(others)}"


def _readings(
    path: Path, arrays: Mapping[str, NDArray[Any]], ordered: bool, asked: Asked
) -> "Read":
    """Read arrays in all ways that their shapes allow."""
    from ..compare._sources import Read, of_file

    given = mapped(arrays, asked.maps) if asked.maps else arrays
    return Read(of_file(path, given, ordered, asked.activation))


def _from_file(path: Path, instance: int) -> NetSource:
    nets = room_of("nets", "This command")
    whole, about = nets.load(path), nets.about(path)
    if whole.kind == "parity":
        raise NetworkError(f"The net in {str(path)!r} learned a parity, and no word over a group")
    count = 1 if whole.instances is None else whole.instances
    net, name = whole.instance(instance), path.name
    if count > 1:
        name += f", instance {instance}"
    learned, found, reason = stated(about)
    return NetSource(
        net,
        name,
        learned,
        found,
        reason,
        about=about,
        instances=count,
        instance=instance,
        told=_of_many(path, count, instance, ""),
        table=stated_table(about),
    )


def _of_many(path: Path, count: int, instance: int, why: str) -> tuple[str, ...]:
    """Say which of many networks is shown."""
    if count == 1:
        return ()
    said = f"{path} holds {count} networks; this is instance {instance}{why}"
    return (f"{said} (--instance shows another)",)


def stated_table(about: Mapping[str, Any]) -> ValueTable | None:
    """Return the table of values that a net's file names by a formula, if it is that table."""
    name = about.get("values_of")
    if not isinstance(name, str) or not looks_like_formula(name):
        return None
    table = value_table(name)
    return table if about.get("values") == table_digest(table.values) else None


def stated(about: Mapping[str, Any]) -> tuple[Word | None, Group | None, str]:
    """Return the word and the group of a net's file, or why the group is not known."""
    learned, name, digest = about.get("word"), about.get("group"), about.get("table", "")
    known = word(learned) if isinstance(learned, str) else None
    if not isinstance(name, str):
        return known, None, "the file does not say"
    try:
        G = group(name)
    except WordTensorError:
        return known, None, f"the file says {name!r}, whose table it does not hold"
    if digest not in ("", table_digest(G.cayley)):
        return known, None, f"the file says {name!r}, and means another table than ours"
    return known, G, ""


def is_another(G: Group, known: Group | None, about: Mapping[str, Any]) -> bool:
    """Tell whether a table is not that of the group that a net's file means."""
    if "table" in about:
        return bool(about["table"] != table_digest(G.cayley))
    return known is not None and known != G


def _from_folder(folder: Path, asked: Asked) -> NetSource:
    from dataclasses import replace

    nets = room_of("nets", "This command")
    files = [net_of_run(folder, last) for last in (False, True)]
    source = _from_file(files[asked.last], asked.instance or 0)
    config = nets.TrainConfig.from_dict(read_json(folder / "config.json"))
    header, tensors = state_of_run(folder)
    best, last = (nets.about(file) for file in files)
    for file, about in zip(files, (best, last), strict=True):
        check_one_run(file, config, about, header, tensors)
    whole = history_of_run(folder, header, config.instances, last.get("record"))
    instance, why = asked.instance, ""
    with damage_as(files[0], "it does not say of which steps its nets are"):
        end = int(last["step"])
        ends = [end if asked.last else int(step) for step in best["steps"]]
        if instance is None:
            instance = best_instance(config, whole, ends)
            source = _from_file(files[asked.last], instance)
            why = ", and no other one is known to be right on more pairs"
        history = of_instance(whole, instance)
        shown = ShownNet(int(best["steps"][instance]), end, asked.last, history)
    seed = config.seeds[instance] if config.split_seed is None else config.split_seed
    source = replace(
        source,
        name=shown.named(folder.resolve().name, instance if source.instances > 1 else None),
        split=(config.fraction, seed),
        history=history,
        told=(str(shown), *_of_many(folder, source.instances, instance, why)),
        shown=shown,
    )
    if config.table:
        return replace(source, table=values_of_run(folder, config.table, header, tensors))
    G, reason = group_of_run(folder, tensors, config.group)
    return replace(
        source,
        word=word(config.word),
        group=source.group if G is None else G,
        unknown="" if G is not None else source.unknown or reason,
        about=source.about if G is None else {},
        checkpoints=checkpoints_of_run(folder),
    )
