"""Tables of keys of other libraries, and of keys that are often in the wrong section."""

from __future__ import annotations

from collections.abc import Mapping

SAME: Mapping[str, tuple[str, ...]] = {
    "learning_rate": ("lr",),
    "betas": ("beta1",),
    "alpha": ("rho",),
    "hidden_size": ("units",),
    "hidden_units": ("units",),
    "out_features": ("units",),
    "output_dim": ("units",),
    "embedding_dim": ("units",),
    "size": ("units", "filters"),
    "channels": ("filters",),
    "out_channels": ("filters",),
    "kernel_size": ("kernel", "size"),
    "pool_size": ("size",),
    "strides": ("stride",),
    "num_heads": ("heads",),
    "n_heads": ("heads",),
    "p": ("rate",),
    "prob": ("rate",),
    "use_bias": ("bias",),
    "kernel_initializer": ("initializer",),
    "batch": ("batch_size",),
    "n_samples": ("samples",),
    "file": ("path",),
    "filename": ("path",),
    "label": ("target",),
    "step_size": ("every",),
    "val": ("validation",),
    "valid": ("validation",),
    "val_size": ("validation",),
    "val_split": ("validation",),
    "validation_split": ("validation",),
    "test_size": ("test",),
    "test_split": ("test",),
    "train_test_split": ("test",),
    "group": ("by",),
    "n_splits": ("folds",),
    "k": ("folds",),
    "random_state": ("seed",),
    "random_seed": ("seed",),
    "transform": ("preprocess",),
    "normalize": ("preprocess",),
    "scaler": ("preprocess",),
    "layers": ("model", "layers"),
    "network": ("model",),
    "net": ("model",),
    "architecture": ("model",),
    "criterion": ("loss",),
    "loss_fn": ("loss",),
    "loss_function": ("loss",),
    "dataset": ("data", "source"),
    "experiment": ("name",),
    "title": ("name",),
    "lr_scheduler": ("schedule",),
    "scheduler": ("schedule",),
    "gradient_clip": ("clip",),
    "gradient_clip_val": ("clip",),
    "grad_clip": ("clip",),
    "regularization": ("penalty",),
    "regularizer": ("penalty",),
    "accumulate_grad_batches": ("accumulate",),
    "gradient_accumulation_steps": ("accumulate",),
    "num_epochs": ("epochs",),
    "n_epochs": ("epochs",),
    "max_epochs": ("epochs",),
    "iterations": ("epochs",),
    "metric": ("metrics", "objective", "monitor"),
    "augmentation": ("augment",),
    "augmentations": ("augment",),
    "transforms": ("augment",),
    "ema": ("average",),
    "max_norm": ("norm",),
    "sampler": ("search",),
    "method": ("search",),
    "algorithm": ("search",),
    "strategy": ("search",),
    "parameters": ("space",),
    "params": ("space",),
    "search_space": ("space",),
    "base": ("spec",),
    "config": ("spec",),
    "n_trials": ("trials",),
    "num_trials": ("trials",),
    "pruner": ("prune",),
    "seeds": ("repeats",),
    "timeout": ("max_time", "trial_timeout"),
    "min": ("ends",),
    "max": ("ends",),
    "low": ("ends",),
    "high": ("ends",),
}
"""Keys of other libraries, and what they are called here, where a section has that key."""

TOP = ("augment", "epochs", "loss", "model", "optimizer", "schedule", "weight_decay")
"""Keys of the spec itself that are often written in one of its sections, or in a sweep."""

REASONS: Mapping[str, str] = {
    **dict.fromkeys(
        ("device", "cuda", "gpu", "gpus", "accelerator", "use_gpu"),
        "remove it; dlrun trains on the processor",
    ),
    **dict.fromkeys(
        ("num_workers", "n_workers", "workers", "n_jobs", "threads"),
        "remove it; the environment variable DLRUN_THREADS sets the number of threads",
    ),
    **dict.fromkeys(
        ("precision", "amp", "fp16", "mixed_precision", "dtype"),
        "remove it; dlrun trains in 32-bit floating point",
    ),
    **dict.fromkeys(
        ("callbacks", "callback"),
        "write 'early_stopping', 'schedule' and 'checkpoint' as separate keys",
    ),
    **dict.fromkeys(
        ("logger", "loggers", "wandb", "tensorboard"),
        "remove it; every run directory has the metrics as files",
    ),
    **dict.fromkeys(
        ("output", "output_dir", "save_dir", "log_dir"), "use the option --runs of dlrun train"
    ),
    **dict.fromkeys(("verbose", "quiet"), "use the option --quiet"),
    **dict.fromkeys(
        ("in_features", "in_channels", "input_shape", "input_dim", "input_size"),
        "remove it; the size of the input follows from the layer before",
    ),
    **dict.fromkeys(
        ("steps", "max_steps", "num_steps", "steps_per_epoch"),
        "use 'epochs'; the number of steps follows from data.batch_size",
    ),
    "shuffle": "remove it; training samples are shuffled in every epoch",
    "train": "remove it; all samples outside of the other sets are the training set",
    "train_size": "remove it; all samples outside of the other sets are the training set",
    "activation": "write the activation as the next item of the list, such as '- relu'",
    "dropout": "add it to 'model' as an item, such as '- dropout: 0.5'",
}
"""Keys that nothing here corresponds to, and what to do."""


IN_COMPONENTS: Mapping[str, str] = {
    **dict.fromkeys(
        ("min", "max", "low", "high"), "write both ends as a list, such as 'uniform: [0.1, 0.5]'"
    ),
    "log": "use log_uniform or integer",
    "trials": "a grid tries all values; use random, sobol or bayes for a number of trials",
    "weight_decay": "write it at the top level of the spec",
    **dict.fromkeys(
        ("kernel_regularizer", "bias_regularizer", "activity_regularizer"),
        "write 'penalty: {l2: 1e-4}' at the top level of the spec",
    ),
    "metric": "write the score after 'minimize' or 'maximize'",
    "direction": "write the score after 'minimize' or 'maximize'",
}
"""Keys that a component or objective does not have, and what to do."""
