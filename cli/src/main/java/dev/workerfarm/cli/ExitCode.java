package dev.workerfarm.cli;

/** How the process ends; the design's list, and what a shell calls a closed pipe. */
final class ExitCode {
    static final int OK = 0;
    static final int TASK_FAILED = 1;
    static final int USAGE = 2;
    static final int UNREACHABLE = 3;
    static final int TIMED_OUT = 4;
    static final int INTERRUPTED = 130;
    static final int OUTPUT_CLOSED = 141;

    private ExitCode() {}
}
