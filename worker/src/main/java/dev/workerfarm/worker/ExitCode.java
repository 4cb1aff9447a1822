package dev.workerfarm.worker;

/** What a worker process exits with. */
final class ExitCode {
    static final int STOPPED = 0;
    static final int USAGE = 2;
    static final int BROKER_UNREACHABLE = 3;
    static final int EXECUTOR_DIED = 1;
    /** A loop of the parent failed. */
    static final int PARENT_FAILED = 1;

    static final int RECYCLED = 71;
    /** A task that shall end does not: the process ends with it. */
    static final int HARD_LIMIT = 70;

    static final int OUT_OF_MEMORY = 72;

    private ExitCode() {}
}
