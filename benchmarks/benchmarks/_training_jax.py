"""The same nets in JAX: one jitted function makes a step, many seeds are mapped by vmap."""

import os
from typing import Any

import numpy as np

from ._training_cases import Material, Stepper, repeated

# Read when JAX is imported for the first time: all of its work on one thread.
ONE_THREAD = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"


def jax_steps(material: Material) -> Stepper:
    """Return the steps of JAX in single precision."""
    from .base import peer  # needs asv, which whoever leaves JAX out need not have

    os.environ.setdefault("XLA_FLAGS", ONE_THREAD)
    os.environ.setdefault("JAX_PLATFORMS", "cpu")
    jax = peer("jax")
    # On one core a thread of its own for each step costs, on a busy one four times the step.
    jax.config.update("jax_cpu_enable_async_dispatch", False)
    jnp = jax.numpy
    config, n = material.config, material.n
    labels = jnp.asarray(material.labels.astype(np.int32))
    mask = jnp.triu(jnp.ones((3, 3), dtype=bool), 1)

    def logits(w: dict[str, Any], a: Any, b: Any) -> Any:
        kind = config.model
        if "U" in w:
            # On all pairs nothing is gathered: what is gathered is slow to add up again.
            left, right = (w["U"][:, None], w["V"]) if material.on_grid else (w["U"][a], w["V"][b])
            hidden = left * right if kind == "hadamard" else left + right
            if kind != "hadamard":
                hidden = jnp.square(hidden) if kind == "margin" else jax.nn.relu(hidden)
            return hidden.reshape(len(a), -1) @ w["W"].T
        if kind == "mlp":
            both = jnp.concatenate([w["W_x"][a], w["W_y"][b]], axis=1)
            return jax.nn.relu(both @ w["W"]) @ w["W_U"]
        tokens = jnp.stack([a, b, jnp.full_like(a, n)], axis=1)
        x = w["W_E"][tokens] + w["W_pos"]
        query, key, value = (
            jnp.einsum("ptd,hdk->phtk", x, w[name]) for name in ("W_Q", "W_K", "W_V")
        )
        scores = jnp.einsum("phtk,phsk->phts", query, key) / key.shape[-1] ** 0.5
        pattern = jax.nn.softmax(jnp.where(mask, -jnp.inf, scores), axis=-1)
        x = x + jnp.einsum("phts,phsk,hkd->ptd", pattern, value, w["W_O"])
        last = x[:, -1]
        return (last + jax.nn.relu(last @ w["W_in"]) @ w["W_out"]) @ w["W_U"]

    def loss(w: dict[str, Any], index: Any) -> Any:
        found, targets = logits(w, index // n, index % n), labels[index]
        wanted = jax.nn.one_hot(targets, n)
        if config.loss == "mse":
            value = jnp.square(found - wanted).sum(1).mean()
        else:
            value = -(jax.nn.log_softmax(found) * wanted).sum(1).mean()
        if config.penalty:
            norms = jnp.sqrt(sum(jnp.square(w[name]).sum(0) for name in "UVW"))
            value = value + config.penalty * (norms**config.penalty_power).sum()
        return value

    def total(w: dict[str, Any], index: Any) -> Any:
        if material.alone:
            return loss(w, index)
        shared = None if index.ndim == 1 else 0
        return jax.vmap(loss, in_axes=(0, shared))(w, index).sum()

    def step(state: tuple[Any, Any, Any, Any], index: Any) -> tuple[Any, Any]:
        w, first, second, count = state
        value, gradient = jax.value_and_grad(total)(w, index)
        rate = config.learning_rate
        if config.optimizer == "gd":
            return ({k: w[k] - rate * gradient[k] for k in w}, first, second, count), value
        count, (beta, gamma) = count + 1, config.betas
        first = {k: beta * first[k] + (1 - beta) * gradient[k] for k in w}
        second = {k: gamma * second[k] + (1 - gamma) * gradient[k] ** 2 for k in w}
        by_first, by_second = 1 / (1 - beta**count), 1 / (1 - gamma**count)
        w = {
            k: w[k] * (1 - rate * config.weight_decay)
            - rate * first[k] * by_first / (jnp.sqrt(second[k] * by_second) + 1e-8)
            for k in w
        }
        return (w, first, second, count), value

    one_step = jax.jit(step, donate_argnums=0)
    start = {name: jnp.asarray(value) for name, value in material.weights.items()}
    zeros = [{k: jnp.zeros_like(v) for k, v in start.items()} for _ in range(2)]
    if config.optimizer == "gd":
        zeros = [{}, {}]
    state = (start, *zeros, jnp.zeros((), jnp.float32))
    pairs, number = jnp.asarray(material.pairs.astype(np.int32)), 0

    def next_step() -> None:
        nonlocal state, number
        index = material.batch(number).astype(np.int32) if config.batch else pairs
        state, _ = one_step(state, index)
        number += 1

    def arrays() -> dict[str, np.ndarray]:
        return {name: np.array(value) for name, value in state[0].items()}

    return Stepper(repeated(next_step), arrays, lambda: jax.block_until_ready(state))
