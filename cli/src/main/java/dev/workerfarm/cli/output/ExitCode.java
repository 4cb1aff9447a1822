package dev.workerfarm.cli.output;

import dev.workerfarm.error.BrokerUnreachableException;
import dev.workerfarm.error.PublishTimeoutException;
import dev.workerfarm.error.RedisTimeoutException;
import dev.workerfarm.error.RedisUnreachableException;
import dev.workerfarm.error.ResultTimeoutException;
import java.io.UncheckedIOException;

/** How a command's process ends: the design's list, and the code that a shell gives a process that wrote to a closed pipe. */
public final class ExitCode {
    public static final int OK = 0;
    public static final int FAILED = 1;
    public static final int USAGE = 2;
    public static final int UNREACHABLE = 3;
    public static final int TIMED_OUT = 4;
    public static final int INTERRUPTED = 130;
    public static final int OUTPUT_CLOSED = 141;

    private ExitCode() {}

    /** The code for whatever ended a command that was not interrupted. */
    public static int of(Exception e) {
        if (e instanceof Console.OutputClosedException) {
            return OUTPUT_CLOSED;
        }
        if (e instanceof RedisTimeoutException
                || e instanceof ResultTimeoutException
                || e instanceof PublishTimeoutException) {
            return TIMED_OUT;
        }
        if (e instanceof BrokerUnreachableException || e instanceof RedisUnreachableException) {
            return UNREACHABLE;
        }
        // A word of the command line, a variable, or a file that cannot be read.
        var usage = e instanceof IllegalArgumentException || e instanceof UncheckedIOException;
        return usage ? USAGE : FAILED;
    }
}
