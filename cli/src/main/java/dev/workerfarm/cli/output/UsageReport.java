package dev.workerfarm.cli.output;

import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * Turns a command line that cannot be read into one line on standard error and an exit code; where something is missing or
 * unknown, the command's usage follows.
 */
public final class UsageReport implements IParameterExceptionHandler {
    private final Console console;

    public UsageReport(Console console) {
        this.console = console;
    }

    @Override
    public int handleParseException(ParameterException e, String[] args) {
        console.say("farm producer: " + e.getMessage());
        if (e instanceof MissingParameterException || e instanceof UnmatchedArgumentException) {
            UnmatchedArgumentException.printSuggestions(e, console.err());
            e.getCommandLine().usage(console.err());
        }
        return ExitCode.USAGE;
    }
}
