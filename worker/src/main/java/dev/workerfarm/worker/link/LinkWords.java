package dev.workerfarm.worker.link;

/** The lines that a child process and its parent write to each other: a word, and for some a blank and the rest. */
public final class LinkWords {
    /** From the child: it consumes every queue of its lane. */
    public static final String READY = "READY";
    /** From the child: it does not consume. Another {@link #READY} follows when the broker is back. */
    public static final String NOT_READY = "NOT_READY";
    /** From the child: it ends at once. If it has not ended after a second, the parent kills it. */
    public static final String ENDING = "ENDING";
    /** From the child, the last line before exit code 3: why the broker cannot be used. */
    public static final String UNREACHABLE = "UNREACHABLE ";
    /** From the child: the report of the death of the named process is stored in Redis. */
    public static final String RECORDED = "RECORDED ";
    /** From the parent alone: a question for the metrics' values. From the child, with the values behind it: the answer. */
    public static final String METRICS = "METRICS";
    /** From the parent: a {@link DeathReport} follows on the line. Alone: all earlier deaths have been reported. */
    public static final String DIED = "DIED";

    private LinkWords() {}
}
