"""Which process of a distributed training this is: only rank 0 writes."""

from __future__ import annotations

import json
import os
import sys
from contextlib import suppress
from typing import Any


def rank(model: Any = None) -> int:
    """The rank of this process, 0 where it is alone.

    What is initialised is asked first (PyTorch, JAX, the strategy of a TensorFlow `model`), then
    `$TF_CONFIG`, `$RANK` and `$SLURM_PROCID`. Loads and initialises nothing.
    """
    for ask in (_torch, _jax, lambda: _tensorflow(model), _tf_config):
        with suppress(AttributeError, KeyError, TypeError, ValueError, RuntimeError):
            found = ask()
            if found is not None:
                return found
    for name in ("RANK", "SLURM_PROCID"):
        value = os.environ.get(name, "")
        if value.isdecimal():
            return int(value)
    return 0


def _torch() -> int | None:
    distributed = sys.modules.get("torch.distributed")
    if distributed is None or not distributed.is_available() or not distributed.is_initialized():
        return None
    return distributed.get_rank()


def _jax() -> int | None:
    jax = sys.modules.get("jax")
    # Asking for the process index would start the backend, too early for `jax.distributed.initialize`.
    if jax is None or not jax.distributed.is_initialized():
        return None
    return jax.process_index()


def _tensorflow(model: Any) -> int | None:
    resolver = model.distribute_strategy.cluster_resolver
    return None if resolver.task_type is None else _of_task(resolver.task_type, resolver.task_id)


def _tf_config() -> int | None:
    task = json.loads(os.environ["TF_CONFIG"])["task"]
    return _of_task(task["type"], task["index"])


def _of_task(kind: str, index: Any) -> int:
    # Where there is a chief, worker 0 is the second process.
    return int(index) if kind in ("chief", "master") else int(index) + _has_chief()


def _has_chief() -> int:
    with suppress(KeyError, TypeError, ValueError):
        cluster = json.loads(os.environ["TF_CONFIG"])["cluster"]
        return int("chief" in cluster or "master" in cluster)
    return 0
