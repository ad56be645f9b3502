"""What to say of a key that no configuration has: what others call ours, or the nearest one."""

from collections.abc import Mapping
from typing import Final

# What others call it.
_OTHER_NAMES: Final[Mapping[str, str]] = {
    **dict.fromkeys(("lr", "rate", "step_size", "eta"), "learning_rate"),
    **dict.fromkeys(
        ("epochs", "epoch", "num_epochs", "n_epochs", "iterations", "iters", "max_steps"), "steps"
    ),
    **dict.fromkeys(("batch_size", "minibatch"), "batch"),
    **dict.fromkeys(("wd", "decay", "adamw_decay"), "weight_decay"),
    **dict.fromkeys(("train_fraction", "frac", "frac_train", "train_frac", "split"), "fraction"),
    **dict.fromkeys(("hidden", "hidden_dim", "hidden_size", "neurons", "n_hidden"), "width"),
    **dict.fromkeys(("embed_dim", "embedding_dim", "d_model", "model_size"), "embedding"),
    **dict.fromkeys(("num_heads", "n_heads"), "heads"),
    **dict.fromkeys(("d_head", "head_dim"), "head_size"),
    **dict.fromkeys(("architecture", "arch", "net", "network", "kind"), "model"),
    **dict.fromkeys(("optim", "opt"), "optimizer"),
    **dict.fromkeys(("criterion", "loss_function", "loss_fn"), "loss"),
    **dict.fromkeys(("scheduler", "lr_schedule", "lr_scheduler"), "schedule"),
    **dict.fromkeys(("nets", "seeds", "runs", "copies", "num_seeds"), "instances"),
    **dict.fromkeys(("random_seed", "rng", "random_state"), "seed"),
    **dict.fromkeys(("init_scale", "std", "sigma", "initialization"), "scale"),
    **dict.fromkeys(("precision", "float"), "dtype"),
    **dict.fromkeys(("early_stopping", "target_accuracy"), "stop_accuracy"),
    **dict.fromkeys(("log", "log_interval", "record_every"), "log_every"),
}


def unknown_key(key: str, known: list[str]) -> str:
    """Say that a key is unknown, and which one may be meant."""
    import difflib

    plain = key.lower().replace("-", "_")
    close = [_OTHER_NAMES[plain]] if plain in _OTHER_NAMES else []
    close = close or difflib.get_close_matches(plain, known, n=1)
    advice = f"did you mean {close[0]!r}?" if close else f"known are {', '.join(known)}"
    return f"Unknown key {key!r:.80} of a training configuration; {advice}"
