package dev.workerfarm.cli;

import dev.workerfarm.cli.calls.PoolSession;
import dev.workerfarm.cli.output.Console;
import dev.workerfarm.cli.output.ExitCode;
import dev.workerfarm.error.FarmException;
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
        return ExitCode.of(e);
    }
}
