package dev.workerfarm.cli.output;

/** Nobody reads our results any more, as after {@code | head -1}: time to end, quietly. */
final class OutputClosedException extends RuntimeException {
    OutputClosedException() {
        super("standard output is closed");
    }
}
