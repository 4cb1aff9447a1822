package dev.workerfarm.cli.output;

/** A command of {@code farm producer}. Made and filled by picocli. */
@FunctionalInterface
public interface Action {
    /** Does what was typed, and returns the exit code. An exception ends as a line on standard error and an exit code. */
    int run(Console console) throws Exception;
}
