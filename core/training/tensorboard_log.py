"""The epochs of a run as TensorBoard logs, for those who know that tool; it need not be installed to write them."""

import tensorflow as tf

from core.runs.run import Run

PARTS = {"train": ("loss", "accuracy"), "validation": ("val_loss", "val_accuracy")}


def write_tensorboard(run: Run) -> None:
    """Write the losses and accuracies of all epochs, a folder for each part, so that their curves lie on each other."""
    # As tf.summary.scalar marks its values; that function itself needs TensorBoard.
    scalar = tf.compat.v1.SummaryMetadata(
        plugin_data=tf.compat.v1.SummaryMetadata.PluginData(plugin_name="scalars"), data_class="DATA_CLASS_SCALAR"
    )
    for part, fields in PARTS.items():
        with tf.summary.create_file_writer(str(run.tensorboard_path / part)).as_default():
            for epoch in run.epochs():
                for name, field in zip(("loss", "accuracy"), fields, strict=True):
                    tf.summary.write(name, tf.constant(getattr(epoch, field)), step=epoch.number, metadata=scalar)
