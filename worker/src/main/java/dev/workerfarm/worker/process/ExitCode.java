package dev.workerfarm.worker.process;

/** What a worker process exits with. */
public final class ExitCode {
    public static final int STOPPED = 0;
    /** A loop of a lane, or of the parent, died. */
    public static final int LOOP_DIED = 1;

    public static final int USAGE = 2;
    public static final int BROKER_UNREACHABLE = 3;
    public static final int RECYCLED = 71;
    /** A task did not end at its hard limit or its revocation. */
    public static final int HARD_LIMIT = 70;

    public static final int OUT_OF_MEMORY = 72;

    private ExitCode() {}
}
