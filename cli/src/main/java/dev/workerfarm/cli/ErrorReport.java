package dev.workerfarm.cli;

import dev.workerfarm.error.BrokerUnreachableException;
import dev.workerfarm.error.FarmException;
import dev.workerfarm.error.PublishTimeoutException;
import dev.workerfarm.error.RedisTimeoutException;
import dev.workerfarm.error.RedisUnreachableException;
import dev.workerfarm.error.ResultTimeoutException;
import java.io.UncheckedIOException;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.ParseResult;

/** Turns whatever ended a command into one line on standard error and an exit code. */
final class ErrorReport implements IExecutionExceptionHandler {
    private final Console console;

    ErrorReport(Console console) {
        this.console = console;
    }

    @Override
    public int handleExecutionException(Exception e, CommandLine command, ParseResult parsed) {
        var code = codeOf(e);
        if (code == ExitCode.INTERRUPTED || code == ExitCode.OUTPUT_CLOSED) {
            return code;
        }
        var known = e instanceof FarmException || code == ExitCode.USAGE;
        console.say("farm producer: " + (known ? String.valueOf(e.getMessage()) : "unexpected: " + e));
        if (command.getParseResult().matchedOptionValue("--verbose", false)) {
            e.printStackTrace(console.err());
        } else if (!known) {
            console.say("farm producer: --verbose shows where");
        }
        return code;
    }

    private static int codeOf(Exception e) {
        if (PoolSession.isShuttingDown() || Thread.currentThread().isInterrupted()) {
            return ExitCode.INTERRUPTED;
        }
        if (e instanceof OutputClosedException) {
            return ExitCode.OUTPUT_CLOSED;
        }
        if (e instanceof RedisTimeoutException) {
            return ExitCode.TIMED_OUT;
        }
        if (e instanceof BrokerUnreachableException || e instanceof RedisUnreachableException) {
            return ExitCode.UNREACHABLE;
        }
        if (e instanceof ResultTimeoutException || e instanceof PublishTimeoutException) {
            return ExitCode.TIMED_OUT;
        }
        // What was typed, a variable, or a file that cannot be read.
        var usage = e instanceof IllegalArgumentException || e instanceof UncheckedIOException;
        return usage ? ExitCode.USAGE : ExitCode.TASK_FAILED;
    }
}
